"""What tests against a real Asterisk share."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from queue_engine.telephony.local_asterisk import LocalAsterisk, Setting
from tests.asterisk.fault_lab import PATIENT, tidy
from tests.redis_server import RedisServer
from tools.asterisk_tree import TreeUnavailable, ensure_tree

LAB_PHONES = (*(f"nurse{number}" for number in range(1, 13)), "nurse-x")
QUICK = (
    Setting("extensions.conf", "globals", "SAMKO_ROUND_SECONDS", "1"),
    Setting("extensions.conf", "globals", "SAMKO_ANNOUNCE_ROUNDS", "3"),
    Setting("extensions.conf", "globals", "SAMKO_RING_SECONDS", "1"),
    Setting("extensions.conf", "globals", "SAMKO_AGI_SECONDS", "2"),
    Setting("queues.conf", "samko-national", "wrapuptime", "0"),
)
"""Seconds that a test can wait for; what they bound is the same."""


@pytest.fixture(scope="session")
def asterisk_tree() -> Path:
    """The unpacked Asterisk, with sipp beside it. Without them: a failure where everything is
    required (SAMKO_REQUIRE_ALL=1), else a skip that says what is missing."""
    missing: list[str] = []
    if shutil.which("sipp") is None:
        missing.append("sipp (apt-get install sip-tester)")
    if not _may_send_raw():
        missing.append("leave to send raw packets, by which sipp plays RFC 4733 keys (root)")
    tree = Path()
    try:
        tree = ensure_tree()
    except TreeUnavailable as exc:
        missing.append(f"a local Asterisk: {exc}")
    if missing:
        text = "NOT TESTED against a real Asterisk, for lack of: " + "; ".join(missing)
        if os.environ.get("SAMKO_REQUIRE_ALL") == "1":
            pytest.fail(text)
        pytest.skip(text)
    return tree


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_asterisk(asterisk_tree: Path) -> AsyncIterator[LocalAsterisk]:
    """One Asterisk for all tests that leave it as they found it, with short limits."""
    lab = LocalAsterisk(asterisk_tree, phones=LAB_PHONES, settings=QUICK, verbose=3)
    async with lab:
        yield lab


@pytest_asyncio.fixture
async def asterisk(shared_asterisk: LocalAsterisk) -> AsyncIterator[LocalAsterisk]:
    """The shared Asterisk, without calls and without anybody in the fallback."""
    yield shared_asterisk
    await tidy(shared_asterisk)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_patient_asterisk(asterisk_tree: Path) -> AsyncIterator[LocalAsterisk]:
    """One more, whose callers wait for a silent engine as long as the shipped dialplan does."""
    async with LocalAsterisk(asterisk_tree, phones=LAB_PHONES, settings=PATIENT) as lab:
        yield lab


@pytest_asyncio.fixture
async def patient_asterisk(shared_patient_asterisk: LocalAsterisk) -> AsyncIterator[LocalAsterisk]:
    """The same, without calls and without anybody in the fallback."""
    yield shared_patient_asterisk
    await tidy(shared_patient_asterisk)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of the test's own, which writes its file before it answers."""
    folder = tmp_path / "redis"
    folder.mkdir()
    with RedisServer(folder, "--appendfsync", "always") as server:
        yield server


def _may_send_raw() -> bool:
    """Root, or a process with the capability to open raw sockets."""
    status = Path("/proc/self/status").read_text()
    effective = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    cap_net_raw = 13
    return bool(int(effective.split()[1], 16) >> cap_net_raw & 1)
