"""Moving callers: one Redirect at a time, and only those that still make sense."""

from __future__ import annotations

import asyncio
import dataclasses

from queue_engine.core import events as ev
from queue_engine.core.commands import (
    CallerPlace,
    OfferFailure,
    ReportCallerGone,
    ReportCallerWaiting,
    ReportConnected,
    ReportOfferFailed,
)
from routing.vocabulary import AgentId
from tests.telephony.fake_ami import FakeAmi, error, event, until
from tests.telephony.link_world import (
    channel,
    contact_id,
    quick,
    waiting,
    world,
)

# --- one Redirect in flight -----------------------------------------------------------------


async def test_the_second_redirect_waits_until_the_first_has_landed() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        caller = contact_id(1)
        here.engine.offer(caller, 42, "nurse1")
        await until(lambda: len(here.redirects) == 1)
        here.engine.revoke(caller, 42)
        await here.heard()
        assert len(here.redirects) == 1
        here.dials(caller, 42, "nurse1", 2)
        await until(lambda: here.redirects[1:] == [("1", "s")])
        here.engine.offer(caller, 43, "nurse2")
        await here.heard()
        assert len(here.redirects) == 2
        here.waits(caller)
        await until(lambda: here.redirects[2:] == [("1", "o43-nurse2")])
        assert here.link.redirects.counts.not_landed == 0


async def test_one_that_never_lands_holds_up_the_next_only_so_long() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        here.engine.offer(contact_id(1), 42, "nurse1")
        await until(lambda: len(here.redirects) == 1)
        here.engine.offer(contact_id(1), 43, "nurse2")
        await until(lambda: here.redirects[1:] == [("1", "o43-nurse2")])
        assert here.link.redirects.counts.not_landed == 1


async def test_callers_do_not_wait_for_each_other() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        for number in range(1, 30):
            await waiting(here, number)
        for number in range(1, 30):
            here.engine.offer(contact_id(number), number, f"nurse{number}")
        await until(lambda: len(here.redirects) == 29, 0.15)


async def test_of_several_moves_that_wait_the_newest_counts() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        caller = contact_id(1)
        here.engine.offer(caller, 42, "nurse1")
        await until(lambda: len(here.redirects) == 1)
        here.engine.revoke(caller, 42)
        here.engine.offer(caller, 43, "nurse2")
        here.engine.revoke(caller, 43)
        here.engine.offer(caller, 44, "nurse3")
        await here.heard()
        here.dials(caller, 42, "nurse1", 2)
        await until(lambda: len(here.redirects) == 2)
        assert here.redirects[1] == ("1", "o44-nurse3"), "straight from one phone to the other"
        here.dials(caller, 44, "nurse3", 3)
        await until(lambda: not here.link.redirects.is_moving(caller))
        assert len(here.redirects) == 2


async def test_an_offer_waits_for_the_phones_former_leg() -> None:
    times = quick(redirect=dataclasses.replace(quick().redirect, phone_free_s=30.0))
    async with FakeAmi() as ami, world(ami, times=times) as here:
        await waiting(here, 1)
        await waiting(here, 2)
        here.dials(contact_id(1), 42, "nurse1", 3)
        await here.heard()
        here.engine.offer(contact_id(2), 43, "nurse1")
        await here.heard()
        assert here.redirects == []
        here.hangs_up(3, "nurse1")
        await until(lambda: here.redirects == [("2", "o43-nurse1")])


async def test_but_not_for_ever() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        await waiting(here, 2)
        here.dials(contact_id(1), 42, "nurse1", 3)
        here.engine.offer(contact_id(2), 43, "nurse1")
        await until(lambda: here.redirects == [("2", "o43-nurse1")])


async def test_an_offer_waits_for_another_that_was_withdrawn_on_its_way_to_the_phone() -> None:
    patient = dataclasses.replace(quick().redirect, phone_free_s=30.0, landing_s=30.0)
    async with FakeAmi() as ami, world(ami, times=quick(redirect=patient)) as here:
        await waiting(here, 1)
        await waiting(here, 2)
        here.engine.offer(contact_id(1), 42, "nurse1")
        await until(lambda: len(here.redirects) == 1)
        here.engine.revoke(contact_id(1), 42)
        here.engine.offer(contact_id(2), 43, "nurse1")
        await here.heard()
        assert len(here.redirects) == 1, "the phone must not get two calls"
        here.dials(contact_id(1), 42, "nurse1", 3)
        await until(lambda: here.redirects[1:] == [("1", "s")])
        here.hangs_up(3, "nurse1")
        await until(lambda: here.redirects[2:] == [("2", "o43-nurse1")])


async def test_and_rings_when_that_one_never_gets_there() -> None:
    times = quick(redirect=dataclasses.replace(quick().redirect, phone_free_s=30.0))
    async with FakeAmi() as ami, world(ami, times=times) as here:
        await waiting(here, 1)
        await waiting(here, 2)
        here.engine.offer(contact_id(1), 42, "nurse1")
        await until(lambda: len(here.redirects) == 1)
        here.engine.offer(contact_id(2), 43, "nurse1")
        await until(lambda: ("2", "o43-nurse1") in here.redirects)
        assert here.link.redirects.counts.not_landed == 1


# --- when a move makes no sense any more ----------------------------------------------------


async def test_a_caller_is_never_taken_out_of_a_talk() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        caller = contact_id(1)
        here.engine.offer(caller, 42, "nurse1")
        await until(lambda: len(here.redirects) == 1)
        here.dials(caller, 42, "nurse1", 2)
        here.bridges(caller, 42, "nurse1", 2)
        await until(lambda: here.engine.of(ReportConnected))
        here.engine.revoke(caller, 42)
        here.engine.offer(caller, 43, "nurse2")
        here.engine.happen(ev.ContactSeenInFallback(caller))
        await until(lambda: not here.link.redirects.is_moving(caller))
        await here.heard()
        assert len(here.redirects) == 1


async def test_an_offer_that_is_over_before_its_turn_is_not_sent() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        here.engine.offer(contact_id(1), 42, "nurse1")
        here.engine.revoke(contact_id(1), 42)
        await until(lambda: len(here.engine.of(ReportCallerWaiting)) == 2)
        assert here.redirects == []
        assert here.engine.commands[-1].caller.contact_id == contact_id(1)


async def test_an_offer_the_engine_has_dropped_is_not_sent_though_no_event_has_come() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        here.engine.offer(contact_id(1), 42, "nurse1")
        del here.engine.offers[contact_id(1)]
        await here.heard()
        await until(lambda: here.link.redirects.counts.overtaken == 1)
        assert here.redirects == []


async def test_and_is_told_waiting_only_if_nothing_else_stands_for_him() -> None:
    times = quick(redirect=dataclasses.replace(quick().redirect, phone_free_s=0.05))
    async with FakeAmi() as ami, world(ami, times=times) as here:
        await waiting(here, 1)
        await waiting(here, 2)
        here.dials(contact_id(1), 41, "nurse1", 3)
        await here.heard()
        here.engine.offer(contact_id(2), 42, "nurse1")
        await asyncio.sleep(0)
        here.engine.revoke(contact_id(2), 42)
        here.engine.offer(contact_id(2), 43, "nurse2")
        await until(lambda: here.redirects == [("2", "o43-nurse2")])
        here.dials(contact_id(2), 43, "nurse2", 4)
        await until(lambda: not here.link.redirects.is_moving(contact_id(2)))
        assert len(here.engine.of(ReportCallerWaiting)) == 2


async def test_a_withdraw_is_not_lost_behind_a_later_one() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        caller = contact_id(1)
        here.engine.offer(caller, 42, "nurse1")
        await until(lambda: len(here.redirects) == 1)
        here.engine.revoke(caller, 42)
        here.engine.offer(caller, 43, "nurse2")
        here.engine.revoke(caller, 43)
        await here.heard()
        here.dials(caller, 42, "nurse1", 2)
        await until(lambda: here.redirects[1:] == [("1", "s")])
        here.waits(caller)
        await until(lambda: not here.link.redirects.is_moving(caller))
        assert len(here.engine.of(ReportCallerWaiting)) == 2


async def test_one_that_never_landed_is_taken_back_all_the_same() -> None:
    async with FakeAmi(channels=[channel(contact_id(1), "waiting")]) as ami, world(ami) as here:
        await waiting(here, 1)
        here.engine.offer(contact_id(1), 42, "nurse1")
        await until(lambda: here.link.redirects.counts.not_landed == 1)
        here.engine.revoke(contact_id(1), 42)
        await until(lambda: here.redirects[1:] == [("1", "s")])


async def test_a_caller_who_came_back_by_himself_is_left_alone() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        caller = contact_id(1)
        here.engine.offer(caller, 42, "nurse1")
        await until(lambda: len(here.redirects) == 1)
        here.dials(caller, 42, "nurse1", 2)
        ended = {"UserEvent": "SamkoOfferEnd", "Offer": "42", "Status": "NOANSWER", "Cause": "0"}
        ami.say(event("UserEvent", **channel(caller, "offer", "o42-nurse1"), **ended))
        await until(lambda: here.engine.of(ReportOfferFailed))
        here.engine.happen(ev.OfferRangOut(caller, AgentId("anna"), 42))
        await here.heard()
        await until(lambda: not here.link.redirects.is_moving(caller) or here.engine.offers)
        assert len(here.redirects) == 1


async def test_a_caller_in_the_fallback_is_fetched() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        caller = here.engine.enqueue(1)
        here.waits(caller, "SamkoFallback")
        await until(lambda: here.engine.of(ReportCallerWaiting))
        assert here.engine.commands[-1].caller.place is CallerPlace.FALLBACK
        here.engine.happen(ev.ContactSeenInFallback(caller))
        await until(lambda: here.redirects == [("1", "s")])


async def test_an_effect_that_is_too_old_is_not_sent_but_reconciled() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        pictures = len(ami.named("Status"))
        here.engine.offer(contact_id(1), 42, "nurse1", age_ms=2_001)
        await until(lambda: len(ami.named("Status")) > pictures)
        assert here.redirects == []
        assert here.link.redirects.counts.stale == 1


# --- what Asterisk answers ------------------------------------------------------------------


async def test_channel_not_up_is_tried_again() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        answers = ["Redirect failed, channel not up."] * 2
        ami.answers["redirect"] = lambda _: error(answers.pop()) if answers else "Response: Success"
        here.engine.offer(contact_id(1), 42, "nurse1")
        await until(lambda: len(here.redirects) == 3)
        here.dials(contact_id(1), 42, "nurse1", 2)
        await until(lambda: not here.link.redirects.is_moving(contact_id(1)))
        assert here.engine.of(ReportOfferFailed) == []
        assert here.link.redirects.counts.retried == 2


async def test_channel_not_up_for_ever_gives_the_offer_back_and_blames_nobody() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        ami.answers["redirect"] = lambda _: error("Redirect failed, channel not up.")
        pictures = len(ami.named("Status"))
        here.engine.offer(contact_id(1), 42, "nurse1")
        await until(lambda: here.engine.of(ReportOfferFailed))
        failed = ReportOfferFailed(contact_id(1), 42, OfferFailure.CANCELLED)
        assert here.engine.of(ReportOfferFailed) == [failed]
        assert len(here.redirects) == 5
        await until(lambda: len(ami.named("Status")) > pictures)


async def test_channel_does_not_exist_is_gone_in_the_order_of_the_events() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        caller = contact_id(1)
        ami.answers["redirect"] = lambda _: error(f"Channel does not exist: {caller}")
        here.engine.offer(caller, 42, "nurse1")
        await until(lambda: len(here.redirects) == 1)
        here.bridges(caller, 42, "nurse1", 2)
        here.hangs_up(1)
        await until(lambda: not here.link.redirects.is_moving(caller))
        kinds = [type(command) for command in here.engine.commands[2:]]
        assert kinds == [ReportConnected, ReportCallerGone]


async def test_channel_does_not_exist_is_gone_even_if_no_event_comes() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        ami.answers["redirect"] = lambda _: error(f"Channel does not exist: {contact_id(1)}")
        here.engine.offer(contact_id(1), 42, "nurse1")
        await until(lambda: here.engine.of(ReportCallerGone))
        assert len(here.redirects) == 1


async def test_any_other_refusal_gives_the_offer_back_at_once() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        ami.answers["redirect"] = lambda _: error("Permission denied")
        here.engine.offer(contact_id(1), 42, "nurse1")
        await until(lambda: here.engine.of(ReportOfferFailed))
        assert len(here.redirects) == 1


async def test_no_answer_is_asked_of_the_switch_and_not_sent_again() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        ami.answers["redirect"] = lambda _: None
        pictures = len(ami.named("Status"))
        here.engine.offer(contact_id(1), 42, "nurse1")
        await until(lambda: len(ami.named("Status")) > pictures)
        await here.heard()
        assert len(here.redirects) == 1


async def test_a_phone_that_cannot_be_dialled_is_unreachable() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        here.engine.offer(contact_id(1), 42, "nurse&all")
        await until(lambda: here.engine.of(ReportOfferFailed))
        assert here.engine.of(ReportOfferFailed)[0].failure is OfferFailure.UNREACHABLE
        assert here.redirects == []


# --- old news -------------------------------------------------------------------------------


async def test_waiting_told_while_the_redirect_is_under_way_is_old_news_if_it_lands() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        here.engine.offer(contact_id(1), 42, "nurse1")
        await until(lambda: len(here.redirects) == 1)
        here.waits(contact_id(1))
        here.dials(contact_id(1), 42, "nurse1", 2)
        await until(lambda: not here.link.redirects.is_moving(contact_id(1)))
        await here.heard()
        assert len(here.engine.of(ReportCallerWaiting)) == 1
        assert here.link.redirects.counts.held_back == 1


async def test_and_is_reported_if_the_redirect_never_lands() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        here.engine.offer(contact_id(1), 42, "nurse1")
        await until(lambda: len(here.redirects) == 1)
        here.waits(contact_id(1))
        await here.heard()
        assert len(here.engine.of(ReportCallerWaiting)) == 1
        await until(lambda: len(here.engine.of(ReportCallerWaiting)) == 2)


async def test_a_quick_failure_and_return_are_reported_as_they_come() -> None:
    """An unregistered phone: no DialBegin at all, the offer's end and the return in one read."""
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        caller = contact_id(1)
        here.engine.offer(caller, 42, "nurse1")
        await until(lambda: len(here.redirects) == 1)
        ended = {"UserEvent": "SamkoOfferEnd", "Offer": "42", "Status": "CHANUNAVAIL", "Cause": "3"}
        ami.say(
            event("UserEvent", **channel(caller, "offer", "o42-nurse1"), **ended),
            event("UserEvent", **channel(caller, "waiting"), UserEvent="SamkoWaiting"),
        )
        await until(lambda: len(here.engine.of(ReportCallerWaiting)) == 2)
        assert isinstance(here.engine.commands[-2], ReportOfferFailed)
