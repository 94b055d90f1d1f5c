"""A driver under the test's hands: its clock, its journal, and what may go wrong with both."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from queue_engine.core import commands as cmd
from queue_engine.core.errors import JournalError
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.record import Record
from queue_engine.journal.base import Journal
from queue_engine.journal.memory import MemoryJournal
from queue_engine.runtime.clock import Clock
from queue_engine.runtime.driver import SNAPSHOT_EVERY, Driver
from queue_engine.runtime.journal_hand import QUICK_S
from routing.vocabulary import (
    AgentId,
    ContactId,
    HomeRegionSource,
    LineId,
    PhoneId,
    Priority,
    RegionCode,
    Skill,
    SkillLevel,
)
from tests.core.world import ADVICE, LINK, POLICY, START_MS

DEADLINE_S = 10.0


class HandClock(Clock):
    """Goes where the test sets it."""

    def __init__(self, now_ms: int = START_MS) -> None:
        super().__init__()
        self.ms = now_ms

    def now_ms(self) -> int:
        return self.ms

    def of(self, floor_ms: int) -> Clock:
        """As the driver makes its clock: no earlier than the last record."""
        self.ms = max(self.ms, floor_ms)
        return self


class GatedJournal(MemoryJournal):
    """Its appends wait at a gate, and fail as often as asked. So slow that a thread makes them."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.failures = 0
        self.batches: list[int] = []

    def append(self, expected_last: int, records: Sequence[bytes]) -> None:
        self.entered.set()
        assert self.gate.wait(DEADLINE_S), "nobody opened the gate"
        time.sleep(QUICK_S)
        if self.failures:
            self.failures -= 1
            raise JournalError("the disk is full")
        super().append(expected_last, records)
        self.batches.append(len(records))


@asynccontextmanager
async def running(
    journal: Journal,
    clock: HandClock | None = None,
    *,
    snapshot_every: int = SNAPSHOT_EVERY,
) -> AsyncIterator[Driver]:
    """A driver that runs; at the end it is cancelled, and its journal stays open."""
    clock = clock or HandClock()
    driver = Driver(journal, clock_of=clock.of, snapshot_every=snapshot_every)
    await driver.start()
    task = asyncio.create_task(driver.run())
    try:
        yield driver
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(condition: Callable[[], bool], what: str) -> None:
    """Waits for a condition, DEADLINE_S at most."""
    deadline = asyncio.get_running_loop().time() + DEADLINE_S
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"not in time: {what}"
        await asyncio.sleep(0.002)


def load() -> cmd.Command:
    """The rules of the small country."""
    return cmd.LoadPolicy(write_policy(POLICY))


def enqueue(name: str, priority: Priority = Priority.STANDARD) -> cmd.EnqueueContact:
    """A caller of region 22."""
    return cmd.EnqueueContact(
        contact_id=ContactId(name),
        link_id=LINK,
        line_id=LineId("1177"),
        arrived_ms=START_MS,
        priority=priority,
        needs=ADVICE,
        home_region=RegionCode("22"),
        home_region_source=HomeRegionSource.AREA_CODE,
    )


def seen(name: str) -> cmd.Command:
    """The switch shows the caller waiting."""
    caller = cmd.SeenCaller(ContactId(name), cmd.CallerPlace.WAITING, START_MS)
    return cmd.ReportCallerWaiting(LINK, caller)


def sign_on(name: str) -> cmd.Command:
    """A nurse of region 22."""
    skills = (SkillLevel(Skill("advice")),)
    return cmd.SignOnAgent(AgentId(name), LINK, PhoneId(f"p-{name}"), RegionCode("22"), skills)


def picture(*names: str, asked_ms: int = START_MS) -> cmd.Command:
    """The switch is in reach and shows these callers waiting."""
    callers = tuple(
        cmd.SeenCaller(ContactId(name), cmd.CallerPlace.WAITING, START_MS) for name in names
    )
    return cmd.ReportSwitch(LINK, asked_ms, callers)


async def begin(driver: Driver) -> None:
    """Rules, a switch in reach, one caller whose offer rings at a1."""
    for command in (load(), picture(), enqueue("c1"), seen("c1"), sign_on("a1")):
        await driver.submit(command)
    await driver.submit(cmd.SetAgentReady(AgentId("a1")))


def names(records: Sequence[Record]) -> list[str]:
    """The events of records by name."""
    return [type(event).__name__ for record in records for event in record.events]
