"""What every link must do, with a real core behind it: subclass `LinkContract`, give it a `world`.

    class TestEmbedded(LinkContract):
        @pytest.fixture
        async def world(self) -> AsyncIterator[LinkWorld]:
            ...

The world has a live link, nobody signed on, nobody calling; a phone rings long, and the shortest
talk counts. Its menu is the shortest there is.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol, TypeVar

from queue_engine.core import events as ev
from queue_engine.core.commands import (
    Actor,
    SetAgentNotReady,
    SetAgentReady,
    SetContactPriority,
)
from queue_engine.core.contact import ContactState
from queue_engine.core.invariants import check
from queue_engine.runtime.driver import Driver
from routing.vocabulary import AgentId, ContactId, NotReadyReason, Outcome, Priority

DEADLINE_S = 20.0

E = TypeVar("E", bound=ev.Event)


class EngineInHand(Protocol):
    """A running engine with its link, as the contract looks at it."""

    @property
    def driver(self) -> Driver:
        """Drives the core."""
        ...

    @property
    def menus_end(self) -> asyncio.Event:
        """The menu enqueues callers only while it is set."""
        ...

    async def at_work(self, *phones: str) -> None:
        """An agent signs on at each phone and is ready; she has the phone's name."""
        ...

    async def happened(self, kind: type[E], count: int = 1) -> E:
        """The `count`-th event of this kind; waits for it."""
        ...

    def all_of(self, kind: type[E]) -> list[E]:
        """The events of this kind so far."""
        ...


class CallerInHand(Protocol):
    """Somebody who has dialled."""

    async def hang_up(self) -> None:
        """The caller hangs up."""
        ...

    async def gone(self) -> None:
        """Until the switch has ended the call."""
        ...

    def was_dropped(self) -> bool:
        """Whether the switch has ended the call."""
        ...


class PhoneInHand(Protocol):
    """A phone that rings until it is told to do something else."""

    async def rings(self, count: int = 1) -> None:
        """Until it has been rung so often."""
        ...

    async def quiet(self) -> None:
        """Until a ringing has been called off."""
        ...

    async def answer(self) -> None:
        """Pick up."""
        ...

    async def reject(self) -> None:
        """Decline."""
        ...

    async def hang_up(self) -> None:
        """End the talk."""
        ...

    def rung(self) -> int:
        """How often it has been rung."""
        ...


class LinkWorld(ABC):
    """A switch with a link to an engine."""

    engine: EngineInHand

    @abstractmethod
    def caller(self) -> AbstractAsyncContextManager[CallerInHand]:
        """Somebody dials 1177."""

    @abstractmethod
    def phone(self, name: str) -> AbstractAsyncContextManager[PhoneInHand]:
        """A phone, `nurse1` to `nurse4`, that can be reached until the end of the block."""

    @abstractmethod
    async def short_rings(self) -> None:
        """From now on a phone rings so shortly that a test can wait for its end."""

    @abstractmethod
    async def long_talks(self) -> None:
        """From now on no talk that a test has is long enough to be one."""

    @abstractmethod
    async def in_menu(self) -> None:
        """Until the caller is in the menu."""

    @abstractmethod
    async def heard_of_hangups(self, count: int) -> None:
        """Until the link knows that so many callers have hung up."""

    @abstractmethod
    async def lose_link(self) -> None:
        """The link is lost, and stays so until `mend_link`; calls go on."""

    @abstractmethod
    async def mend_link(self) -> None:
        """The link is live again."""

    @abstractmethod
    async def new_engine(self) -> None:
        """The engine ends; another one goes on with its journal, and its link is live."""

    async def until(self, is_so: Callable[[], bool], what: str) -> None:
        """Waits until it is so."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not is_so():  # noqa: ASYNC110 - what is waited for tells nobody
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise AssertionError(f"not within {DEADLINE_S} s: {what}") from None

    async def submit(self, command: Any) -> None:
        """Has the engine decide on it."""
        await self.engine.driver.submit(command)

    def state_of(self, contact_id: ContactId) -> ContactState | None:
        """Where the engine has the contact."""
        return self.engine.driver.state.contacts[contact_id].state

    async def waiting(self, count: int) -> list[ContactId]:
        """Until so many wait; their ids, in the order of their calls."""
        await self.engine.happened(ev.ContactSeenWaiting, count)
        return [event.contact_id for event in self.engine.all_of(ev.ContactEnqueued)]

    async def ring_at(self, phone: PhoneInHand, name: str) -> None:
        """Its agent comes to work, and the phone rings for who waits or calls."""
        await self.engine.at_work(name)
        await phone.rings()

    async def talk_at(self, phone: PhoneInHand, name: str) -> ev.ContactConnected:
        """The same, until the first talk of all: she has answered."""
        await self.ring_at(phone, name)
        await phone.answer()
        return await self.engine.happened(ev.ContactConnected)

    @asynccontextmanager
    async def one_talks(self) -> AsyncIterator[tuple[PhoneInHand, CallerInHand]]:
        """The agent at `nurse1` talks with the only caller."""
        async with self.phone("nurse1") as nurse, self.caller() as caller:
            await self.talk_at(nurse, "nurse1")
            yield nurse, caller

    async def outcomes(self, count: int) -> list[Outcome]:
        """Until so many contacts have ended: how."""
        await self.engine.happened(ev.ContactEnded, count)
        return [event.outcome for event in self.engine.all_of(ev.ContactEnded)]


class LinkContract:
    """The contract, for a live link."""

    async def test_a_call_is_offered_answered_talked_and_wrapped_up(self, world: LinkWorld) -> None:
        async with world.phone("nurse1") as nurse, world.caller() as caller:
            connected = await world.talk_at(nurse, "nurse1")
            assert (connected.agent_id, connected.phone_id) == ("nurse1", "nurse1")
            await nurse.hang_up()
            await caller.gone()
            assert await world.outcomes(1) == [Outcome.HANDLED]
            await world.engine.happened(ev.WrapUpStarted)
        assert len(world.engine.all_of(ev.ContactOffered)) == 1
        assert world.engine.all_of(ev.LateReport) == []
        check(world.engine.driver.state)

    async def test_who_hangs_up_in_the_menu_is_not_waited_for(self, world: LinkWorld) -> None:
        world.engine.menus_end.clear()
        async with world.caller() as caller:
            await world.in_menu()
            await caller.hang_up()
            await world.heard_of_hangups(1)
            world.engine.menus_end.set()
            assert await world.outcomes(1) == [Outcome.ABANDONED]
        assert world.engine.all_of(ev.ContactOffered) == []

    async def test_who_hangs_up_while_waiting_has_abandoned(self, world: LinkWorld) -> None:
        async with world.caller() as caller, world.phone("nurse1") as nurse:
            await world.waiting(1)
            await caller.hang_up()
            assert await world.outcomes(1) == [Outcome.ABANDONED]
            await world.engine.at_work("nurse1")
            assert nurse.rung() == 0

    async def test_who_hangs_up_while_a_phone_rings_stops_it(self, world: LinkWorld) -> None:
        async with world.phone("nurse1") as nurse:
            await world.engine.at_work("nurse1")
            async with world.caller() as caller:
                await nurse.rings()
                await caller.hang_up()
                await nurse.quiet()
                assert await world.outcomes(1) == [Outcome.ABANDONED]
            assert world.engine.all_of(ev.AgentBecameNotReady) == []
            async with world.caller():
                await nurse.rings(2)
                await nurse.answer()
                await world.engine.happened(ev.ContactConnected)

    async def test_who_hangs_up_in_a_talk_was_handled(self, world: LinkWorld) -> None:
        async with world.one_talks() as (_, caller):
            await caller.hang_up()
            assert await world.outcomes(1) == [Outcome.HANDLED]
            await world.engine.happened(ev.WrapUpStarted)

    async def test_a_hangup_that_crosses_the_answer_leaves_the_agent_free(
        self, world: LinkWorld
    ) -> None:
        async with world.phone("nurse1") as nurse:
            await world.engine.at_work("nurse1")
            async with world.caller() as caller:
                await nurse.rings()
                await asyncio.gather(caller.hang_up(), nurse.answer())
                (outcome,) = await world.outcomes(1)
                assert outcome in (Outcome.ABANDONED, Outcome.HANDLED)
            talks = len(world.engine.all_of(ev.ContactConnected))
            await world.submit(SetAgentReady(AgentId("nurse1")))
            async with world.caller():
                await nurse.rings(2)
                await nurse.answer()
                await world.engine.happened(ev.ContactConnected, talks + 1)
            assert world.engine.all_of(ev.AgentBecameNotReady) == []
        check(world.engine.driver.state)

    async def test_a_hangup_that_crosses_the_withdrawal_loses_only_himself(
        self, world: LinkWorld
    ) -> None:
        async with world.phone("nurse1") as nurse, world.caller() as leaves, world.caller():
            first, second = await world.waiting(2)
            await world.ring_at(nurse, "nurse1")
            await asyncio.gather(leaves.hang_up(), world.submit(_emergency(second)))
            await nurse.rings(2)
            await nurse.answer()
            assert (await world.engine.happened(ev.ContactConnected)).contact_id == second
            assert await world.outcomes(1) == [Outcome.ABANDONED]
            assert world.state_of(first) is ContactState.ENDED

    async def test_a_rejected_offer_rings_the_next_phone(self, world: LinkWorld) -> None:
        async with (
            world.phone("nurse1") as first,
            world.phone("nurse2") as second,
            world.caller() as caller,
        ):
            await world.ring_at(first, "nurse1")
            await first.reject()
            cost = await world.engine.happened(ev.AgentBecameNotReady)
            assert (cost.agent_id, cost.reason) == ("nurse1", NotReadyReason.REJECTED)
            await world.talk_at(second, "nurse2")
            assert not caller.was_dropped()

    async def test_a_phone_that_is_not_there_costs_its_agent(self, world: LinkWorld) -> None:
        async with world.caller() as caller, world.phone("nurse2") as there:
            await world.engine.at_work("nurse1")
            cost = await world.engine.happened(ev.AgentBecameNotReady)
            assert (cost.agent_id, cost.reason) == ("nurse1", NotReadyReason.UNREACHABLE)
            await world.waiting(2)
            await world.ring_at(there, "nurse2")
            assert not caller.was_dropped()

    async def test_a_phone_rings_out_and_the_caller_waits_on(self, world: LinkWorld) -> None:
        await world.short_rings()
        async with world.phone("nurse1") as nurse, world.caller() as caller:
            await world.ring_at(nurse, "nurse1")
            await nurse.quiet()
            await world.engine.happened(ev.OfferRangOut)
            cost = await world.engine.happened(ev.AgentBecameNotReady)
            assert cost.reason is NotReadyReason.NO_ANSWER
            (contact_id, *_) = await world.waiting(2)
            assert world.state_of(contact_id) is ContactState.WAITING
            assert not caller.was_dropped()

    async def test_a_talk_that_was_too_short_gives_the_caller_back(self, world: LinkWorld) -> None:
        await world.long_talks()
        async with world.one_talks() as (first, caller), world.phone("nurse2") as second:
            # Else the caller who is back rings at her phone again, if that is quick enough.
            await world.submit(SetAgentNotReady(AgentId("nurse1"), NotReadyReason.OTHER))
            await first.hang_up()
            (contact_id, *_) = await world.waiting(2)
            await world.ring_at(second, "nurse2")
            await second.answer()
            again = await world.engine.happened(ev.ContactConnected, 2)
            assert (again.contact_id, again.phone_id) == (contact_id, "nurse2")
            assert not caller.was_dropped()

    async def test_a_withdrawn_offer_stops_ringing_and_its_caller_keeps_his_place(
        self, world: LinkWorld
    ) -> None:
        async with (
            world.phone("nurse1") as nurse,
            world.caller() as one,
            world.caller() as other,
        ):
            first, second = await world.waiting(2)
            await world.ring_at(nurse, "nurse1")
            await world.submit(_emergency(second))
            await nurse.rings(2)
            await nurse.answer()
            connected = await world.engine.happened(ev.ContactConnected)
            assert connected.contact_id == second
            (revoked,) = world.engine.all_of(ev.OfferRevoked)
            assert (revoked.contact_id, revoked.reason) == (first, ev.RevokeReason.WITHDRAWN)
            await nurse.hang_up()
            assert await world.outcomes(1) == [Outcome.HANDLED]
            await world.submit(SetAgentReady(AgentId("nurse1")))
            await nurse.rings(3)
            await nurse.answer()
            await world.engine.happened(ev.ContactConnected, 2)
            assert world.state_of(first) is ContactState.CONNECTED
            assert one.was_dropped() != other.was_dropped()
            assert world.engine.all_of(ev.AgentBecameNotReady) == []

    async def test_an_answer_that_crosses_a_withdrawal_loses_nobody(self, world: LinkWorld) -> None:
        async with world.phone("nurse1") as nurse, world.caller(), world.caller():
            _, second = await world.waiting(2)
            await world.ring_at(nurse, "nurse1")
            await asyncio.gather(nurse.answer(), world.submit(_emergency(second)))
            at_phone = _AtPhone(world, nurse, answered=1)
            while at_phone.ended < 2:
                await at_phone.next_step()
            assert await world.outcomes(2) == [Outcome.HANDLED, Outcome.HANDLED]
            assert world.engine.all_of(ev.AgentBecameNotReady) == []

    async def test_what_happens_while_the_link_is_lost_is_known_when_it_is_back(
        self, world: LinkWorld
    ) -> None:
        async with (
            world.one_talks() as (talks, talker),
            world.phone("nurse2") as free,
            world.caller() as leaver,
            world.caller() as stayer,
        ):
            _, left, stayed = await world.waiting(3)
            await world.lose_link()
            await world.engine.happened(ev.LinkLost)
            await leaver.hang_up()
            await talks.hang_up()
            await talker.gone()
            await world.engine.at_work("nurse2")
            assert world.engine.all_of(ev.ContactEnded) == [], "nobody could know"
            await world.mend_link()
            await world.outcomes(2)
            ended = {e.contact_id: e.outcome for e in world.engine.all_of(ev.ContactEnded)}
            assert ended.pop(left) is Outcome.LOST
            assert list(ended.values()) == [Outcome.HANDLED]
            await free.rings()
            await free.answer()
            again = await world.engine.happened(ev.ContactConnected, 2)
            assert again.contact_id == stayed
            assert not stayer.was_dropped()
        check(world.engine.driver.state)

    async def test_a_link_that_is_lost_while_a_phone_rings_or_talks_disturbs_neither(
        self, world: LinkWorld
    ) -> None:
        async with (
            world.one_talks() as (talks, talker),
            world.phone("nurse2") as rings,
            world.caller(),
        ):
            await world.ring_at(rings, "nurse2")
            await world.lose_link()
            await world.engine.happened(ev.LinkLost)
            await rings.answer()
            await world.mend_link()
            await world.engine.happened(ev.ContactConnected, 2)
            assert not talker.was_dropped()
            await talks.hang_up()
            assert await world.outcomes(1) == [Outcome.HANDLED]
            assert rings.rung() == talks.rung() == 1

    async def test_a_new_engine_finds_who_waits_in_order_who_rings_and_who_talks(
        self, world: LinkWorld
    ) -> None:
        async with (
            world.phone("nurse1") as talks,
            world.phone("nurse2") as rings,
            world.caller(),
            world.caller(),
            world.caller(),
        ):
            ids = await world.waiting(3)
            await world.talk_at(talks, "nurse1")
            await world.ring_at(rings, "nurse2")
            await world.new_engine()
            states = [world.state_of(contact_id) for contact_id in ids]
            wanted = [ContactState.CONNECTED, ContactState.OFFERED, ContactState.WAITING]
            assert states == wanted
            await world.engine.happened(ev.OfferSeen)
            await rings.answer()
            connected = await world.engine.happened(ev.ContactConnected)
            assert connected.contact_id == ids[1]
            await talks.hang_up()
            assert await world.outcomes(1) == [Outcome.HANDLED]
            assert rings.rung() == 1


class _AtPhone:
    """A nurse who answers every ringing, ends every talk and is ready again after it."""

    def __init__(self, world: LinkWorld, phone: PhoneInHand, answered: int) -> None:
        self.ended = 0
        self._world = world
        self._phone = phone
        self._answered = answered
        self._hung_up = 0

    async def next_step(self) -> None:
        """Until there is something to do, which is done."""
        count = self._count
        await self._world.until(
            lambda: (
                count(ev.ContactEnded) > self.ended
                or self._phone.rung() > self._answered
                or (count(ev.ContactConnected) > self._hung_up and self._is_talking)
            ),
            f"a ringing after {self._answered}, a talk after {self._hung_up}, or an end",
        )
        if count(ev.ContactEnded) > self.ended:
            self.ended = count(ev.ContactEnded)
            await self._world.submit(SetAgentReady(AgentId("nurse1")))
        elif self._phone.rung() > self._answered:
            self._answered = self._phone.rung()
            await self._phone.answer()
        else:
            self._hung_up = count(ev.ContactConnected)
            await self._phone.hang_up()

    @property
    def _is_talking(self) -> bool:
        """Else the talk that began is over already, and what she hung up would be the next one."""
        contacts = self._world.engine.driver.state.contacts.values()
        return any(contact.state is ContactState.CONNECTED for contact in contacts)

    def _count(self, kind: type[ev.Event]) -> int:
        return len(self._world.engine.all_of(kind))


def _emergency(contact_id: ContactId) -> SetContactPriority:
    return SetContactPriority(contact_id, Priority.EMERGENCY, Actor.CALLER, "emergency_key")
