"""Ringing people back in the embedded network: the nurse's phone first, then the caller's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from queue_engine.core import events as ev
from queue_engine.core.callback import CallbackState
from queue_engine.core.commands import CallbackFailure, LoadPolicy, RequestCallback
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.policy_codec import write_policy
from queue_engine.telephony.embedded import call_news, phone_news
from queue_engine.telephony.embedded.call import CallState, EmbeddedCall
from queue_engine.telephony.embedded.phone import PhoneState
from queue_engine.telephony.embedded.times import NetworkTimes
from routing.callback_policy import CallbackPolicy
from routing.policy import MINUTE_MS
from routing.vocabulary import Outcome
from tests.telephony.embedded.embedded_world import (
    POLICY,
    EmbeddedEngine,
    HeardCall,
    HeardPhone,
    KeptJournal,
)

CALLBACKS = CallbackPolicy(within_ms=60 * MINUTE_MS, retry_after_ms=(60_000,))


class Callers:
    """The people whose phones ring."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self.rung: list[HeardCall] = []
        engine.network.on_ring_back(self._ring)

    def _ring(self, call: EmbeddedCall) -> None:
        heard = HeardCall(call)
        call.listener = heard.news.append
        self.rung.append(heard)


@asynccontextmanager
async def one_away(
    *, times: NetworkTimes | None = None
) -> AsyncIterator[tuple[EmbeddedEngine, Callers, HeardPhone, Contact]]:
    """Somebody has called, asked to be rung back and hung up; then a nurse comes to work."""
    async with EmbeddedEngine(times=times) as engine:
        callers = Callers(engine)
        await engine.driver.submit(LoadPolicy(write_policy(replace(POLICY, callbacks=CALLBACKS))))
        nurse = engine.phone("nurse1")
        caller = engine.dial()
        await engine.happened(ev.ContactSeenWaiting)
        await engine.driver.submit(RequestCallback(caller.contact_id))
        caller.call.hang_up()
        await engine.happened(ev.CallbackAwaited)
        assert engine.network.calls() == ()
        await engine.at_work("nurse1")
        await engine.until(lambda: nurse.state() is PhoneState.RINGING, "ringing")
        yield engine, callers, nurse, engine.driver.state.contacts[caller.contact_id]
        assert engine.all_of(ev.LateReport) == []


async def test_he_is_rung_once_she_has_answered_and_accepts() -> None:
    async with one_away() as (engine, callers, nurse, contact):
        assert callers.rung == [], "nobody is rung before a nurse has answered"
        nurse.phone.answer()
        await engine.happened(ev.CallbackDialled)
        (rung,) = callers.rung
        assert rung.contact_id == contact.contact_id
        assert (rung.state(), contact.state) == (CallState.RINGING, ContactState.OFFERED)
        rung.call.accept()
        connected = await engine.happened(ev.ContactConnected)
        assert (connected.contact_id, rung.state()) == (contact.contact_id, CallState.TALKING)
        rung.call.accept()
        from_ms = engine.clock.now_ms()
        await engine.until(lambda: engine.clock.now_ms() > from_ms + 2_000, "a talk")
        nurse.phone.hang_up()
        assert (await engine.happened(ev.ContactEnded)).outcome is Outcome.HANDLED
        assert rung.news == [
            call_news.Talking(nurse.phone.phone_id),
            call_news.Ended(call_news.EndReason.AGENT_HUNG_UP),
        ]
        assert [type(news) for news in nurse.news] == [
            phone_news.Ringing,
            phone_news.Dialling,
            phone_news.Talking,
            phone_news.Idle,
        ]
        assert engine.network.calls() == ()


async def test_in_vain_until_the_last_time() -> None:
    async with one_away(times=NetworkTimes(dial_ms=10_000)) as (engine, callers, nurse, contact):
        nurse.phone.answer()
        first = await engine.happened(ev.CallbackNotReached)
        assert (first.failure, first.tries) == (CallbackFailure.NO_ANSWER, 1)
        assert nurse.news[-1] == phone_news.Idle(phone_news.IdleReason.NOT_REACHED)
        assert engine.network.calls() == ()
        await engine.until(lambda: nurse.state() is PhoneState.RINGING, "ringing again")
        nurse.phone.answer()
        await engine.until(lambda: len(callers.rung) == 2, "he is rung again")
        callers.rung[1].call.hang_up()
        last = await engine.happened(ev.CallbackNotReached, 2)
        assert (last.failure, last.not_before_ms) == (CallbackFailure.DECLINED, None)
        assert callers.rung[1].news == [call_news.Ended(call_news.EndReason.NOT_REACHED)]
        assert (await engine.happened(ev.ContactEnded)).outcome is Outcome.NOT_REACHED
        await engine.happened(ev.CallbackTextAsked)
        assert contact.state is ContactState.ENDED


async def test_whatever_she_does_he_waits_on() -> None:
    async with one_away() as (engine, callers, nurse, contact):
        nurse.phone.reject()
        await engine.happened(ev.OfferRejected)
        assert engine.network.calls() == ()
        await engine.at_work("nurse1")
        await engine.until(lambda: nurse.state() is PhoneState.RINGING, "ringing again")
        nurse.phone.answer()
        await engine.happened(ev.CallbackDialled)
        nurse.phone.hang_up()
        await engine.happened(ev.OfferRejected, 2)
        assert callers.rung[0].state() is CallState.ENDED
        callers.rung[0].call.accept()
        assert contact.state is ContactState.WAITING
        assert contact.callback is CallbackState.AWAITED


async def test_nobody_can_be_rung_where_nobody_plays_the_callers() -> None:
    async with one_away() as (engine, _, nurse, _contact):
        engine.network.on_ring_back(None)
        nurse.phone.answer()
        failed = await engine.happened(ev.CallbackNotReached)
        assert failed.failure is CallbackFailure.UNREACHABLE


async def test_the_link_is_lost_and_mended_while_he_is_rung() -> None:
    async with one_away() as (engine, callers, nurse, contact):
        nurse.phone.answer()
        await engine.happened(ev.CallbackDialled)
        engine.link.cut()
        await engine.happened(ev.LinkLost)
        engine.link.mend()
        await engine.happened(ev.OfferSeen)
        assert contact.callback is CallbackState.DIALLED
        callers.rung[0].call.accept()
        await engine.happened(ev.ContactConnected)


async def test_after_a_restart_nobody_stands_in_the_music_for_him() -> None:
    journal = KeptJournal()
    async with EmbeddedEngine(journal) as engine:
        await engine.driver.submit(LoadPolicy(write_policy(replace(POLICY, callbacks=CALLBACKS))))
        caller = engine.dial()
        await engine.happened(ev.ContactSeenWaiting)
        await engine.driver.submit(RequestCallback(caller.contact_id))
        caller.call.hang_up()
        await engine.happened(ev.CallbackAwaited)
    async with EmbeddedEngine(journal, restores=True) as engine:
        assert engine.network.calls() == ()
        nurse = engine.phone("nurse1")
        await engine.at_work("nurse1")
        await engine.until(lambda: nurse.state() is PhoneState.RINGING, "ringing")
