"""Two hundred wait, and something dies: all of them wait on, in the same order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import pytest

from queue_engine.core.invariants import check
from tests.faults.members import Engine, engines, join, level, note_row, until
from tests.redis_server import RedisServer
from tests.runtime.driver_world import enqueue

pytestmark = pytest.mark.redis

WAITING: Final = 200


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path, "--appendfsync", "always") as server:
        yield server


class Scene:
    """Two engines whose callers wait, the first of which decides."""

    def __init__(self, server: RedisServer, found: list[Engine], opened: AsyncExitStack) -> None:
        self.server = server
        self.found = found
        self._opened = opened

    async def kill(self, *numbers: int) -> None:
        """Of the engines those, at once."""
        await asyncio.gather(*(self.found[number].die() for number in numbers))

    async def start(self, *numbers: int) -> None:
        """As systemd would."""
        for number in numbers:
            folder = self.server.folder
            self.found[number] = await join(self.server, folder, self._opened)


async def the_decider(on: Scene) -> None:
    await on.kill(0)
    await until(lambda: on.found[1].decides, "the other one decides")
    await on.start(0)


async def the_follower(on: Scene) -> None:
    await on.kill(1)
    await on.start(1)


async def all_engines(on: Scene) -> None:
    await on.kill(0, 1)
    await on.start(0, 1)


async def all_engines_and_redis(on: Scene) -> None:
    on.server.kill()
    await on.kill(0, 1)
    on.server.start()
    await on.start(0, 1)


async def redis_with_its_file(on: Scene) -> None:
    on.server.kill()
    await until(lambda: on.found[0].member.node.is_cut_off, "it is noticed")
    on.server.start()


async def redis_without_its_file(on: Scene) -> None:
    on.server.kill()
    for path in (on.server.folder / "appendonlydir").glob("*"):
        path.unlink()
    on.server.start()


async def redis_with_a_torn_file(on: Scene) -> None:
    """Whole appends are missing at its end: the engines hold what it does not."""
    on.server.kill()
    log = next((on.server.folder / "appendonlydir").glob("*.incr.aof"))
    held = log.read_bytes()
    log.write_bytes(held[: -len(held) // 20])
    on.server.start()


async def redis_emptied(on: Scene) -> None:
    with on.server.client() as client:
        client.flushall()


@pytest.mark.parametrize(
    "kill",
    [
        the_decider,
        the_follower,
        all_engines,
        all_engines_and_redis,
        redis_with_its_file,
        redis_without_its_file,
        redis_with_a_torn_file,
        redis_emptied,
    ],
    ids=lambda kill: kill.__name__.replace("_", " "),
)
async def test_200_wait_on(
    server: RedisServer, tmp_path: Path, kill: Callable[[Scene], Coroutine[Any, Any, None]]
) -> None:
    async with AsyncExitStack() as opened, engines(server, tmp_path, 2) as found:
        asked = (
            found[number % 2].member.submit(enqueue(f"c{number}")) for number in range(WAITING)
        )
        await asyncio.gather(*asked)
        await level(found)
        before = places(found[0])
        await kill(Scene(server, found, opened))
        await until(lambda: sum(each.decides for each in found) == 1, "one of them decides")
        for number, each in enumerate(found):
            assert await each.member.submit(enqueue(f"late{number}")) is not None
        await level(found)
        for each in found:
            check(each.member.state)
            assert places(each)[:WAITING] == before
            assert len(places(each)) == WAITING + 2
        note_row(server, found[0], given=WAITING + 2)


def places(engine: Engine) -> list[tuple[str, int, int]]:
    """Who waits, in order."""
    waiting = sorted(engine.member.state.contacts.values(), key=lambda one: one.place)
    return [(one.contact_id, one.arrived_ms, one.sequence) for one in waiting]
