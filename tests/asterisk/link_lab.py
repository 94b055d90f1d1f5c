"""The real core and a real link on a real Asterisk; only the menu is the shortest there is."""

from __future__ import annotations

import asyncio
from typing import Self, TypeVar

from queue_engine.core import events as ev
from queue_engine.core.commands import (
    EnqueueContact,
    LoadPolicy,
    SetAgentReady,
    SignOnAgent,
)
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.ticket import write_ticket
from queue_engine.journal.memory import MemoryJournal
from queue_engine.runtime.driver import Driver
from queue_engine.serve.queue_view import EngineView
from queue_engine.telephony.ami_connection import AmiConnection, AmiTimes
from queue_engine.telephony.ami_link import AmiLink
from queue_engine.telephony.beat import BeatTimes
from queue_engine.telephony.link_counts import LinkState
from queue_engine.telephony.link_times import LinkTimes
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.policy import DEFAULT_PRIORITIES, Policy
from routing.region_policy import RegionPolicy
from routing.vocabulary import (
    AgentId,
    ContactId,
    HomeRegionSource,
    LineId,
    LinkId,
    PhoneId,
    Priority,
    RegionCode,
)
from tests.asterisk.lab_engine import Agi, AgiServer
from tests.asterisk.patience import PATIENCE_S

LINK = LinkId("ast1")
HOME = RegionCode("22")
POLICY = Policy("test", DEFAULT_PRIORITIES, (RegionPolicy(HOME, "Västernorrland"),))
TIMES = AmiTimes(ping_every_s=0.3, ping_s=0.5, pause_s_max=0.3)

E = TypeVar("E", bound=ev.Event)


class KeptJournal(MemoryJournal):
    """A journal whose records outlive their driver, as a file's do."""

    def close(self) -> None:
        """Nothing: the next engine goes on with it."""


class LinkedEngine:
    """`async with LinkedEngine(asterisk) as engine:` runs until the end of the block.

    Args:
        asterisk: where it links to.
        journal: given to a second engine, the first one's records.
        priorities: of the callers, in the order of their menus; standard after the last.
    """

    def __init__(
        self,
        asterisk: LocalAsterisk,
        journal: MemoryJournal | None = None,
        priorities: list[Priority] | None = None,
    ) -> None:
        self.driver = Driver(journal or MemoryJournal())
        self.view = EngineView(self.driver)
        self.link = AmiLink(
            LINK,
            AmiConnection(
                "127.0.0.1",
                asterisk.ami_port,
                asterisk.ami_user,
                asterisk.ami_secret,
                times=TIMES,
            ),
            submit=self.driver.submit,
            follow=lambda: self.driver.follow("telephony"),
            view=self.view,
            beat=self.driver.beat,
            now_ms=self.driver.now_ms,
            times=LinkTimes(beat=BeatTimes(every_s=0.2)),
        )
        self.events: list[ev.Event] = []
        self.menus_end = asyncio.Event()
        """The menu enqueues callers only while it is set."""
        self.menus_end.set()
        self.agi = AgiServer(asterisk, call=self._menu)
        self._priorities = priorities or []
        self._tasks: list[asyncio.Task[None]] = []
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.driver.start()
        self._tasks.append(asyncio.create_task(self._listen()))
        await asyncio.sleep(0)
        self._tasks.append(asyncio.create_task(self.driver.run()))
        self.driver.on_stall(self.link.stalled)
        await self.driver.submit(LoadPolicy(write_policy(POLICY)))
        self._tasks.append(asyncio.create_task(self.link.run()))
        await self.agi.__aenter__()
        await self.live()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.agi.__aexit__()
        for task in reversed(self._tasks):
            task.cancel()
        ends = await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.driver.close()
        assert all(isinstance(end, asyncio.CancelledError) for end in ends), ends

    async def live(self, connections: int = 1, deadline_s: float = PATIENCE_S) -> None:
        """Wait until the link has been live so often."""
        counts = self.link.counts
        await until(
            lambda: self.link.state is LinkState.LIVE and counts.connections >= connections,
            deadline_s,
        )

    async def at_work(self, *phones: str) -> None:
        """An agent signs on at each phone and is ready; she has the phone's name."""
        for phone in phones:
            agent = AgentId(phone)
            await self.driver.submit(SignOnAgent(agent, LINK, PhoneId(phone), HOME, ()))
            await self.driver.submit(SetAgentReady(agent))

    async def happened(self, kind: type[E], count: int = 1, deadline_s: float = PATIENCE_S) -> E:
        """The `count`-th event of this kind; waits for it."""
        await until(lambda: len(self.all_of(kind)) >= count, deadline_s, kind.__name__, self)
        return self.all_of(kind)[count - 1]

    def all_of(self, kind: type[E]) -> list[E]:
        """The events of this kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    async def _menu(self, agi: Agi) -> None:
        contact = ContactId(agi.headers["agi_uniqueid"])
        await self.menus_end.wait()
        priority = self._priorities.pop(0) if self._priorities else Priority.STANDARD
        await self.driver.submit(
            EnqueueContact(
                contact,
                LINK,
                LineId("1177"),
                self.driver.now_ms(),
                priority,
                (),
                HOME,
                HomeRegionSource.NETWORK,
            )
        )
        carried = self.view.ticket_of(contact)
        if carried is not None:
            ticket, tier = carried
            await agi.command(f'SET VARIABLE SAMKO_TICKET "{write_ticket(ticket)}"')
            await agi.command(f"SET VARIABLE SAMKO_PRIO {tier}")
            await agi.command("SET VARIABLE SAMKO_IVR done")

    async def _listen(self) -> None:
        async for record in self.driver.follow("test"):
            self.events += record.events


async def until(
    condition: object, deadline_s: float, what: str = "", engine: LinkedEngine | None = None
) -> None:
    """Wait until `condition()` is true; the failure shows what has happened."""
    assert callable(condition)
    try:
        async with asyncio.timeout(deadline_s):
            while not condition():  # noqa: ASYNC110 - what is waited for tells nobody
                await asyncio.sleep(0.005)
    except TimeoutError:
        told = "\n".join(str(event) for event in engine.events) if engine else ""
        raise AssertionError(f"not within {deadline_s} s: {what}\n{told}") from None
