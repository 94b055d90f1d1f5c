"""The process ends and another goes on from the journal: every call is made again in its place."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from queue_engine.core import events as ev
from queue_engine.core.contact import ContactState
from queue_engine.core.invariants import check
from queue_engine.telephony.embedded import call_news
from queue_engine.telephony.embedded.alarms import Alarms
from queue_engine.telephony.embedded.call import CallState, EmbeddedCall, Pace
from queue_engine.telephony.embedded.network import EmbeddedNetwork
from queue_engine.telephony.embedded.phone import PhoneState
from queue_engine.telephony.embedded.visit import CallVisit
from routing.vocabulary import LinkId, Outcome, PhoneId
from tests.telephony.embedded.embedded_world import EmbeddedEngine, KeptJournal


async def before(journal: KeptJournal) -> list[str]:
    """An engine's last moments: one talks, a phone rings for one, two wait, one has ended.

    Returns their ids, in that order.
    """
    async with EmbeddedEngine(journal, speed=1.0) as engine:
        first, second = engine.phone("nurse1"), engine.phone("nurse2")
        talks, rings, waits, ended = (engine.dial() for _ in range(4))
        person = engine.dial(pace=Pace.REAL)
        await engine.happened(ev.ContactSeenWaiting, 5)
        ended.call.hang_up()
        await engine.at_work("nurse1")
        await engine.until(lambda: first.state() is PhoneState.RINGING, "ringing")
        first.phone.answer()
        await engine.happened(ev.ContactConnected)
        await engine.at_work("nurse2")
        await engine.until(lambda: second.state() is PhoneState.RINGING, "ringing")
        return [heard.contact_id for heard in (talks, rings, waits, person, ended)]


async def test_everybody_is_in_his_place_again_and_goes_on() -> None:
    journal = KeptJournal()
    talks, rings, waits, person, ended = await before(journal)
    phones = ("nurse1", "nurse2")
    async with EmbeddedEngine(journal, speed=1.0, restores=True, plugged_in=phones) as engine:
        first = engine.phones["nurse1"]
        calls = {str(call.contact_id): call for call in engine.network.calls()}
        assert list(calls) == [talks, rings, waits, person]
        assert calls[talks].phone_id == "nurse1"
        assert {calls[name].state for name in (rings, waits, person)} <= {
            CallState.WAITING,
            CallState.RINGING,
        }
        assert [calls[name].pace is Pace.REAL for name in calls] == [False, False, False, True]
        assert first.state() is PhoneState.TALKING
        news: list[call_news.CallNews] = []
        calls[talks].listener = news.append
        first.phone.hang_up()
        assert news == [call_news.Ended(call_news.EndReason.AGENT_HUNG_UP)]
        assert (await engine.happened(ev.ContactEnded)).outcome is Outcome.HANDLED
        await engine.happened(ev.OfferRevoked)
        state = engine.driver.state
        await engine.until(lambda: len(state.living_contacts()) == 3, "three who wait")
        assert engine.all_of(ev.ContactRestored) == []
        again = engine.dial()
        assert again.contact_id not in (*calls, ended)
        check(state)


async def test_who_rang_is_offered_again_in_his_order() -> None:
    journal = KeptJournal()
    _, rings, *_ = await before(journal)
    async with EmbeddedEngine(journal, restores=True, plugged_in=("nurse2",)) as engine:
        second = engine.phones["nurse2"]
        await engine.until(lambda: second.state() is PhoneState.RINGING, "ringing")
        second.phone.answer()
        connected = await engine.happened(ev.ContactConnected)
        assert connected.contact_id == rings


async def test_what_another_link_has_is_left_alone() -> None:
    journal = KeptJournal()
    await before(journal)
    async with EmbeddedEngine(journal, speed=1.0, restores=True) as engine:

        async def no_visit(_script: str, _call: CallVisit, *_arguments: str) -> None:
            return

        other = EmbeddedNetwork(
            LinkId("net2"),
            now_ms=engine.clock.now_ms,
            sleep_ms=engine.clock.sleep_ms,
            visit=no_visit,
        )
        other.restore(engine.driver.state.contacts.values())
        assert other.calls() == ()
        await other.close()


@dataclass
class HandClock:
    """A wall clock that a test moves."""

    ms: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def sleep_ms(self, wait_ms: int) -> None:
        """Until the test has moved it so far."""
        until_ms = self.ms + wait_ms
        while self.ms < until_ms:
            self.moved.clear()
            await self.moved.wait()

    def move(self, by_ms: int) -> bool:
        """Time passes at the wall; False, for use among conditions."""
        self.ms += by_ms
        self.moved.set()
        return False


async def test_calls_that_nobody_takes_over_are_hung_up_after_a_minute() -> None:
    journal = KeptJournal()
    *_, person, _ended = await before(journal)
    wall = HandClock()
    alarms = Alarms(lambda: wall.ms, wall.sleep_ms)
    async with EmbeddedEngine(journal, speed=1.0, restores=True, wall=alarms) as engine:
        network = engine.network
        *others, browser = network.calls()
        assert browser.contact_id == person
        for call in others:
            call.listener = _take_over
        wall.move(59_999)
        await asyncio.sleep(0)
        assert browser.state is CallState.WAITING
        await engine.until(lambda: wall.move(1) or browser.is_over, "its end")
        assert list(network.calls()) == others
        assert (await engine.happened(ev.ContactEnded)).contact_id == person


def _take_over(_news: call_news.CallNews) -> None:
    """Somebody listens again."""


async def test_restoring_twice_in_a_row_loses_and_doubles_nobody() -> None:
    journal = KeptJournal()
    ids = (await before(journal))[:4]
    for _ in range(3):
        async with EmbeddedEngine(journal, restores=True) as engine:
            assert [call.contact_id for call in engine.network.calls()] == ids
            living = engine.driver.state.living_contacts()
            assert {contact.contact_id for contact in living} == set(ids)
    async with EmbeddedEngine(journal, restores=True) as engine:
        contacts = engine.driver.state.contacts
        assert contacts[engine.network.calls()[0].contact_id].state is ContactState.CONNECTED
        nurse = engine.phone("nurse1")
        assert isinstance(nurse.phone.call, EmbeddedCall)
        assert engine.network.phone(PhoneId("nurse1")) is nurse.phone
        assert engine.all_of(ev.ContactEnded) == []


@pytest.mark.parametrize("is_enqueued", [True, False], ids=["enqueued", "not enqueued"])
async def test_the_process_ends_while_the_menu_enqueues(is_enqueued: bool) -> None:
    """Who has a place when the process ends is called back into it; who has none is not."""
    journal = KeptJournal()
    async with EmbeddedEngine(journal, speed=1.0) as engine:
        if not is_enqueued:
            engine.menus_end.clear()
        caller = engine.dial()
        if is_enqueued:
            await engine.happened(ev.ContactEnqueued)
    async with EmbeddedEngine(journal, restores=True) as engine:
        found = [call.contact_id for call in engine.network.calls()]
        assert found == ([caller.contact_id] if is_enqueued else [])
        if is_enqueued:
            await engine.until(
                lambda: all(c.seen_waiting for c in engine.driver.state.living_contacts()),
                "waiting",
            )
