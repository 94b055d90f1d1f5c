"""A link: what it reports, when it acts, and what it never does."""

from __future__ import annotations

import asyncio
import dataclasses
import time

import pytest

from queue_engine.core import events as ev
from queue_engine.core.commands import (
    Actor,
    CallerPlace,
    OfferFailure,
    ReportCallerGone,
    ReportCallerWaiting,
    ReportConnected,
    ReportLinkLost,
    ReportOfferFailed,
    ReportSwitch,
    ReportTalkEnded,
)
from queue_engine.core.ticket import read_ticket
from queue_engine.telephony import reconciler
from queue_engine.telephony.ami_link import LinkState
from queue_engine.telephony.ports import FallbackAgent
from routing.vocabulary import AgentId, LinkId, PhoneId, Priority
from tests.telephony.fake_ami import QUICK, FakeAmi, error, event, until
from tests.telephony.link_world import (
    LINK,
    FakeEngine,
    World,
    channel,
    contact_id,
    quick,
    ticket,
    world,
)


async def waiting(here: World, number: int) -> None:
    """A contact that the engine and the switch know as waiting."""
    contact = here.engine.enqueue(number)
    here.waits(contact)
    await until(
        lambda: any(
            report.caller.contact_id == contact for report in here.engine.of(ReportCallerWaiting)
        )
    )


# --- what it reports ------------------------------------------------------------------------


async def test_first_the_whole_picture_then_the_mirror_then_what_happens() -> None:
    async with FakeAmi(channels=[channel(contact_id(1), "waiting")]) as ami:
        engine = FakeEngine(agents=(FallbackAgent(AgentId("anna"), PhoneId("nurse1"), False),))
        async with world(ami, engine) as here:
            assert [action["action"] for action in ami.actions[:3]] == [
                ["Status"],
                ["QueueStatus"],
                ["QueueAdd"],
            ]
            (report,) = engine.commands
            assert isinstance(report, ReportSwitch)
            assert report.link_id == LINK
            assert report.asked_ms == engine.now
            (caller,) = report.callers
            assert (caller.contact_id, caller.place) == (contact_id(1), CallerPlace.WAITING)
            here.hangs_up(1)
            await until(lambda: engine.of(ReportCallerGone))


async def test_reports_come_in_the_order_of_the_wire_without_waiting_for_the_journal() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        here.engine.gate.clear()
        for number in range(1, 40):
            here.waits(here.engine.enqueue(number))
            here.hangs_up(number)
        await until(lambda: len(here.engine.commands) == 79)
        told = [
            command.caller.contact_id
            if isinstance(command, ReportCallerWaiting)
            else command.contact_id
            for command in here.engine.commands[1:]
            if isinstance(command, ReportCallerWaiting | ReportCallerGone)
        ]
        assert told == [contact_id(number) for number in range(1, 40) for _ in range(2)]
        here.engine.gate.set()


async def test_a_call_from_offer_to_wrap_up() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        caller = contact_id(1)
        here.engine.offer(caller, 42, "nurse1")
        await until(lambda: here.redirects == [("1", "o42-nurse1")])
        here.dials(caller, 42, "nurse1", 2)
        here.bridges(caller, 42, "nurse1", 2)
        await until(lambda: here.engine.of(ReportConnected))
        assert here.engine.commands[-1] == ReportConnected(caller, LINK, PhoneId("nurse1"), 42)
        leaves = {"BridgeUniqueid": "B2", "Uniqueid": contact_id(2)}
        here.ami.say(event("BridgeLeave", Channel="PJSIP/nurse1-00000002", **leaves))
        here.hangs_up(2, "nurse1")
        await until(lambda: here.engine.of(ReportTalkEnded))


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


# --- tickets --------------------------------------------------------------------------------


async def test_the_ticket_is_put_on_the_call_after_each_change() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        caller = contact_id(1)
        raised = dataclasses.replace(ticket(caller, 9), priority=Priority.EMERGENCY)
        here.engine.tickets[caller] = (raised, 0)
        changed = ev.ContactPriorityChanged(caller, Priority.EMERGENCY, Actor.CALLER, "key")
        here.engine.happen(changed)
        await until(lambda: len(here.written) >= 2)
        on_call = {fields["variable"][0]: fields for fields in here.written}
        assert read_ticket(on_call["SAMKO_TICKET"]["value"][0]) == raised
        assert on_call["SAMKO_TICKET"]["channel"] == [caller]
        assert on_call["SAMKO_PRIO"]["value"] == ["0"]


async def test_one_who_hung_up_before_he_was_enqueued_is_gone() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        here.hangs_up(1)
        await here.heard()
        caller = here.engine.enqueue(1)
        here.engine.happen(_enqueued(caller))
        await until(lambda: here.engine.of(ReportCallerGone))
        assert here.written == []
        assert here.link.errands.counts.found_gone == 1


async def test_one_whose_hangup_lags_behind_the_answer_is_told_gone_by_the_hangup() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        ami.answers["setvar"] = lambda _: error("No such channel")
        pictures = len(ami.named("Status"))
        here.engine.happen(_enqueued(contact_id(1)))
        await until(lambda: len(ami.named("Status")) > pictures)
        assert here.engine.of(ReportCallerGone) == []
        here.hangs_up(1)
        await until(lambda: here.engine.of(ReportCallerGone))
        assert here.link.errands.counts.found_gone == 0


async def test_one_whose_channel_the_switch_does_not_know_is_gone() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        ami.answers["setvar"] = lambda _: error("No such channel")
        caller = here.engine.enqueue(1)
        here.engine.happen(_enqueued(caller))
        await until(lambda: here.engine.of(ReportCallerGone) == [ReportCallerGone(caller)])


def _enqueued(caller: str) -> ev.Event:
    values = {field.name: None for field in dataclasses.fields(ev.ContactEnqueued)}
    values |= {"contact_id": caller, "link_id": LINK}  # type: ignore[dict-item]
    return ev.ContactEnqueued(**values)  # type: ignore[arg-type]


async def test_contacts_of_other_links_are_left_alone() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        caller = here.engine.enqueue(1, LinkId("ast2"))
        changed = ev.ContactPriorityChanged(caller, Priority.URGENT, Actor.CALLER, "key")
        here.engine.happen(changed)
        here.engine.revoke(caller, 42)
        await here.heard()
        here.hangs_up(1)
        await here.heard()
        assert here.written == []
        assert here.redirects == []
        assert here.engine.of(ReportCallerGone) == []


async def test_old_tickets_on_calls_are_mended_after_a_reconnect() -> None:
    async with FakeAmi(channels=[channel(contact_id(1), "waiting")]) as ami:
        engine = FakeEngine()
        engine.enqueue(1)
        async with world(ami, engine) as here:
            await until(lambda: here.written)
            assert here.written[0]["channel"] == [contact_id(1)]


# --- the fallback ---------------------------------------------------------------------------


async def test_the_fallback_mirrors_who_is_at_work() -> None:
    async with FakeAmi(queue={"PJSIP/gone": ("old", "0")}) as ami:
        engine = FakeEngine(agents=(FallbackAgent(AgentId("anna"), PhoneId("nurse1"), True),))
        async with world(ami, engine):
            assert ami.queue == {"PJSIP/nurse1": ("anna", "1")}
            engine.agents = (FallbackAgent(AgentId("anna"), PhoneId("nurse1"), False),)
            engine.happen(ev.AgentBecameReady(AgentId("anna")))
            await until(lambda: ami.queue == {"PJSIP/nurse1": ("anna", "0")})
            engine.agents = ()
            engine.happen(ev.AgentSignedOff(AgentId("anna")))
            await until(lambda: ami.queue == {})
            engine.agents = (FallbackAgent(AgentId("anna"), PhoneId("nurse1"), False),)
            engine.happen(ev.AgentBecameReady(AgentId("anna")))
            await until(lambda: ami.queue == {"PJSIP/nurse1": ("anna", "0")})


async def test_a_refused_mirror_does_not_keep_the_link_down() -> None:
    async with FakeAmi() as ami:
        ami.answers["queueadd"] = lambda _: error("Unable to add interface to queue: No such queue")
        ami.answers["queuestatus"] = lambda _: error("Permission denied")
        engine = FakeEngine(agents=(FallbackAgent(AgentId("anna"), PhoneId("nurse1"), False),))
        async with world(ami, engine) as here:
            assert here.link.state is LinkState.LIVE
            assert here.link.errands.counts.refused == 1


# --- the beat -------------------------------------------------------------------------------


async def test_the_beat_goes_on_only_while_the_loop_turns() -> None:
    async with FakeAmi() as ami, world(ami) as here:

        def beats() -> list[str]:
            return [
                fields["value"][0]
                for fields in ami.named("Setvar")
                if fields["variable"] == ["SAMKO_BEAT"]
            ]

        await until(lambda: beats() == ["0"])
        here.engine.turns = 7
        await until(lambda: beats() == ["0", "7"])
        await until(lambda: here.link.counts.beats == 2)
        asked = here.engine.beats_asked
        await until(lambda: here.engine.beats_asked > asked + 5)
        assert beats() == ["0", "7"]
        assert here.link.counts.beats == 2


# --- losing the switch ----------------------------------------------------------------------


async def test_a_cut_is_reported_once_and_the_picture_taken_anew() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        ami.channels.append(channel(contact_id(5), "waiting"))
        ami.cut()
        await here.live(2)
        kinds = [type(command) for command in here.engine.commands]
        assert kinds == [ReportSwitch, ReportLinkLost, ReportSwitch]
        assert [caller.contact_id for caller in here.engine.commands[-1].callers] == [contact_id(5)]


async def test_a_silent_asterisk_is_reported_lost() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        ami.is_silent = True
        began = time.monotonic()
        await until(lambda: here.engine.of(ReportLinkLost))
        assert time.monotonic() - began < 1.0
        assert here.link.state is LinkState.DOWN
        ami.is_silent = False
        await here.live(2)


async def test_nothing_under_way_survives_a_cut() -> None:
    slow = dataclasses.replace(QUICK, action_s=5.0)
    async with FakeAmi() as ami, world(ami, ami_times=slow) as here:
        for number in range(1, 5):
            await waiting(here, number)
        ami.answers["redirect"] = lambda _: None
        here.engine.offer(contact_id(1), 41, "nurse1")
        await until(lambda: len(here.redirects) == 1)
        here.engine.offer(contact_id(1), 42, "nurse2")
        ami.cut()
        await here.live(2)
        ami.answers.clear()
        here.engine.offers.clear()
        await here.heard()
        assert len(here.redirects) == 1
        assert here.engine.of(ReportOfferFailed) == []
        assert not here.link.redirects.is_moving(contact_id(1))


async def test_after_a_stall_what_is_old_is_reported_and_not_acted_upon() -> None:
    async with FakeAmi(channels=[channel(contact_id(1), "fallback")]) as ami, world(ami) as here:
        caller = here.engine.enqueue(1)
        here.waits(caller, "SamkoFallback")
        here.link.stalled()
        here.engine.happen(ev.ContactSeenInFallback(caller))
        here.bridges(caller, 0, "nurse1", 9)
        await until(lambda: len(here.engine.of(ReportSwitch)) == 2)
        await here.heard()
        assert here.redirects == []
        kinds = [type(command) for command in here.engine.commands]
        assert kinds == [ReportSwitch, ReportCallerWaiting, ReportConnected, ReportSwitch]


async def test_after_a_stall_without_a_picture_the_link_begins_anew() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        ami.answers["status"] = lambda _: error("no")
        here.link.stalled()
        await until(lambda: ami.connections >= 2)
        ami.answers.clear()
        await here.live()


async def test_an_offer_that_waits_for_a_phone_is_forgotten_at_a_cut() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        await waiting(here, 2)
        here.dials(contact_id(1), 42, "nurse1", 3)
        await here.heard()
        here.engine.offer(contact_id(2), 43, "nurse1")
        await until(lambda: here.link.redirects.is_moving(contact_id(2)))
        await here.heard()
        ami.cut()
        await here.live(2)
        assert not [task for task in asyncio.all_tasks() if "Redirects._work" in repr(task)]
        assert here.redirects == []


async def test_a_picture_whose_connection_is_cut_is_forgotten_with_its_events() -> None:
    async with FakeAmi() as ami:
        engine = FakeEngine()
        async with world(ami, engine, times=quick(settle_s=0.2), is_live=False) as here:
            await until(lambda: ami.named("Status"))
            here.waits(contact_id(5))
            await until(lambda: here.link.reconciler._collected)
            ami.cut()
            await here.live(2)
            await here.heard()
            assert [type(command) for command in engine.commands] == [ReportLinkLost, ReportSwitch]


async def test_more_events_than_can_be_kept_end_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reconciler, "STREAM_MAX", 5)
    async with FakeAmi() as ami, world(ami, times=quick(settle_s=0.2), is_live=False) as here:
        await until(lambda: ami.named("Status"))
        ami.say(*(event(f"E{number}") for number in range(10)))
        await here.live(2)


async def test_effects_while_the_link_is_down_are_dropped() -> None:
    ami = FakeAmi()
    await ami.listen()
    await ami.stop()
    async with world(ami, is_live=False) as here:
        here.engine.enqueue(1)
        here.engine.offer(contact_id(1), 42, "nurse1")
        await until(lambda: here.link.counts.effects_dropped == 1)
        async with ami:
            await here.live()
            await here.heard()
            assert here.redirects == []


async def test_offers_decided_on_the_picture_are_sent_once_the_link_is_live() -> None:
    async with FakeAmi(channels=[channel(contact_id(1), "waiting")]) as ami:
        engine = FakeEngine()
        engine.enqueue(1)

        def mirror_asked(_: object) -> str:
            engine.offer(contact_id(1), 42, "nurse1")
            return error("slow")

        ami.answers["queuestatus"] = mirror_asked
        async with world(ami, engine) as here:
            await until(lambda: here.redirects == [("1", "o42-nurse1")])


async def test_a_picture_that_is_refused_keeps_the_link_down() -> None:
    async with FakeAmi() as ami:
        ami.answers["status"] = lambda _: error("Permission denied")
        async with world(ami, is_live=False) as here:
            await until(lambda: ami.connections >= 2)
            assert here.link.state is not LinkState.LIVE
            assert here.engine.of(ReportSwitch) == []
            ami.answers.clear()
            await here.live()


async def test_events_that_came_while_the_picture_was_made_are_not_lost() -> None:
    async with FakeAmi(channels=[channel(contact_id(1), "waiting")]) as ami:
        engine = FakeEngine()
        engine.enqueue(1)

        def hang_up_meanwhile(_: object) -> str:
            ami.say(event("Hangup", Channel="PJSIP/trunk-00000001", Uniqueid=contact_id(1)))
            return error("none")

        ami.answers["queuestatus"] = hang_up_meanwhile
        async with world(ami, engine):
            await until(lambda: engine.of(ReportCallerGone))
            kinds = [type(command) for command in engine.commands[:2]]
            assert kinds == [ReportSwitch, ReportCallerGone]


async def test_a_reader_that_was_cut_off_follows_again_and_reconciles() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        pictures = len(ami.named("Status"))
        here.engine.feed.close()
        await until(lambda: len(ami.named("Status")) > pictures)
        await until(lambda: here.engine.feed.is_open)
        here.engine.offer(contact_id(1), 42, "nurse1")
        await until(lambda: len(here.redirects) == 1)
        assert here.link.counts.feed_cuts == 1


# --- the check of a live link ---------------------------------------------------------------


async def test_a_check_reports_the_picture_in_its_place() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        ami.channels.append(channel(contact_id(1), "waiting"))
        assert await here.link.reconcile()
        report = here.engine.commands[-1]
        assert isinstance(report, ReportSwitch)
        assert [caller.place for caller in report.callers] == [CallerPlace.WAITING]


async def test_a_caller_who_moved_meanwhile_is_shown_alive_and_no_more() -> None:
    """Events lag behind answers: one that comes after the picture may be older than it."""
    rows = [channel(contact_id(number), "waiting") for number in (1, 2, 3, 4)]
    async with FakeAmi() as ami, world(ami, times=quick(settle_s=0.1)) as here:
        for number in (1, 2, 3, 4):
            await waiting(here, number)
        ami.channels = rows
        checked = asyncio.create_task(here.link.reconcile())
        await until(lambda: len(ami.named("Status")) == 2)
        here.dials(contact_id(1), 43, "nurse1", 9)
        here.hangs_up(3)
        bridged = {"Channel": "PJSIP/nurse2-00000008", "Uniqueid": contact_id(8)}
        ami.say(event("Hangup", **bridged, Linkedid=contact_id(4)))
        assert await checked
        report = here.engine.of(ReportSwitch)[-1]
        places = {caller.contact_id: caller.place for caller in report.callers}
        assert places == {
            contact_id(1): CallerPlace.MENU,
            contact_id(2): CallerPlace.WAITING,
            contact_id(4): CallerPlace.MENU,
        }
        assert here.engine.commands[-2] == ReportCallerGone(contact_id(3)), "told in its place"


async def test_events_that_lag_behind_the_first_picture_are_told_after_it() -> None:
    rows = [channel(contact_id(number), "waiting") for number in (1, 2)]
    async with FakeAmi(channels=rows) as ami:
        engine = FakeEngine()
        for number in (1, 2, 3):
            engine.enqueue(number)
        async with world(ami, engine, times=quick(settle_s=0.1), is_live=False) as here:
            await until(lambda: ami.named("Status"))
            here.hangs_up(1)
            here.waits(contact_id(3))
            here.hangs_up(3)
            await here.live()
            first = engine.of(ReportSwitch)[0]
            places = {caller.contact_id: caller.place for caller in first.callers}
            assert places == {
                contact_id(1): CallerPlace.MENU,
                contact_id(2): CallerPlace.WAITING,
            }
            assert engine.of(ReportCallerWaiting) == [], "3 had hung up before the picture"
            assert ReportCallerGone(contact_id(1)) in engine.commands
            await until(lambda: len(engine.of(ReportSwitch)) == 2, 3.0)


async def test_a_caller_whom_we_are_moving_is_shown_alive_and_no_more() -> None:
    async with FakeAmi(channels=[channel(contact_id(1), "waiting")]) as ami:
        engine = FakeEngine()
        engine.enqueue(1)
        async with world(ami, engine) as here:
            engine.offer(contact_id(1), 42, "nurse1")
            await until(lambda: len(here.redirects) == 1)
            assert await here.link.reconcile()
            (caller,) = engine.of(ReportSwitch)[-1].callers
            assert caller.place is CallerPlace.MENU


async def test_one_whose_offer_has_not_reached_the_link_yet_is_shown_alive_and_no_more() -> None:
    async with FakeAmi(channels=[channel(contact_id(1), "waiting")]) as ami:
        engine = FakeEngine()
        engine.enqueue(1)
        async with world(ami, engine) as here:
            engine.offers[contact_id(1)] = 42
            assert await here.link.reconcile()
            (caller,) = engine.of(ReportSwitch)[-1].callers
            assert caller.place is CallerPlace.MENU


async def test_a_check_is_made_now_and_then_unasked() -> None:
    async with FakeAmi() as ami, world(ami, times=quick(reconcile_every_s=0.05)) as here:
        await until(lambda: len(ami.named("Status")) >= 3)
        assert here.link.reconciler.pictures >= 3


async def test_a_leg_whose_hangup_was_missed_is_forgotten() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        here.dials(here.engine.enqueue(1), 42, "nurse1", 2)
        await here.heard()
        assert here.link.board.is_phone_in_use(PhoneId("nurse1"))
        assert await here.link.reconcile()
        assert not here.link.board.legs


async def test_a_check_without_answer_fails_in_time_and_is_no_harm() -> None:
    slow = dataclasses.replace(QUICK, ping_every_s=60.0)
    async with FakeAmi() as ami, world(ami, ami_times=slow, times=quick(status_s=0.1)) as here:
        ami.answers["status"] = lambda _: None
        assert not await here.link.reconcile()
        ami.answers.clear()
        assert await here.link.reconcile()
