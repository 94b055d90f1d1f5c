"""Nothing gets through to Redis, and no connection is closed: each attempt to reach it takes
seconds, and whoever decides does not wait for one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_place import REPLY_S
from queue_engine.runtime.recovery import recover
from tests.faults.members import engines, note_row, until
from tests.redis_server import RedisServer
from tests.runtime.driver_world import enqueue

pytestmark = pytest.mark.redis

SILENT_S: Final = 4 * REPLY_S
PAUSE_S: Final = 0.02
STILL_S_MAX: Final = REPLY_S / 2
"""Much more than anything takes here but waiting for Redis."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path, "--appendfsync", "always") as server:
        yield server


class Stillness:
    """The longest time that the event loop stood still."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def watch(self) -> None:
        """Until cancelled."""
        now_s = asyncio.get_running_loop().time
        while True:
            before_s = now_s()
            await asyncio.sleep(PAUSE_S)
            self.longest_s = max(self.longest_s, now_s() - before_s - PAUSE_S)


async def test_a_decider_whose_redis_is_silent_goes_on_deciding(
    server: RedisServer, tmp_path: Path
) -> None:
    now_s, stillness = asyncio.get_running_loop().time, Stillness()
    took_s: list[float] = []
    async with engines(server, tmp_path, 1) as (first,):
        for number in range(5):
            await first.member.submit(enqueue(f"before-{number}"))
        watching = asyncio.create_task(stillness.watch())
        first.relay.fall_silent()
        until_s = now_s() + SILENT_S
        while now_s() < until_s:
            began_s = now_s()
            assert await first.member.submit(enqueue(f"c{len(took_s)}")) is not None
            took_s.append(now_s() - began_s)
            await asyncio.sleep(PAUSE_S)
        watching.cancel()
        assert first.member.is_degraded
        assert stillness.longest_s < STILL_S_MAX, "the loop asks nothing of Redis itself"
        long = {place for place, each in enumerate(took_s) if each > STILL_S_MAX}
        assert long <= {0}, "the first one alone waits: it was to be written to Redis"
        first.relay.heal()
        await until(lambda: not first.member.is_degraded, "Redis has all")
        with closing(RedisJournal(server.place())) as journal:
            assert len(recover(journal).contacts) == 5 + len(took_s)
        note_row(server, first, given=5 + len(took_s))


async def test_nor_does_it_wait_for_one_that_was_emptied_before(
    server: RedisServer, tmp_path: Path
) -> None:
    """What is there no more is begun anew: at the first try that finds it so, while it decides."""
    now_s = asyncio.get_running_loop().time
    took_s: list[float] = []
    async with engines(server, tmp_path, 1) as (first,):
        await first.member.submit(enqueue("before"))
        with server.client() as client:
            client.flushall()
        await first.member.submit(enqueue("emptied"))
        first.relay.fall_silent()
        until_s = now_s() + SILENT_S
        while now_s() < until_s:
            began_s = now_s()
            assert await first.member.submit(enqueue(f"c{len(took_s)}")) is not None
            took_s.append(now_s() - began_s)
            await asyncio.sleep(PAUSE_S)
        assert first.member.is_degraded
        assert max(took_s) < STILL_S_MAX, "all is decided in memory"
        first.relay.heal()
        await until(lambda: not first.member.is_degraded, "Redis has all")
        with closing(RedisJournal(server.place())) as journal:
            assert len(recover(journal).contacts) == 2 + len(took_s)
        note_row(server, first, given=2 + len(took_s))
