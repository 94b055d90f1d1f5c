"""The link of the embedded network, with a fake engine in the test's hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from queue_engine.core import events as ev
from queue_engine.core.commands import (
    Actor,
    CallerPlace,
    CallTicket,
    OfferFailure,
    ReportCallerGone,
    ReportCallerWaiting,
    ReportConnected,
    ReportLinkLost,
    ReportOfferFailed,
    ReportSwitch,
)
from queue_engine.core.errors import Refused
from queue_engine.core.ticket import TICKET_VARIABLE, write_ticket
from queue_engine.runtime.clock import Clock
from queue_engine.telephony.embedded import link as link_module
from queue_engine.telephony.embedded.call import CallState, EmbeddedCall
from queue_engine.telephony.embedded.link import EmbeddedLink
from queue_engine.telephony.embedded.network import EmbeddedNetwork
from queue_engine.telephony.embedded.phone import EmbeddedPhone, PhoneState
from queue_engine.telephony.embedded.visit import CallVisit
from queue_engine.telephony.link_counts import LinkState
from routing.vocabulary import PhoneId, Priority
from tests.telephony.fake_ami import until
from tests.telephony.link_world import LINK, FakeEngine, ticket


class World:
    """A network whose menu is over at once, linked to a fake engine."""

    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.engine.gate.set()
        clock = Clock()
        self.network = EmbeddedNetwork(
            LINK, now_ms=clock.now_ms, sleep_ms=clock.sleep_ms, visit=self._menu
        )
        self.submit: Callable[[Any], Awaitable[Any]] = self.engine.submit
        self.link = EmbeddedLink(
            self.network,
            submit=lambda command: self.submit(command),
            follow=self.engine.follow,
            view=self.engine,
            now_ms=clock.now_ms,
        )
        self.running: asyncio.Task[None] | None = None

    async def _menu(self, _script: str, call: CallVisit, *_arguments: str) -> None:
        call.set("SAMKO_IVR", "done")

    async def run(self) -> None:
        """The link runs, and its first picture has been taken."""
        self.running = asyncio.create_task(self.link.run())
        await until(lambda: len(self.of(ReportSwitch)) == 1)

    async def waiting(self) -> EmbeddedCall:
        """A caller whom the engine knows as waiting."""
        call = self.network.dial("1177", None)
        self.engine.contacts[call.contact_id] = LINK
        reports = len(self.of(ReportCallerWaiting))
        await until(lambda: len(self.of(ReportCallerWaiting)) > reports)
        return call

    def phone(self, name: str = "nurse1") -> EmbeddedPhone:
        """A phone that is plugged in."""
        phone = self.network.phone(PhoneId(name))
        phone.plug_in()
        return phone

    def of(self, kind: type) -> list[Any]:
        """The reports of this kind."""
        return self.engine.of(kind)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    if world.running is not None:
        world.running.cancel()
        await asyncio.gather(world.running, return_exceptions=True)
    await world.network.close()


async def test_it_begins_with_the_whole_picture(world: World) -> None:
    call = world.network.dial("1177", None)
    carried = ticket(call.contact_id)
    call.variables[TICKET_VARIABLE] = write_ticket(carried)
    await until(lambda: call.state is CallState.WAITING)
    await world.run()
    assert world.link.state is LinkState.LIVE
    assert world.engine.commands == world.of(ReportSwitch), "what was before is in the picture"
    (seen,) = world.of(ReportSwitch)[0].callers
    assert (seen.contact_id, seen.place) == (call.contact_id, CallerPlace.WAITING)
    assert seen.ticket == carried
    assert seen.channel_started_ms == call.arrived_ms


async def test_an_offer_rings_and_an_answer_is_reported(world: World) -> None:
    await world.run()
    call, phone = await world.waiting(), world.phone()
    world.engine.offer(call.contact_id, 7, "nurse1")
    await until(lambda: phone.state is PhoneState.RINGING)
    phone.answer()
    await until(lambda: world.of(ReportConnected) != [])
    assert world.of(ReportConnected) == [ReportConnected(call.contact_id, LINK, phone.phone_id, 7)]


async def test_an_offer_that_no_longer_stands_is_not_rung_and_its_caller_waits(
    world: World,
) -> None:
    await world.run()
    call, phone = await world.waiting(), world.phone()
    rung: list[object] = []
    phone.listener = rung.append
    world.engine.offer(call.contact_id, 7, "nurse1")
    world.engine.revoke(call.contact_id, 7)
    await until(lambda: len(world.of(ReportCallerWaiting)) == 2)
    assert world.link.counts.overtaken == 1
    assert rung == []
    assert call.state is CallState.WAITING


async def test_a_busy_phone_refuses_and_its_talk_goes_on(world: World) -> None:
    await world.run()
    first, second, phone = await world.waiting(), await world.waiting(), world.phone()
    world.engine.offer(first.contact_id, 1, "nurse1")
    await until(lambda: phone.state is PhoneState.RINGING)
    phone.answer()
    world.engine.offer(second.contact_id, 2, "nurse1")
    await until(lambda: world.of(ReportOfferFailed) != [])
    assert world.of(ReportOfferFailed) == [
        ReportOfferFailed(second.contact_id, 2, OfferFailure.REJECTED)
    ]
    assert phone.call is first
    world.engine.offer(first.contact_id, 3, "nurse1")
    world.engine.offer(second.contact_id, 4, "nurse2")
    await until(lambda: len(world.of(ReportOfferFailed)) == 2)
    assert first.state is CallState.TALKING, "nobody is taken out of a talk"


async def test_an_offer_rings_another_phone_instead_if_the_engine_says_so(world: World) -> None:
    await world.run()
    call, one, other = await world.waiting(), world.phone("nurse1"), world.phone("nurse2")
    world.engine.offer(call.contact_id, 1, "nurse1")
    await until(lambda: one.state is PhoneState.RINGING)
    world.engine.offer(call.contact_id, 2, "nurse2")
    await until(lambda: other.state is PhoneState.RINGING)
    assert one.state is PhoneState.IDLE
    world.engine.revoke(call.contact_id, 1)
    world.engine.revoke(call.contact_id, 2)
    await until(lambda: call.state is CallState.WAITING)
    assert other.state is PhoneState.IDLE


async def test_a_cut_link_carries_nothing_and_tells_all_when_it_is_mended(world: World) -> None:
    await world.run()
    call, phone = await world.waiting(), world.phone()
    world.link.cut()
    world.link.cut()
    await until(lambda: world.of(ReportLinkLost) == [ReportLinkLost(LINK)])
    world.engine.offer(call.contact_id, 5, "nurse1")
    await until(lambda: world.link.counts.effects_dropped == 1)
    assert phone.state is PhoneState.IDLE
    gone = world.network.dial("1177", None)
    await until(lambda: gone.state is CallState.WAITING)
    gone.hang_up()
    assert not await world.link.reconcile()
    world.link.mend()
    world.link.mend()
    await until(lambda: len(world.of(ReportSwitch)) == 2)
    (seen,) = world.of(ReportSwitch)[1].callers
    assert (seen.contact_id, seen.place) == (call.contact_id, CallerPlace.WAITING)
    assert world.of(ReportCallerGone) == []


async def test_a_picture_claims_nothing_of_who_is_about_to_be_rung(world: World) -> None:
    await world.run()
    call = await world.waiting()
    world.engine.offers[call.contact_id] = 9  # decided, and not heard of yet
    assert await world.link.reconcile()
    await until(lambda: len(world.of(ReportSwitch)) == 2)
    (seen,) = world.of(ReportSwitch)[1].callers
    assert (seen.place, seen.offer) == (CallerPlace.MENU, None)


async def test_a_stall_and_a_feed_that_was_cut_ask_for_a_picture(world: World) -> None:
    await world.run()
    world.link.stalled()
    world.link.stalled()
    await until(lambda: len(world.of(ReportSwitch)) == 2)
    world.engine.feed.close()
    await until(lambda: world.link.counts.feed_cuts == 1)
    await until(lambda: len(world.of(ReportSwitch)) == 3)
    call, phone = await world.waiting(), world.phone()
    world.engine.offer(call.contact_id, 1, "nurse1")
    await until(lambda: phone.state is PhoneState.RINGING)


async def test_a_report_that_is_not_taken_is_followed_by_a_picture(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.run()
    take = world.submit

    async def refuse(command: Any) -> None:
        if isinstance(command, ReportCallerWaiting):
            raise Refused("overloaded", "too much is waiting")
        await take(command)

    world.submit = refuse
    call = world.network.dial("1177", None)
    await until(lambda: world.link.counts.reports_failed == 1)
    await until(lambda: len(world.of(ReportSwitch)) == 2)
    assert [seen.contact_id for seen in world.of(ReportSwitch)[1].callers] == [call.contact_id]
    assert "ReportCallerWaiting not taken" in caplog.text


async def test_too_many_reports_begin_the_link_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "REPORTS_MAX", 10)
    await world.run()
    calls = [await world.waiting() for _ in range(12)]
    for call in calls[:11]:
        call.hang_up()
    assert world.link.counts.reports_dropped == 10
    await until(lambda: len(world.of(ReportSwitch)) == 2)
    assert [seen.contact_id for seen in world.of(ReportSwitch)[1].callers] == [calls[11].contact_id]
    assert world.of(ReportLinkLost) == [ReportLinkLost(LINK)]


async def test_a_newer_ticket_is_put_on_the_call(world: World) -> None:
    await world.run()
    call = await world.waiting()
    newer: CallTicket = ticket(call.contact_id, record=12)
    world.engine.tickets[call.contact_id] = (newer, 1)
    changed = ev.ContactPriorityChanged(
        call.contact_id, Priority.URGENT, Actor.CALLER, "worse_key", record=12
    )
    world.engine.happen(changed)
    await until(lambda: call.variables.get("SAMKO_PRIO") == "1")
    await world.link.reconcile()
    await until(lambda: len(world.of(ReportSwitch)) == 2)
    (seen,) = world.of(ReportSwitch)[1].callers
    assert seen.ticket == newer
