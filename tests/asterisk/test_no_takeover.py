"""Both processors busy and callers coming all the while: who decides goes on deciding.

The lease is the engine's claim that it lives. If a machine with much to do could keep it from
renewing that in time, each busy hour would be a takeover.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import pytest

from queue_engine.core.events import ContactEnded
from queue_engine.journal.redis_lease import LEASE_MS, RedisLease
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import Outcome
from tests import fault_table
from tests.asterisk import fault_lab as lab
from tests.asterisk.engine import EngineFiles, agent_at
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.two_engines import started
from tests.redis_server import RedisServer

SECONDS: Final = int(os.environ.get("SAMKO_STRESS_SECONDS", "3600"))
CALLS_PER_SECOND: Final = 1
CALLS_AT_ONCE: Final = 60 * CALLS_PER_SECOND
WORKERS_PER_PROCESSOR: Final = 1
LOOK_S: Final = 0.05
TALK_MS: Final = 2_000
"""Longer than a busy Asterisk takes from a nurse's answer to the talk: who hangs up in between has
talked with nobody, and her caller waits on."""
SETTINGS: Final = (
    lab.short_lived("SAMKO_ANNOUNCE_ROUNDS", "2"),
    lab.short_lived("SAMKO_TALK_MS_MIN", "1000"),  # as shipped: see TALK_MS
    lab.NO_PAUSE,
)

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.redis,
    pytest.mark.soak,
    pytest.mark.timeout(SECONDS + 1_800),
]


class LeaseLooks:
    """What was seen of the lease, twenty times a second."""

    def __init__(self) -> None:
        self.holders: list[str] = []
        """Who has had it, each time that it changed."""
        self.looks = 0
        self.times_over = 0
        """How often it was nobody's."""
        self.oldest_ms = 0
        """The longest that it had not been renewed."""

    def see(self, held: tuple[str, int] | None) -> None:
        """One look, as `RedisLease.held_by` gives it."""
        self.looks += 1
        if held is None:
            self.times_over += 1
            return
        holder, left_ms = held
        self.oldest_ms = max(self.oldest_ms, LEASE_MS - left_ms)
        if self.holders[-1:] != [holder]:
            self.holders.append(holder)

    def __str__(self) -> str:
        return (
            f"{len(self.holders) - 1} takeovers; in {self.looks} looks the lease was at most"
            f" {self.oldest_ms} ms old of {LEASE_MS}, over {self.times_over} times"
        )

    async def look(self, lease: RedisLease) -> None:
        """Looks until cancelled."""
        while True:
            self.see(await asyncio.to_thread(lease.held_by))
            await asyncio.sleep(LOOK_S)


@asynccontextmanager
async def watched(redis: RedisServer) -> AsyncIterator[LeaseLooks]:
    """Somebody looks at the lease until the end of the block."""
    looks, lease = LeaseLooks(), RedisLease(redis.place(), "nobody")
    looking = asyncio.create_task(looks.look(lease))
    try:
        yield looks
    finally:
        looking.cancel()
        await asyncio.wait([looking])
        lease.close()
    assert looking.cancelled(), f"nobody has looked all the while: {looking.exception()}"


@contextmanager
def busy_processors() -> Iterator[None]:
    """All processors have as much to do as they can, until the end of the block."""
    program = shutil.which("stress")
    if program is None:
        text = "NOT TESTED with busy processors, for lack of: stress"
        if os.environ.get("SAMKO_REQUIRE_ALL") == "1":
            pytest.fail(text)
        pytest.skip(text)
    workers = WORKERS_PER_PROCESSOR * len(os.sched_getaffinity(0))
    # In a session of its own, as beside a service: a kernel that shares by session starved all
    # others, and not the engines alone, as long as these were in the session of the engines.
    command = (program, "--quiet", "--cpu", str(workers), "--timeout", str(SECONDS + 600))
    stress = subprocess.Popen(command, start_new_session=True)
    try:
        yield
        assert stress.poll() is None, "the processors had nothing to do"
    finally:
        stress.terminate()
        stress.wait()


async def call_all_the_while(switch: LocalAsterisk, seconds: float, looks: LeaseLooks) -> int:
    """Callers come for so long, and all have their talk; how many."""
    end_s, count = time.monotonic() + seconds, 0
    while time.monotonic() < end_s:
        async with (
            Nurse(switch, *lab.CROWD, talk_ms=TALK_MS),  # anew: no phone is known for ever
            Callers(switch, count=CALLS_AT_ONCE, rate=CALLS_PER_SECOND) as callers,
        ):
            count += CALLS_AT_ONCE

            async def are_through(callers: Callers = callers) -> bool:
                await asyncio.sleep(LOOK_S)
                return callers.sipp.has_ended

            await lab.until(are_through, "all have had their talk", deadline_s=300.0)
        print(f"{count} calls, {looks}", flush=True)
    return count


async def test_whoever_decides_goes_on_while_both_processors_are_busy(
    asterisk_tree: Path, redis: RedisServer, tmp_path: Path
) -> None:
    async with LocalAsterisk(asterisk_tree, phones=lab.CROWD, settings=SETTINGS) as switch:
        first, second = (
            EngineFiles(own, switch, changes=lab.SOON_READY, redis=redis.place(), host=host)
            for own, host in ((tmp_path / "e1", "127.0.0.1"), (tmp_path / "e2", "127.0.0.2"))
        )
        await first.sign_on_before_start(*(agent_at(phone) for phone in lab.CROWD))
        async with started(switch, first, second) as both:
            with busy_processors():
                async with watched(redis) as looks:
                    calls = await call_all_the_while(switch, SECONDS, looks)
                load = os.getloadavg()
            await both.second.stop()
            await both.first.stop()
            degraded = both.first.log.count("DEGRADED")
    records = lab.records_of(second)
    print(
        f"{SECONDS} s, {calls} calls, {len(records)} records, load {load[0]:.1f} / {load[2]:.1f},"
        f" in memory {degraded} times"
    )
    assert len(looks.holders) == 1, f"the decider changed: {looks.holders}"
    assert looks.times_over == 0
    assert len(lab.connections(records)) == calls
    lab.audit(records, every=500)
    # By what was recorded: of the first ones nothing is left in the state after an hour.
    ended = Counter(
        event.outcome
        for record in records
        for event in record.events
        if isinstance(event, ContactEnded)
    )
    fault_table.note(fault_table.Row(calls, ended.total(), ended[Outcome.LOST], 0, 0, 0))
    assert ended == {Outcome.HANDLED: calls}
