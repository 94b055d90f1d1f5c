"""Engines of one journal in a real Redis, in one process, each behind a relay of its own."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from queue_engine.core.commands import LoadPolicy
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.snapshot import digest
from queue_engine.journal.base import Snapshot
from queue_engine.journal.degraded import FallbackJournal
from queue_engine.journal.out_of_reach import OutOfReach
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_nodes import RedisNodes
from queue_engine.runtime.calendar import Calendar
from queue_engine.runtime.clock import wall_ms
from queue_engine.runtime.recovery import record_of
from queue_engine.serve.journal import OpenedJournal
from queue_engine.serve.member import Member
from queue_engine.serve.set_aside import SetAside
from routing.vocabulary import Outcome
from tests import fault_table
from tests.core.world import POLICY
from tests.patience import eventually
from tests.redis_relay import Relay
from tests.redis_server import RedisServer

until: Final = eventually
"""As the tests of these engines call it: none of them blocks."""
LEASE_MS: Final = 1_000
CUT_OFF_S: Final = 1.5


class Engine:
    """One start of an engine. Its way to Redis may be cut."""

    def __init__(self, member: Member, relay: Relay) -> None:
        self.member = member
        self.relay = relay
        self.task = asyncio.create_task(member.run())

    @property
    def start(self) -> str:
        return self.member.node.start

    @property
    def is_there(self) -> bool:
        """Whether it has not ended by itself."""
        return not self.task.done()

    @property
    def decides(self) -> bool:
        return self.is_there and self.member.decides

    async def end(self) -> None:
        """In order: the lease is given up."""
        self.task.cancel()
        await asyncio.wait([self.task])
        await self.member.close()

    async def die(self) -> None:
        """Nothing of it reaches Redis any more, as if it were killed."""
        self.relay.cut()
        await self.end()


@asynccontextmanager
async def engines(
    server: RedisServer, folder: Path, count: int, lease_ms: int = LEASE_MS
) -> AsyncIterator[list[Engine]]:
    """The first decides. At the end all that are there still are ended."""
    async with AsyncExitStack() as opened:
        found: list[Engine] = []
        try:
            for _ in range(count):
                found.append(await join(server, folder, opened, lease_ms))
            await until(lambda: found[0].decides, "the first decides")
            yield found
        finally:
            for each in found:
                await each.end()


async def join(
    server: RedisServer,
    folder: Path,
    opened: AsyncExitStack,
    lease_ms: int = LEASE_MS,
    opening_s: float = 0,
) -> Engine:
    """One more engine; its relay ends with `opened`.

    Args:
        lease_ms: how long it holds the lease each time.
        opening_s: so long it takes to open the journal as the one who decides.
    """
    relay = opened.enter_context(Relay(server.port))
    place = replace(server.place(), port=relay.port)
    aside = SetAside(folder / "unjournaled")

    def open_journal(holder: str) -> OpenedJournal:
        time.sleep(opening_s)
        return opened_over(RedisJournal(place, holder))

    def open_out_of_reach(held: Snapshot) -> OpenedJournal:
        return opened_over(OutOfReach(held, "cut off"))

    def opened_over(kept: RedisJournal | OutOfReach) -> OpenedJournal:
        journal = FallbackJournal(kept, lambda _: None, set_aside=aside)
        return OpenedJournal(journal, kept, folder / "ledger")

    rules = LoadPolicy(write_policy(POLICY))
    member = Member(place, open_journal, open_out_of_reach, rules, lease_ms, CUT_OFF_S)
    member.calendar = Calendar((), member.submit_here, wall_ms)
    await member.start()
    return Engine(member, relay)


async def hand_over(server: RedisServer, to: Engine) -> None:
    """Asks for it, and waits."""
    nodes = RedisNodes(server.place())
    try:
        await asyncio.to_thread(nodes.wish, to.start)
        await until(lambda: to.decides, "it decides")
    finally:
        nodes.close()


async def level(found: list[Engine]) -> None:
    """Until all that are there hold the same; asserts that it is the same to the last row."""
    there = [each for each in found if each.is_there]

    def are_level() -> bool:
        return len({each.member.state.record_number for each in there}) == 1

    await until(are_level, "all hold the same number of records")
    assert len({digest(each.member.state) for each in there}) == 1


def answered(server: RedisServer) -> list[tuple[str, int]]:
    """The origins of all records in the journal, in order."""
    journal = RedisJournal(server.place())
    records = [record_of(stored) for stored in journal.read(journal.kept_after())]
    journal.close()
    found = [record.origin for record in records]
    return [(origin.start, origin.count) for origin in found if origin is not None]


def note_row(server: RedisServer, engine: Engine, given: int, more: str = "") -> None:
    """Notes for the table what has become of so many who had been told that they have a place.

    Args:
        more: see `fault_table.note`.
    """
    outcomes = Counter(one.outcome for one in engine.member.state.contacts.values())
    alive, cut = outcomes.pop(None, 0), outcomes.pop(Outcome.LOST, 0)
    ended, origins = sum(outcomes.values()), answered(server)
    lost = max(0, given - ended - cut - alive)
    twice = len(origins) - len(set(origins))
    fault_table.note(fault_table.Row(given, ended, cut, alive, twice, lost), more)
