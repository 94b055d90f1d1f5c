"""A real engine with the embedded network, at up to sixty times the wall's speed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from queue_engine.core import events as ev
from queue_engine.core.commands import (
    EnqueueContact,
    LoadPolicy,
    SetAgentReady,
    SignOnAgent,
)
from queue_engine.core.invariants import check
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.ticket import TICKET_VARIABLE, write_ticket
from queue_engine.journal.memory import MemoryJournal
from queue_engine.runtime.clock import Clock
from queue_engine.runtime.driver import Driver
from queue_engine.serve.queue_view import EngineView
from queue_engine.telephony.embedded.alarms import Alarms
from queue_engine.telephony.embedded.call import CallState, EmbeddedCall
from queue_engine.telephony.embedded.call_news import CallNews
from queue_engine.telephony.embedded.link import EmbeddedLink
from queue_engine.telephony.embedded.network import EmbeddedNetwork
from queue_engine.telephony.embedded.phone import EmbeddedPhone, PhoneState
from queue_engine.telephony.embedded.phone_news import PhoneNews
from queue_engine.telephony.embedded.times import NetworkTimes
from queue_engine.telephony.embedded.visit import CallVisit
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

LINK = LinkId("net1")
HOME = RegionCode("22")
POLICY = Policy("test", DEFAULT_PRIORITIES, (RegionPolicy(HOME, "Västernorrland"),))
NUMBER = "070-174 06 05"
DEADLINE_S = 10.0

E = TypeVar("E", bound=ev.Event)


class KeptJournal(MemoryJournal):
    """A journal whose records outlive their driver, as a file's do."""

    def close(self) -> None:
        """Nothing: the next engine goes on with it."""


@dataclass
class HeardCall:
    """A caller who remembers all that happens to him."""

    call: EmbeddedCall
    news: list[CallNews] = field(default_factory=list)

    @property
    def contact_id(self) -> ContactId:
        """The call's."""
        return self.call.contact_id

    def state(self) -> CallState:
        """Where the call is now."""
        return self.call.state

    def kinds(self) -> list[str]:
        """What happened, by name."""
        return [type(news).__name__ for news in self.news]


@dataclass
class HeardPhone:
    """An agent who remembers all that happens at her phone."""

    phone: EmbeddedPhone
    news: list[PhoneNews] = field(default_factory=list)

    def state(self) -> PhoneState:
        """What the phone does now."""
        return self.phone.state


class EmbeddedEngine:
    """`async with EmbeddedEngine() as engine:` runs until the end of the block.

    Args:
        journal: given to a second engine, the first one's records.
        network: given to a second engine, the first one's calls and phones.
        speed: of the engine's clock.
        visit: instead of the shortest menu there is.
        restores: whether the journal's calls are made again.
        plugged_in: phones that are before the link runs.
        times: of the network.
        wall: the network's alarms of the wall.
    """

    def __init__(
        self,
        journal: MemoryJournal | None = None,
        network: EmbeddedNetwork | None = None,
        *,
        speed: float = 60.0,
        visit: Callable[..., Awaitable[None]] | None = None,
        restores: bool = False,
        plugged_in: tuple[str, ...] = (),
        times: NetworkTimes | None = None,
        wall: Alarms | None = None,
    ) -> None:
        self._speed = speed
        self.clock = Clock(speed=speed)
        self.driver = Driver(journal or MemoryJournal(), clock_of=self._clock_of)
        self.view = EngineView(self.driver)
        self.owns_network = network is None
        self.network = network or EmbeddedNetwork(
            LINK,
            now_ms=lambda: self.clock.now_ms(),
            sleep_ms=lambda wait_ms: self.clock.sleep_ms(wait_ms),
            visit=visit or self.menu,
            times=times,
            wall=wall,
        )
        self.phones = {name: self.phone(name) for name in plugged_in}
        self.link = self.new_link()
        self.events: list[ev.Event] = []
        self.menus_end = asyncio.Event()
        """The menu enqueues callers only while it is set."""
        self.menus_end.set()
        self.priorities: list[Priority] = []
        self._restores = restores
        self._tasks: list[asyncio.Task[None]] = []
        self.linking: asyncio.Task[None]

    def _clock_of(self, floor_ms: int) -> Clock:
        self.clock = Clock(floor_ms, speed=self._speed)
        return self.clock

    def new_link(self) -> EmbeddedLink:
        """A link of the network to this engine."""
        return EmbeddedLink(
            self.network,
            submit=self.driver.submit,
            follow=lambda: self.driver.follow("telephony"),
            view=self.view,
            now_ms=self.driver.now_ms,
        )

    async def __aenter__(self) -> Self:
        await self.driver.start()
        self._tasks.append(asyncio.create_task(self._listen()))
        await asyncio.sleep(0)
        self._tasks.append(asyncio.create_task(self.driver.run()))
        self.driver.on_stall(self.link.stalled)
        await self.driver.submit(LoadPolicy(write_policy(POLICY)))
        if self._restores:
            self.network.restore(self.driver.state.contacts.values())
        self.linking = asyncio.create_task(self.link.run())
        self._tasks.append(self.linking)
        await self.until(lambda: self.driver.state.is_link_up(LINK), "the link")
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in reversed(self._tasks):
            task.cancel()
        ends = await asyncio.gather(*self._tasks, return_exceptions=True)
        check(self.driver.state)
        await self.driver.close()
        if self.owns_network:
            await self.network.close()
        assert all(isinstance(end, asyncio.CancelledError) for end in ends), ends

    async def menu(self, script: str, call: CallVisit, *_arguments: str) -> None:
        """Enqueues the caller, as `ivr.flow` does at the end of its menu."""
        if script != "call":
            return
        await self.menus_end.wait()
        priority = self.priorities.pop(0) if self.priorities else Priority.STANDARD
        await self.driver.submit(
            EnqueueContact(
                call.contact_id,
                LINK,
                LineId("1177"),
                self.driver.now_ms(),
                priority,
                (),
                HOME,
                HomeRegionSource.NETWORK,
            )
        )
        carried = self.view.ticket_of(call.contact_id)
        if carried is not None:
            call.set(TICKET_VARIABLE, write_ticket(carried[0]))
            call.set("SAMKO_IVR", "done")

    def dial(self, **options: Any) -> HeardCall:
        """Somebody calls 1177."""
        heard: list[CallNews] = []
        return HeardCall(self.network.dial("1177", NUMBER, listener=heard.append, **options), heard)

    def phone(self, name: str) -> HeardPhone:
        """A phone that is plugged in."""
        phone = self.network.phone(PhoneId(name))
        phone.plug_in()
        heard: list[PhoneNews] = []
        phone.listener = heard.append
        return HeardPhone(phone, heard)

    async def at_work(self, *phones: str) -> None:
        """An agent signs on at each phone and is ready; she has the phone's name."""
        for phone in phones:
            agent = AgentId(phone)
            await self.driver.submit(SignOnAgent(agent, LINK, PhoneId(phone), HOME, ()))
            await self.driver.submit(SetAgentReady(agent))

    async def happened(self, kind: type[E], count: int = 1) -> E:
        """The `count`-th event of this kind; waits for it."""
        await self.until(lambda: len(self.all_of(kind)) >= count, kind.__name__)
        return self.all_of(kind)[count - 1]

    def all_of(self, kind: type[E]) -> list[E]:
        """The events of this kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, is_so: Callable[[], bool], what: str) -> None:
        """Wait until it is so; the failure shows what has happened."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not is_so():  # noqa: ASYNC110 - what is waited for tells nobody
                    await asyncio.sleep(0.002)
        except TimeoutError:
            told = "\n".join(str(event) for event in self.events)
            raise AssertionError(f"not within {DEADLINE_S} s: {what}\n{told}") from None

    async def _listen(self) -> None:
        async for record in self.driver.follow("test"):
            self.events += record.events
