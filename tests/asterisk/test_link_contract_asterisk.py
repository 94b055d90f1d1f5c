"""The contract of links, on a real Asterisk with real phones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

import pytest

from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk.link_lab import KeptJournal, LinkedEngine
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.proxy import Proxy
from tests.telephony.link_contract import CallerInHand, LinkContract, LinkWorld, PhoneInHand

pytestmark = pytest.mark.asterisk

_LAB_TALK_MS = 1
"""What the lab's Asterisk takes for a talk."""


class _Gate(Proxy):
    """A wire to the manager that can be shut."""

    is_open = True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_open:
            await super()._serve(reader, writer)
        else:
            writer.transport.abort()

    def shut(self) -> None:
        """Cut, and let nobody connect."""
        self.is_open = False
        self.cut()


class _Behind:
    """An Asterisk whose manager is reached through a gate."""

    def __init__(self, asterisk: LocalAsterisk, gate: Proxy) -> None:
        self.ami_port = gate.port
        self._asterisk = asterisk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._asterisk, name)


class _Caller:
    """A `CallerInHand`."""

    def __init__(self, caller: Callers) -> None:
        self._caller = caller

    async def hang_up(self) -> None:
        await self._caller.hang_up()

    async def gone(self) -> None:
        await self._caller.gone()

    def was_dropped(self) -> bool:
        return self._caller.was_dropped()


class _Phone:
    """A `PhoneInHand`."""

    def __init__(self, nurse: Nurse) -> None:
        self._nurse = nurse

    def rung(self) -> int:
        return len(self._nurse.invites())

    async def rings(self, count: int = 1) -> None:
        await self._nurse.invited(count=count)

    async def quiet(self) -> None:
        await self._nurse.cancelled()

    async def answer(self) -> None:
        await self._nurse.answer()

    async def reject(self) -> None:
        await self._nurse.decline()

    async def hang_up(self) -> None:
        await self._nurse.hang_up()


class AsteriskWorld(LinkWorld):
    """A real Asterisk, its manager behind a gate."""

    engine: LinkedEngine

    def __init__(self, asterisk: LocalAsterisk, gate: _Gate) -> None:
        self._asterisk = asterisk
        self._gate = gate
        self._journal = KeptJournal()
        self._connections = 1

    async def start(self) -> None:
        """An engine, linked."""
        behind = cast(LocalAsterisk, _Behind(self._asterisk, self._gate))
        self.engine = LinkedEngine(behind, self._journal)
        await self.engine.__aenter__()
        self._connections = 1

    async def stop(self) -> None:
        """The present engine ends."""
        await self.engine.__aexit__()

    @asynccontextmanager
    async def caller(self) -> AsyncIterator[CallerInHand]:
        async with Callers(self._asterisk) as caller:
            await caller.answered()  # so that callers come in the order in which they are made
            yield _Caller(caller)

    @asynccontextmanager
    async def phone(self, name: str) -> AsyncIterator[PhoneInHand]:
        async with Nurse(self._asterisk, name, reply="ring") as nurse:
            yield _Phone(nurse)

    async def short_rings(self) -> None:
        await self.set_global("SAMKO_RING_SECONDS", 1)

    async def long_talks(self) -> None:
        await self.set_global("SAMKO_TALK_MS_MIN", 60_000)

    async def set_global(self, name: str, value: int) -> None:
        """Changes one of the dialplan's own seconds."""
        await self._asterisk.cli(f"dialplan set global {name} {value}")

    async def in_menu(self) -> None:
        await self.engine.agi.visited("call")

    async def heard_of_hangups(self, count: int) -> None:
        await self.until(lambda: not self.engine.link.board.legs, "the end of all legs")

    async def lose_link(self) -> None:
        self._gate.shut()

    async def mend_link(self) -> None:
        self._gate.is_open = True
        self._connections += 1
        await self.engine.live(self._connections)

    async def new_engine(self) -> None:
        await self.stop()
        await self.start()


class TestAsterisk(LinkContract):
    """Phones ring for ten seconds unless a test says otherwise."""

    @pytest.fixture
    async def world(self, asterisk: LocalAsterisk) -> AsyncIterator[LinkWorld]:
        async with AsyncExitStack() as stack:
            gate = await stack.enter_async_context(_Gate(asterisk.ami_port))
            world = AsteriskWorld(asterisk, gate)
            await world.set_global("SAMKO_RING_SECONDS", 10)
            stack.push_async_callback(world.set_global, "SAMKO_RING_SECONDS", 1)
            stack.push_async_callback(world.set_global, "SAMKO_TALK_MS_MIN", _LAB_TALK_MS)
            await world.start()
            yield world
            await world.stop()
