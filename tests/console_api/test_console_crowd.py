"""Two hundred who watch a day that goes at ten times its speed; and the benchmark of it works."""

from __future__ import annotations

import asyncio
import time
from itertools import count
from typing import Final

import pytest
from aiohttp import ClientSession, TCPConnector, WSMsgType

from benchmarks.figures import quantile
from benchmarks.http import Plan, measure
from queue_engine.console_api.live_hub import TICK_S
from routing.vocabulary import ContactId
from tests.console_api.api_world import TOKEN, ApiWorld, api_world

CLIENTS: Final = 200
LASTS_S: Final = 20.0
SPEED: Final = 10
STEP_S: Final = 0.1
TOPICS: Final = ("regions", "queue", "agents")


async def _watch(session: ClientSession, url: str, stop: asyncio.Event) -> int:
    """One client; how many messages it got until the end."""
    messages = 0
    async with session.ws_connect(url, protocols=("samko.v1",)) as ws:
        await ws.send_json({"token": TOKEN})
        await ws.send_json({"subscribe": TOPICS})
        while not stop.is_set():
            message = await ws.receive(timeout=10.0)
            assert message.type is WSMsgType.TEXT, "cut off"
            messages += 1
    return messages


async def _live_through(world: ApiWorld) -> list[float]:
    """Calls come, are answered and end; how long each command took, in seconds."""
    took_s: list[float] = []
    talking: list[ContactId] = []
    numbers = count()
    until_s = time.monotonic() + LASTS_S
    while (began_s := time.monotonic()) < until_s:
        contact_id = await world.caller("22", name=f"call-{next(numbers)}")
        took_s.append(time.monotonic() - began_s)
        if world.driver.state.contacts[contact_id].phone_id:
            await world.answer(contact_id)
            talking.append(contact_id)
        elif talking:
            done = talking.pop(0)
            await world.nurse_hangs_up(done)
            await world.gone(done)
        await asyncio.sleep(STEP_S)
        await world.wait(int(STEP_S * SPEED * 1_000))
    return took_s


@pytest.mark.soak
@pytest.mark.timeout(180)
async def test_two_hundred_watch_and_nobody_is_kept_waiting() -> None:
    async with api_world() as world, ClientSession(connector=TCPConnector(limit=0)) as session:
        for agent_id in ("n22-1", "n22-2", "n23-1"):
            await world.agent(agent_id)
        stop = asyncio.Event()
        url = world.url("/api/v1/live")
        clients = [asyncio.create_task(_watch(session, url, stop)) for _ in range(CLIENTS)]
        took_s = await _live_through(world)
        stop.set()
        messages = await asyncio.gather(*clients)
        hub = world.api.hub
        # A greeting and the first values, then each topic at most once a tick.
        most = (LASTS_S / TICK_S + 2) * len(TOPICS) + 1
        assert max(messages) <= most
        assert min(messages) >= most / 4
        assert hub.computed <= most, "computed once for all"
        assert world.api.sockets.cut_off == 0
        assert quantile(took_s, 0.99) < 0.25


@pytest.mark.timeout(60)
def test_the_benchmark_compares_both_servers() -> None:
    section = str(measure(Plan(requests=20, connections=2, clients=3, watch_s=1.0)))
    assert "| Samkö, 3 clients" in section
    assert "| bare aiohttp, 3 clients" in section
    assert "none of them is cut off: 0 were" in section
