"""The embedded network with a real engine behind it."""

from __future__ import annotations

import asyncio

from queue_engine.core import events as ev
from queue_engine.telephony.embedded import call_news, phone_news
from queue_engine.telephony.embedded.call import CallState
from queue_engine.telephony.embedded.phone import PhoneState
from routing.vocabulary import Outcome
from tests.telephony.embedded.embedded_world import EmbeddedEngine, HeardPhone


async def test_a_call_from_dialling_to_wrap_up() -> None:
    async with EmbeddedEngine() as engine:
        nurse = engine.phone("nurse1")
        caller = engine.dial()
        assert caller.state() is CallState.MENU
        await engine.happened(ev.ContactSeenWaiting)
        assert caller.state() is CallState.WAITING
        await engine.at_work("nurse1")
        await engine.until(lambda: nurse.state() is PhoneState.RINGING, "ringing")
        assert caller.state() is CallState.RINGING
        nurse.phone.answer()
        assert caller.state() is CallState.TALKING
        connected = await engine.happened(ev.ContactConnected)
        assert (connected.contact_id, connected.phone_id) == (caller.contact_id, "nurse1")
        talked_from_ms = engine.clock.now_ms()
        await engine.until(lambda: engine.clock.now_ms() > talked_from_ms + 1_000, "a talk")
        nurse.phone.hang_up()
        assert (await engine.happened(ev.ContactEnded)).outcome is Outcome.HANDLED
        await engine.happened(ev.WrapUpStarted)
        assert caller.state() is CallState.ENDED
        assert caller.news == [
            call_news.Waiting(),
            call_news.Ringing(),
            call_news.Talking(nurse.phone.phone_id),
            call_news.Ended(call_news.EndReason.AGENT_HUNG_UP),
        ]
        (ringing, *rest) = nurse.news
        assert isinstance(ringing, phone_news.Ringing)
        assert rest == [
            phone_news.Talking(caller.contact_id),
            phone_news.Idle(phone_news.IdleReason.HUNG_UP),
        ]
        assert engine.all_of(ev.LateReport) == []
        assert len(engine.all_of(ev.ContactOffered)) == 1
        assert engine.network.calls() == ()


async def test_thousands_of_calls_leave_nothing_behind() -> None:
    async with EmbeddedEngine() as engine:
        nurses = [engine.phone(f"nurse{number}") for number in range(1, 21)]
        for nurse in nurses:
            nurse.phone.listener = _answers(nurse)
        await engine.at_work(*(nurse.phone.phone_id for nurse in nurses))
        callers = []
        for number in range(2_000):
            callers.append(engine.dial())
            if number % 50 == 0:
                await asyncio.sleep(0)
        await engine.happened(ev.ContactSeenWaiting, 1_900)
        for caller in callers:
            caller.call.hang_up()
        await engine.until(lambda: not engine.driver.state.living_contacts(), "the end of all")
        assert engine.network.calls() == ()
        assert all(nurse.state() is PhoneState.IDLE for nurse in nurses)
        assert {type(caller.news[-1]) for caller in callers} == {call_news.Ended}
        assert engine.network._alarms.count == 0
        assert engine.all_of(ev.LateReport) == []
        assert engine.link.counts.reports_dropped == 0


def _answers(nurse: HeardPhone) -> phone_news.PhoneListener:
    def listen(news: phone_news.PhoneNews) -> None:
        if isinstance(news, phone_news.Ringing):
            nurse.phone.answer()

    return listen
