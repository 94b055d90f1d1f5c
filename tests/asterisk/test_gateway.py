"""Another contact centre hands its callers over, by a trunk that is configured as a gateway."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from queue_engine.core import events as ev
from queue_engine.telephony.local_asterisk import LocalAsterisk, Setting
from routing.vocabulary import HomeRegionSource, Priority
from tests.asterisk.conftest import LAB_PHONES, QUICK
from tests.asterisk.engine import EngineFiles, EngineHere
from tests.asterisk.fault_lab import tidy
from tests.asterisk.phones import Callers, Nurse

pytestmark = pytest.mark.asterisk

_FROM_ELSEWHERE = (Setting("pjsip.conf", "trunk", "match", "192.0.2.1"),)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gateway(asterisk_tree: Path) -> AsyncIterator[LocalAsterisk]:
    """An Asterisk to which everybody on this machine is the other contact centre."""
    lab = LocalAsterisk(asterisk_tree, phones=LAB_PHONES, settings=(*QUICK, *_FROM_ELSEWHERE))
    sample = (lab.config / "pjsip_gateways.conf.sample").read_text()
    lines = [line[1:] for line in sample.splitlines() if line[:1] == ";" and line[1:2].strip()]
    text = "\n".join(lines).replace("192.0.2.3", "127.0.0.1")
    (lab.folder / "etc" / "pjsip_gateways.conf").write_text(text + "\n")
    async with lab:
        yield lab
        await tidy(lab)


def told(region: str, arrived: int | str, priority: str) -> dict[str, str]:
    return {
        "X-Samko-Region": region,
        "X-Samko-Arrived": str(arrived),
        "X-Samko-Priority": priority,
    }


async def test_who_is_handed_over_keeps_his_place_and_hears_no_menu(
    gateway: LocalAsterisk, tmp_path: Path
) -> None:
    earlier_s = int(time.time()) - 600
    async with (
        EngineHere(EngineFiles(tmp_path, gateway)) as engine,
        Callers(gateway) as first,
        Callers(gateway, headers=told("22", earlier_s, "raised")),
    ):
        await first.answered()
        await engine.happened(ev.ContactSeenWaiting, 2)
        here, there = sorted(engine.events(ev.ContactEnqueued), key=lambda e: -e.arrived_ms)
        assert (there.home_region, there.home_region_source) == ("22", HomeRegionSource.NETWORK)
        assert (there.arrived_ms, there.priority) == (earlier_s * 1000, Priority.RAISED)
        assert here.priority is Priority.STANDARD
        async with Nurse(gateway, "nurse1"):
            await engine.agent("nurse1", region="22")
            (offered, *_) = await engine.happened(ev.ContactOffered)
            assert offered.contact_id == there.contact_id


async def test_what_cannot_be_is_not_believed(gateway: LocalAsterisk, tmp_path: Path) -> None:
    later_s = int(time.time()) + 600
    async with EngineHere(EngineFiles(tmp_path, gateway)) as engine:
        begun_ms = engine.service.driver.now_ms()
        headers = told("14),1(x", later_s, "${SHELL(id)}")
        async with Callers(gateway, headers=headers):
            (enqueued,) = await engine.happened(ev.ContactEnqueued)
            assert begun_ms - 1_000 <= enqueued.arrived_ms <= engine.service.driver.now_ms()
            assert enqueued.priority is Priority.STANDARD
            assert enqueued.home_region == "unknown"


async def test_from_any_other_trunk_nothing_of_it_is_read(
    asterisk: LocalAsterisk, tmp_path: Path
) -> None:
    headers = told("22", int(time.time()) - 600, "emergency")
    async with (
        EngineHere(EngineFiles(tmp_path, asterisk)) as engine,
        Callers(asterisk, headers=headers),
    ):
        (enqueued,) = await engine.happened(ev.ContactEnqueued)
        assert (enqueued.home_region, enqueued.priority) == ("unknown", Priority.STANDARD)
