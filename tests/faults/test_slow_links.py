"""Ways to Redis on which everything takes long: all goes on as it was, only later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from queue_engine.core.record import Record
from queue_engine.journal.redis_lease import LEASE_MS, RedisLease
from tests.faults.members import Engine, engines, level, note_row
from tests.redis_server import RedisServer
from tests.runtime.driver_world import enqueue

pytestmark = pytest.mark.redis

LEASES: Final = 2
"""So many times the lease could have run out."""
LOOK_S: Final = 0.05
PAUSE_S: Final = 0.05
"""Between two callers of one engine: together they are the country on a bad day."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path, "--appendfsync", "always") as server:
        yield server


class Leases:
    """What somebody near Redis sees of the lease."""

    def __init__(self, lease: RedisLease) -> None:
        self.holders: set[str] = set()
        """Empty: for a moment nobody."""
        self.oldest_ms = 0
        self._lease = lease

    async def look(self) -> None:
        """Looks until cancelled."""
        while True:
            held = await asyncio.to_thread(self._lease.held_by)
            holder, left_ms = held or ("", LEASE_MS)
            self.holders.add(holder)
            self.oldest_ms = max(self.oldest_ms, LEASE_MS - left_ms)
            await asyncio.sleep(LOOK_S)


@asynccontextmanager
async def seen(server: RedisServer) -> AsyncIterator[Leases]:
    lease = RedisLease(server.place(), "nobody")
    leases = Leases(lease)
    looking = asyncio.create_task(leases.look())
    try:
        yield leases
    finally:
        looking.cancel()
        await asyncio.wait([looking])
        lease.close()


async def ask(engine: Engine, name: str, until_s: float) -> list[Record | None]:
    """One caller after the other, each once the one before has his place."""
    answers: list[Record | None] = []
    while asyncio.get_running_loop().time() < until_s:
        answers.append(await engine.member.submit(enqueue(f"{name}-{len(answers)}")))
        await asyncio.sleep(PAUSE_S)
    return answers


@pytest.mark.parametrize(
    ("slow", "delay_ms"),
    [
        ("both", 300),
        pytest.param("both", 50, marks=pytest.mark.soak),
        *(
            pytest.param(slow, delay_ms, marks=pytest.mark.soak)
            for slow in ("who decides", "who follows")
            for delay_ms in (50, 300)
        ),
    ],
)
async def test_over_slow_lines_the_same_goes_on_deciding(
    server: RedisServer, tmp_path: Path, slow: str, delay_ms: int
) -> None:
    async with engines(server, tmp_path, 2, LEASE_MS) as (first, second):
        if slow != "who follows":
            first.relay.delay_s = delay_ms / 1_000
        if slow != "who decides":
            second.relay.delay_s = delay_ms / 1_000
        await level([first, second])
        async with seen(server) as leases:
            until_s = asyncio.get_running_loop().time() + LEASES * LEASE_MS / 1_000
            here, there = await asyncio.gather(ask(first, "a", until_s), ask(second, "b", until_s))
        await level([first, second])
        assert leases.holders == {first.start}, "nobody took over, and it was never over"
        assert not first.member.is_degraded
        assert None not in (*here, *there)
        contacts = sorted(second.member.state.contacts.values(), key=lambda one: one.sequence)
        for name, count in (("a", len(here)), ("b", len(there))):
            mine = [one.contact_id for one in contacts if one.contact_id.startswith(name)]
            assert mine == [f"{name}-{index}" for index in range(count)]
        note_row(server, second, given=len(here) + len(there))
