"""The API in a thread of its own, for clients that are not asyncio."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from queue_engine.console_api.ports import Reload
from queue_engine.runtime.clock import Clock
from routing.vocabulary import Priority
from tests.console_api.api_world import DEADLINE_S, ApiWorld, api_world


async def _reload() -> Reload:
    return Reload("test")


async def _inhabit(world: ApiWorld) -> None:
    """Somebody of each kind is there: waiting, ringing, talking, wrapped up, ended."""
    for agent_id in ("n22-1", "n22-2", "n23-1"):
        await world.agent(agent_id)
    talking = await world.caller("22", name="c1")
    await world.answer(talking)
    done = await world.caller("22", name="c2")
    await world.answer(done)
    await world.nurse_hangs_up(done)
    await world.gone(done)
    await world.caller("23", name="c3")
    for region in ("22", "24", "01", "unknown"):
        await world.caller(region, Priority.RAISED)


@contextmanager
def live_server() -> Iterator[tuple[str, dict[str, str]]]:
    """Its address and the headers that show the token."""
    loop = asyncio.new_event_loop()
    started: list[tuple[str, dict[str, str]]] = []
    is_up, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with api_world(reload=_reload, speed=Clock()) as world:
            await _inhabit(world)
            started.append((world.url("/").rstrip("/"), dict(world.client.headers)))
            is_up.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        assert is_up.wait(DEADLINE_S), "the server has not started"
        yield started[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(DEADLINE_S)
        loop.close()
