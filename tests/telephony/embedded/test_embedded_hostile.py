"""What people do at the wrong moment: late presses, pulled cables, everything at once."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any

import pytest

from queue_engine.core import events as ev
from queue_engine.core.commands import SetAgentReady, SignOffAgent
from queue_engine.core.contact import ContactState
from queue_engine.core.errors import BadInput, Refused
from queue_engine.core.invariants import check
from queue_engine.telephony.embedded import call_news, phone_news
from queue_engine.telephony.embedded.call import CallState
from queue_engine.telephony.embedded.phone import PhoneState
from queue_engine.telephony.embedded.times import NetworkTimes
from queue_engine.telephony.embedded.visit import CallVisit
from routing.vocabulary import AgentId, ContactId, NotReadyReason, Outcome
from tests.telephony.embedded.embedded_world import (
    LINK,
    NUMBER,
    EmbeddedEngine,
    HeardCall,
    HeardPhone,
    KeptJournal,
)


def seeds(count: int, *, soak: int) -> list[Any]:
    """So many for every day, and more for a soak."""
    more = [pytest.param(seed, marks=pytest.mark.soak) for seed in range(count, soak)]
    return [*range(count), *more]


async def talking(engine: EmbeddedEngine) -> tuple[HeardCall, HeardPhone]:
    """A caller and nurse1, in a talk."""
    nurse, caller = engine.phone("nurse1"), engine.dial()
    await engine.at_work("nurse1")
    await engine.until(lambda: nurse.state() is PhoneState.RINGING, "ringing")
    nurse.phone.answer()
    await engine.happened(ev.ContactConnected)
    return caller, nurse


async def test_every_press_in_every_state_is_harmless() -> None:
    times = NetworkTimes(talk_ms_min=0)
    async with EmbeddedEngine(times=times) as engine:
        nurse = engine.phone("nurse1")
        phone = nurse.phone

        def press_all_that_is_late() -> None:
            for press in (phone.answer, phone.reject, phone.hang_up, phone.plug_in):
                press()

        press_all_that_is_late()
        assert nurse.news == []
        caller = engine.dial()
        caller.call.press("1")
        await engine.happened(ev.ContactSeenWaiting)
        press_all_that_is_late()
        await engine.at_work("nurse1")
        await engine.until(lambda: nurse.state() is PhoneState.RINGING, "ringing")
        caller.call.press("1")
        phone.answer()
        phone.answer()
        phone.reject()
        assert nurse.state() is PhoneState.TALKING
        caller.call.press("#")
        phone.hang_up()
        phone.hang_up()
        caller.call.hang_up()
        caller.call.press("1")
        press_all_that_is_late()
        assert caller.state() is CallState.ENDED
        assert nurse.state() is PhoneState.IDLE
        await engine.happened(ev.WrapUpStarted)
        assert len(engine.all_of(ev.ContactConnected)) == 1
        assert engine.all_of(ev.AgentBecameNotReady) == []
        assert engine.all_of(ev.LateReport) == []
        with pytest.raises(BadInput, match="expected one of the keys"):
            caller.call.press("A")


async def test_a_phone_unplugged_while_it_rings_rings_out() -> None:
    async with EmbeddedEngine() as engine:
        nurse, caller = engine.phone("nurse1"), engine.dial()
        await engine.at_work("nurse1")
        await engine.until(lambda: nurse.state() is PhoneState.RINGING, "ringing")
        nurse.phone.unplug()
        nurse.phone.answer()
        assert caller.state() is CallState.RINGING
        cost = await engine.happened(ev.AgentBecameNotReady)
        assert cost.reason is NotReadyReason.NO_ANSWER
        await engine.until(lambda: caller.state() is CallState.WAITING, "waiting")
        assert nurse.state() is PhoneState.UNPLUGGED
        assert nurse.news[-1] == phone_news.Idle(phone_news.IdleReason.RANG_OUT)


async def test_a_phone_unplugged_in_a_talk_loses_it_after_a_minute_of_silence() -> None:
    async with EmbeddedEngine() as engine:
        caller, nurse = await talking(engine)
        nurse.phone.unplug()
        nurse.phone.hang_up()
        assert caller.state() is CallState.TALKING
        assert (await engine.happened(ev.ContactEnded)).outcome is Outcome.HANDLED
        assert nurse.news[-1] == phone_news.Idle(phone_news.IdleReason.LOST)
        await engine.until(lambda: caller.state() is CallState.ENDED, "the end")
        nurse.phone.plug_in()
        assert nurse.state() is PhoneState.IDLE


async def test_a_phone_that_comes_back_in_time_goes_on_talking() -> None:
    async with EmbeddedEngine(times=NetworkTimes(silence_ms=6_000)) as engine:
        caller, nurse = await talking(engine)
        nurse.phone.unplug()
        nurse.phone.plug_in()
        assert nurse.state() is PhoneState.TALKING
        until_ms = engine.clock.now_ms() + 12_000
        await engine.until(lambda: engine.clock.now_ms() > until_ms, "twice the silence")
        assert caller.state() is CallState.TALKING
        nurse.phone.unplug()
        caller.call.hang_up()
        assert (await engine.happened(ev.ContactEnded)).outcome is Outcome.HANDLED
        nurse.phone.plug_in()
        assert nurse.state() is PhoneState.IDLE


async def test_a_phone_answered_and_put_down_by_its_listener_at_once() -> None:
    async with EmbeddedEngine() as engine:
        nurse, caller = engine.phone("nurse1"), engine.dial()

        def flinch(news: phone_news.PhoneNews) -> None:
            nurse.news.append(news)
            nurse.phone.answer()
            nurse.phone.hang_up()

        nurse.phone.listener = flinch
        await engine.at_work("nurse1")
        await engine.happened(ev.ContactSeenWaiting, 2)
        assert caller.state() is CallState.WAITING
        assert caller.kinds() == ["Waiting", "Ringing", "Talking", "Waiting"]
        assert [type(news).__name__ for news in nurse.news] == ["Ringing", "Talking", "Idle"]
        check(engine.driver.state)


async def test_a_listener_that_fails_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async with EmbeddedEngine() as engine:

        def fail(_news: call_news.CallNews) -> None:
            raise ValueError(NUMBER)

        failing = engine.network.dial("1177", None, listener=fail)
        other = engine.dial()
        await engine.happened(ev.ContactSeenWaiting, 2)
        failing.hang_up()
        await engine.happened(ev.ContactEnded)
        assert other.state() is CallState.WAITING
    assert "a listener of Waiting: ValueError" in caplog.text
    assert NUMBER not in caplog.text


async def test_a_menu_that_breaks_off_costs_the_caller_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def breaks(script: str, call: CallVisit, *_arguments: str) -> None:
        if script == "call":
            raise ValueError(call.caller_number)

    async with EmbeddedEngine(visit=breaks) as engine:
        nurse, caller = engine.phone("nurse1"), engine.dial()
        await engine.happened(ev.ContactRestored)
        await engine.happened(ev.ContactSeenWaiting)
        await engine.at_work("nurse1")
        await engine.until(lambda: nurse.state() is PhoneState.RINGING, "ringing")
        nurse.phone.answer()
        await engine.happened(ev.ContactConnected)
        assert caller.state() is CallState.TALKING
    assert NUMBER not in caplog.text


async def test_keys_in_the_music_make_visits_one_after_another() -> None:
    heard: list[str] = []

    async def listen(script: str, call: CallVisit, *arguments: str) -> None:
        if script == "call":
            await engine.menu(script, call)
            return
        heard.extend([script, *arguments])
        await call.next_key(100)

    engine = EmbeddedEngine(visit=listen)
    async with engine:
        caller = engine.dial()
        await engine.happened(ev.ContactSeenWaiting)
        for key in "57#":
            caller.call.press(key)
        await engine.until(lambda: heard.count("key") == 2, "both visits")
        assert heard[:4] == ["key", "5", "key", "#"], "7 was the first visit's own"
        await engine.until(lambda: "announce" in heard, "an announcement within a minute")


async def test_keys_that_nobody_heard_before_an_offer_are_forgotten_after_it() -> None:
    heard: list[str] = []
    never = asyncio.Event()

    async def deaf(script: str, call: CallVisit, *arguments: str) -> None:
        if script == "call":
            await engine.menu(script, call)
            return
        heard.extend(arguments)
        await never.wait()

    engine = EmbeddedEngine(visit=deaf, speed=1.0)
    async with engine:
        nurse, caller = engine.phone("nurse1"), engine.dial()
        await engine.happened(ev.ContactSeenWaiting)
        for key in "579":
            caller.call.press(key)
        await engine.until(lambda: heard == ["5"], "the visit")
        await engine.at_work("nurse1")
        await engine.until(lambda: nurse.state() is PhoneState.RINGING, "ringing")
        nurse.phone.reject()
        await engine.happened(ev.ContactSeenWaiting, 2)
        caller.call.press("#")
        await engine.until(lambda: heard == ["5", "#"], "the next visit")


async def test_an_offer_ends_the_visit_under_way_and_no_late_word_is_heard() -> None:
    left: list[bool] = []

    async def listen(script: str, call: CallVisit, *arguments: str) -> None:
        if script == "call":
            await engine.menu(script, call)
            return
        assert await call.next_key(15_000) is None
        left.append(call.has_left)
        await call.next_key(15_000)
        await call.play(
            name="late",
            text="",
            text_sv="",
            text_en="",
            language="sv",
            duration_ms=60_000,
            barge_in="",
        )

    engine = EmbeddedEngine(visit=listen, speed=1.0)
    async with engine:
        nurse, caller = engine.phone("nurse1"), engine.dial()
        await engine.happened(ev.ContactSeenWaiting)
        caller.call.press("5")
        await engine.at_work("nurse1")
        await engine.until(lambda: nurse.state() is PhoneState.RINGING, "ringing")
        await engine.until(lambda: left == [True], "the script to notice")
        assert caller.kinds() == ["Waiting", "Listening", "Ringing"]


@pytest.mark.parametrize("seed", seeds(3, soak=60))
async def test_whatever_people_do_nobody_is_lost_and_engine_and_network_agree(
    seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    chance = random.Random(seed)
    journal = KeptJournal()
    names = [f"nurse{number}" for number in range(1, 6)]
    callers: list[HeardCall] = []
    async with EmbeddedEngine(journal, times=NetworkTimes(talk_ms_min=500)) as engine:
        phones = [engine.phone(name) for name in names]
        await engine.at_work(*names)
        for _ in range(400):
            await _do_something(chance, engine, callers, phones)
        engine.link.mend()
        for caller in callers:
            if caller.state() is CallState.MENU:
                await engine.until(lambda: caller.state() is not CallState.MENU, "menu")  # noqa: B023
        await engine.until(lambda: _disagreement(engine) == "", "agreement")
        for caller in callers:
            caller.call.hang_up()
        await engine.until(lambda: not engine.driver.state.living_contacts(), "the end of all")
        check(engine.driver.state)
        assert {phone.state() for phone in phones} <= {PhoneState.IDLE, PhoneState.UNPLUGGED}
        assert all(caller.state() is CallState.ENDED for caller in callers)
        assert engine.link.counts.reports_failed == 0
    assert caplog.text == ""


@pytest.mark.parametrize("seed", seeds(2, soak=20))
async def test_however_often_the_process_dies_nobody_is_lost_and_nobody_is_there_twice(
    seed: int,
) -> None:
    chance = random.Random(seed)
    journal = KeptJournal()
    names = tuple(f"nurse{number}" for number in range(1, 6))
    dialled: list[ContactId] = []
    for _ in range(5):
        engine = EmbeddedEngine(journal, restores=True, plugged_in=names)
        async with engine:
            callers = [HeardCall(call) for call in engine.network.calls()]
            found = len(callers)
            living = {contact.contact_id for contact in engine.driver.state.living_contacts()}
            assert {caller.contact_id for caller in callers} == living
            for _ in range(60):
                phones = list(engine.phones.values())
                await _do_something(chance, engine, callers, phones, has_faults=False)
            dialled += [caller.contact_id for caller in callers[found:]]
    assert len(set(dialled)) == len(dialled)
    async with EmbeddedEngine(journal, restores=True) as engine:
        await engine.until(lambda: _disagreement(engine) == "", "agreement")
        outcomes = {c.outcome for c in engine.driver.state.contacts.values()}
        assert Outcome.LOST not in outcomes
        for call in engine.network.calls():
            call.hang_up()
        await engine.until(lambda: not engine.driver.state.living_contacts(), "the end of all")


async def _do_something(
    chance: random.Random,
    engine: EmbeddedEngine,
    callers: list[HeardCall],
    phones: list[HeardPhone],
    *,
    has_faults: bool = True,
) -> None:
    phone = chance.choice(phones).phone
    roll = chance.random()
    if roll < 0.15 or not callers:
        callers.append(engine.dial())
    elif roll < 0.25:
        chance.choice(callers).call.hang_up()
    elif roll < 0.50:
        phone.answer()
    elif roll < 0.60:
        phone.hang_up()
    elif roll < 0.65:
        phone.reject()
    elif roll < 0.70:
        phone.unplug()
    elif roll < 0.80:
        phone.plug_in()
    elif roll < 0.90 and not has_faults:
        await asyncio.sleep(0)
    elif roll < 0.83:
        engine.link.cut()
    elif roll < 0.88:
        engine.link.mend()
    elif roll < 0.90:
        engine.link.stalled()
    else:
        await _desk(chance, engine, AgentId(phone.phone_id))
    if chance.random() < 0.5:
        await asyncio.sleep(chance.choice((0, 0, 0.001, 0.01)))


async def _desk(chance: random.Random, engine: EmbeddedEngine, agent_id: AgentId) -> None:
    try:
        if chance.random() < 0.1:
            await engine.driver.submit(SignOffAgent(agent_id))
        else:
            await engine.driver.submit(SetAgentReady(agent_id))
    except Refused:
        await engine.at_work(agent_id)


def _disagreement(engine: EmbeddedEngine) -> str:
    """Where the engine has a caller elsewhere than the network; empty if nowhere."""
    places = {
        CallState.WAITING: {ContactState.WAITING},
        CallState.RINGING: {ContactState.OFFERED},
        CallState.TALKING: {ContactState.CONNECTED},
    }
    calls = {call.contact_id: call for call in engine.network.calls()}
    living = {contact.contact_id: contact for contact in engine.driver.state.living_contacts()}
    if calls.keys() != living.keys():
        return f"{calls.keys() ^ living.keys()}"
    for contact_id, call in calls.items():
        contact = living[contact_id]
        if contact.state not in places[call.state]:
            return f"{contact_id}: {contact.state} and {call.state}"
        if contact.link_id != LINK or contact.phone_id != call.phone_id:
            return f"{contact_id}: {contact.phone_id} and {call.phone_id}"
    return ""
