"""The contract of links, on the embedded network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest

from queue_engine.telephony.embedded import call_news, phone_news
from queue_engine.telephony.embedded.call import CallState
from queue_engine.telephony.embedded.times import NetworkTimes
from tests.telephony.embedded.embedded_world import (
    EmbeddedEngine,
    HeardCall,
    HeardPhone,
    KeptJournal,
)
from tests.telephony.link_contract import DEADLINE_S, LinkContract, LinkWorld


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not is_so():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.002)


class _Caller:
    """A `CallerInHand`."""

    def __init__(self, heard: HeardCall) -> None:
        self._heard = heard

    async def hang_up(self) -> None:
        self._heard.call.hang_up()

    async def gone(self) -> None:
        await _until(lambda: self._heard.state() is CallState.ENDED)

    def was_dropped(self) -> bool:
        dropped = call_news.Ended(call_news.EndReason.AGENT_HUNG_UP)
        return dropped in self._heard.news


class _Phone:
    """A `PhoneInHand`."""

    def __init__(self, heard: HeardPhone) -> None:
        self._heard = heard

    def rung(self) -> int:
        return sum(isinstance(news, phone_news.Ringing) for news in self._heard.news)

    async def rings(self, count: int = 1) -> None:
        await _until(lambda: self.rung() >= count)

    async def quiet(self) -> None:
        await _until(lambda: any(isinstance(news, phone_news.Idle) for news in self._heard.news))

    async def answer(self) -> None:
        self._heard.phone.answer()

    async def reject(self) -> None:
        self._heard.phone.reject()

    async def hang_up(self) -> None:
        self._heard.phone.hang_up()


class EmbeddedWorld(LinkWorld):
    """The embedded network at the wall's speed."""

    engine: EmbeddedEngine

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._journal = KeptJournal()

    async def start(self) -> None:
        """An engine with a network of its own."""
        times = NetworkTimes(talk_ms_min=0)
        self.engine = EmbeddedEngine(self._journal, speed=1.0, times=times)
        self._stack.push_async_callback(self.engine.network.close)
        self.engine.owns_network = False
        await self.engine.__aenter__()

    async def stop(self) -> None:
        """The present engine ends."""
        await self.engine.__aexit__()

    @asynccontextmanager
    async def caller(self) -> AsyncIterator[_Caller]:
        yield _Caller(self.engine.dial())

    @asynccontextmanager
    async def phone(self, name: str) -> AsyncIterator[_Phone]:
        heard = self.engine.phone(name)
        yield _Phone(heard)
        heard.phone.unplug()

    async def short_rings(self) -> None:
        exchange = self.engine.network.exchange
        exchange.times = replace(exchange.times, ring_ms=100)

    async def long_talks(self) -> None:
        exchange = self.engine.network.exchange
        exchange.times = replace(exchange.times, talk_ms_min=60_000)

    async def in_menu(self) -> None:
        assert self.engine.network.calls()[-1].state is CallState.MENU

    async def heard_of_hangups(self, count: int) -> None:
        assert self.engine.network.calls() == ()

    async def lose_link(self) -> None:
        self.engine.link.cut()

    async def mend_link(self) -> None:
        self.engine.link.mend()

    async def new_engine(self) -> None:
        network = self.engine.network
        await self.stop()
        self.engine = EmbeddedEngine(self._journal, network, speed=1.0)
        await self.engine.__aenter__()


class TestEmbedded(LinkContract):
    """Time goes as at the wall; nothing here waits for it."""

    @pytest.fixture
    async def world(self) -> AsyncIterator[LinkWorld]:
        async with AsyncExitStack() as stack:
            world = EmbeddedWorld(stack)
            await world.start()
            yield world
            await world.stop()
