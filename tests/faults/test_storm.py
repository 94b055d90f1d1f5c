"""Engines on one journal while everything breaks: what was answered has happened, and once."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import pytest

from queue_engine.core.errors import EngineStopped, Refused
from queue_engine.core.invariants import check
from queue_engine.journal.redis_nodes import RedisNodes
from routing.vocabulary import ContactId
from tests import fault_table
from tests.faults.members import Engine, answered, engines, join, level, until
from tests.redis_server import RedisServer
from tests.runtime.driver_world import enqueue

pytestmark = pytest.mark.redis

SEED: Final = int(os.environ.get("SAMKO_SOAK_SEED", "1"))
ENGINES: Final = 3
FAULTS: Final = ("cut", "heal", "hand over", "die", "redis killed", "emptied", "calm")
SILENT: Final = (*FAULTS, "silent", "silent")
"""Nothing gets through to one of them either, and nobody is told: as a cut, but what is asked is
waited for."""
PAUSE_S: Final = 0.4


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path, "--appendfsync", "always") as server:
        yield server


class Storm:
    """Callers come at any engine; what was told to whom is kept."""

    def __init__(
        self, server: RedisServer, found: list[Engine], seed: int, faults: Sequence[str]
    ) -> None:
        self.server = server
        self.found = found
        self.chance = random.Random(seed)
        self.kept: set[str] = set()
        """Whoever was told that he has a place, by an engine whose records were in Redis; when
        that is emptied, by two engines: what only one holds then dies with it."""
        self._since_emptied = 0
        self.done: dict[str, int] = dict.fromkeys(faults, 0)
        self._faults = faults
        self._asked: set[asyncio.Task[None]] = set()
        self._count = 0

    def call(self) -> None:
        """One more caller, at any engine that is there."""
        there = [each for each in self.found if each.is_there]
        if there:
            self._count += 1
            task = asyncio.create_task(self._call(f"c{self._count}", self.chance.choice(there)))
            self._asked.add(task)
            task.add_done_callback(self._asked.discard)

    async def _call(self, name: str, engine: Engine) -> None:
        try:
            record = await engine.member.submit(enqueue(name))
        except EngineStopped:
            return  # he has been told that it is not known
        except Refused as refused:
            if refused.code == "too_late":
                return
            raise
        assert record is not None, f"{name} was there before it came"
        if not engine.member.is_degraded and engine.is_there:
            self.kept.add(name)

    async def end(self) -> None:
        """All have been told something."""
        await asyncio.gather(*self._asked)

    async def break_something(self, opened: AsyncExitStack) -> None:
        """Or nothing. A second thing, but no third, before an emptied Redis is filled again."""
        if self._since_emptied == 2:
            await self.calm(opened)
            await until_kept(self.server)
        self._since_emptied = (self._since_emptied + 1) % 3 if self._since_emptied else 0
        fault = self.chance.choice(self._faults)
        self.done[fault] += 1
        index = self.chance.randrange(len(self.found))
        engine = self.found[index]
        if fault == "cut":
            engine.relay.cut()
        elif fault == "silent":
            engine.relay.fall_silent()
        elif fault == "heal":
            engine.relay.heal()
        elif fault == "die":
            await engine.die()
            self.found[index] = await join(self.server, self.server.folder, opened)
        elif fault == "redis killed":
            await asyncio.to_thread(self.server.kill)
            await asyncio.sleep(PAUSE_S * self.chance.random())
            await asyncio.to_thread(self.server.start)
        elif fault == "emptied":
            await asyncio.to_thread(self._empty)
            self._since_emptied = 1
            there = [each for each in self.found if each.is_there and each.relay.passes]
            held = Counter(one for each in there for one in each.member.state.contacts)
            self.kept = {name for name in self.kept if held[ContactId(name)] > 1}
        elif fault == "hand over":
            await asyncio.to_thread(self._wish, engine.start)

    async def calm(self, opened: AsyncExitStack) -> None:
        """All ways are open; who has ended by itself is started again, as systemd would."""
        for index, engine in enumerate(self.found):
            engine.relay.heal()
            if not engine.is_there:
                await engine.end()
                self.found[index] = await join(self.server, self.server.folder, opened)

    def _empty(self) -> None:
        with self.server.client() as client:
            client.flushall()

    def _wish(self, start: str) -> None:
        nodes = RedisNodes(self.server.place())
        nodes.wish(start)
        nodes.close()


async def until_kept(server: RedisServer) -> None:
    """Until Redis has a journal again, and somebody the lease."""
    nodes = RedisNodes(server.place())

    def is_kept() -> bool:
        found = nodes.picture()
        return bool(found.last_number and found.holder)

    try:
        await until(is_kept, "the journal is begun anew")
    finally:
        nodes.close()


async def until_one_decides(server: RedisServer, found: list[Engine]) -> None:
    """Until the only one who does has the lease: one that was cut off may not know yet that another
    has it, or is about to end for it."""
    nodes = RedisNodes(server.place())

    def is_so() -> bool:
        there = [each for each in found if each.is_there]
        deciding = [each.start for each in there if each.decides]
        is_one_away = any(each.member.node.is_cut_off for each in there)
        return not is_one_away and deciding == [nodes.picture().holder]

    try:
        await until(is_so, "one of them decides, and has the lease")
    finally:
        nodes.close()


async def weather(
    server: RedisServer, folder: Path, seed: int, rounds: int, faults: Sequence[str] = FAULTS
) -> Storm:
    """Breaks so many things, one after the other, and looks what is left."""
    async with AsyncExitStack() as opened, engines(server, folder, ENGINES) as found:
        storm = Storm(server, found, seed, faults)
        for _ in range(rounds):
            await storm.break_something(opened)
            for _ in range(20):
                storm.call()
                await asyncio.sleep(PAUSE_S / 20)
            if storm.chance.random() < 0.5:
                await storm.calm(opened)
        await storm.calm(opened)
        await storm.end()
        await storm.calm(opened)
        await until_one_decides(server, found)
        await storm.calm(opened)
        assert await found[0].member.submit(enqueue("last")) is not None
        await level(found)
        origins = answered(server)
        twice = len(origins) - len(set(origins))
        for engine in found:
            check(engine.member.state)
            lost = storm.kept - engine.member.state.contacts.keys()
            given, alive = len(storm.kept), len(storm.kept) - len(lost)
            row = fault_table.Row(given, 0, 0, alive, twice, len(lost))
            fault_table.note(row, more=f", seed {seed}")
            assert not lost, f"seed {seed}: {len(lost)} of {len(storm.kept)} lost, {storm.done}"
        assert not twice, "one command is in two records"
        return storm


async def test_what_was_answered_has_happened_and_once(server: RedisServer, tmp_path: Path) -> None:
    storm = await weather(server, tmp_path, seed=1, rounds=8)
    assert storm.kept


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("faults", [FAULTS, SILENT], ids=["told", "silent"])
async def test_through_a_long_storm(
    server: RedisServer, tmp_path: Path, faults: Sequence[str]
) -> None:
    for seed in range(SEED, SEED + 20):
        server.kill()
        for path in (tmp_path / "appendonlydir").glob("*"):
            path.unlink()
        server.start()
        storm = await weather(server, tmp_path, seed, 30, faults)
        print(f"seed {seed}: {len(storm.kept)} answered, none lost:", storm.done)
