"""Being rung back: what stories over one switch do not show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.callback import CALLBACK, CallbackState
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.errors import Refused
from queue_engine.core.explain import Hold, explain_wait
from queue_engine.core.invariants import check
from queue_engine.core.promise import promises
from queue_engine.core.snapshot import read_snapshot, write_snapshot
from queue_engine.core.state import State
from routing.callback_policy import CallbackPolicy, callback_problems
from routing.vocabulary import (
    AgentId,
    ContactChannel,
    ContactId,
    LinkId,
    PhoneId,
    Priority,
    RegionCode,
    Skill,
    SkillLevel,
)
from tests.core.everybody import everybody
from tests.core.everybody_callback import ADVICE, to_be_rung
from tests.core.messages import EVENTS
from tests.core.world import LINK, World

C1 = ContactId("c1")
OTHER = LinkId("ast2")


def row(world: World) -> Contact:
    return world.state.contacts[C1]


def nurse_at_the_other_switch(world: World) -> None:
    world.do(cmd.ReportSwitch(OTHER, world.now_ms, ()))
    skills = (SkillLevel(Skill("advice")),)
    a1 = AgentId("a1")
    world.do(cmd.SignOnAgent(a1, OTHER, PhoneId("phone-a1"), RegionCode("22"), skills))
    world.do(cmd.SetAgentReady(a1))


@pytest.mark.parametrize("state", list(CALLBACK))
@pytest.mark.parametrize("event", EVENTS, ids=lambda kind: kind.__name__)
def test_it_goes_where_its_table_says(state: CallbackState | None, event: type) -> None:
    contact = everybody_row()
    contact.callback = state
    if event in CALLBACK[state]:
        contact.step_callback(event)
        assert contact.callback is CALLBACK[state][event]
    else:
        with pytest.raises(AssertionError, match=event.__name__):
            contact.step_callback(event)


def everybody_row() -> Contact:
    return Contact(C1, 1, LINK, 0, 0, Priority.STANDARD, (), RegionCode("22"))


def test_any_switch_may_ring_him_whatever_becomes_of_his_own() -> None:
    world = World()
    world.caller("c1")
    nurse_at_the_other_switch(world)
    assert row(world).state is ContactState.WAITING, "she cannot be rung for one on the line"
    world.do(cmd.RequestCallback(C1))
    world.do(cmd.ReportCallerGone(C1))
    (offered,) = (e for e in world.records[-1].events if isinstance(e, ev.ContactOffered))
    assert offered.is_callback
    assert (offered.link_id, row(world).link_id) == (OTHER, OTHER)
    world.do(cmd.ReportLinkLost(LINK))
    world.do(cmd.ReportCallbackDialled(C1, offered.offer))
    world.do(cmd.ReportConnected(C1, OTHER, PhoneId("phone-a1"), offered.offer))
    assert row(world).state is ContactState.CONNECTED
    world.do(cmd.ReportSwitch(LINK, world.now_ms + 1, ()))
    assert row(world).state is ContactState.CONNECTED, "his former switch does not show him"
    world.check_replay()


def test_he_waits_on_while_no_switch_is_in_reach() -> None:
    world = World()
    nurse_at_the_other_switch(world)
    world.do(cmd.ReportLinkLost(OTHER))
    world.do(replace(to_be_rung("c1", ADVICE), arrived_ms=world.now_ms))
    world.do(cmd.ReportLinkLost(LINK))
    assert row(world).state is ContactState.WAITING
    assert explain_wait(world.state, row(world)).hold is None
    world.do(cmd.ReportSwitch(OTHER, world.now_ms, ()))
    assert row(world).state is ContactState.OFFERED


def test_she_whose_switch_has_never_been_in_reach_is_not_rung() -> None:
    world = World()
    a1, skills = AgentId("a1"), (SkillLevel(Skill("advice")),)
    world.do(cmd.SignOnAgent(a1, OTHER, PhoneId("phone-a1"), RegionCode("22"), skills))
    world.do(cmd.SetAgentReady(a1))
    world.do(replace(to_be_rung("c1", ADVICE), arrived_ms=world.now_ms))
    assert row(world).state is ContactState.WAITING
    world.do(cmd.ReportSwitch(OTHER, world.now_ms, ()))
    assert row(world).state is ContactState.OFFERED


def test_he_is_seen_talking_at_another_switch_than_the_one_that_rang() -> None:
    world = World()
    nurse_at_the_other_switch(world)
    world.do(replace(to_be_rung("c1", ADVICE), arrived_ms=world.now_ms))
    world.do(cmd.ReportConnected(C1, LINK, PhoneId("somewhere")))
    assert (row(world).state, row(world).link_id) == (ContactState.CONNECTED, LINK)
    assert row(world).callback is None
    world.check_replay()


def test_a_picture_older_than_the_offer_does_not_end_it() -> None:
    world = World()
    world.do(to_be_rung("c1", ADVICE))
    world.wait(10)
    world.agent("a1")
    offer = row(world).offer
    assert offer is not None
    world.do(cmd.ReportSwitch(LINK, world.now_ms, ()))
    assert row(world).offer == offer
    world.do(cmd.ReportSwitch(LINK, world.now_ms + 1, ()))
    assert row(world).offer != offer, "it does not ring, and is offered anew"


def test_what_rings_for_him_is_no_caller_who_waits() -> None:
    world = World()
    world.do(replace(to_be_rung("c1", ADVICE), arrived_ms=world.now_ms))
    phone = PhoneId("phone-a1")
    shown = cmd.SeenCaller(C1, cmd.CallerPlace.RINGING, world.now_ms, None, phone, 7)
    world.do(cmd.ReportSwitch(LINK, world.now_ms, (shown,)))
    assert row(world).callback is CallbackState.AWAITED


def test_one_on_the_line_is_not_rung_and_so_cannot_be_missed() -> None:
    world = World()
    world.agent("a1")
    world.caller("c1")
    offer = row(world).offer
    assert offer is not None
    for report in (
        cmd.ReportCallbackDialled(C1, offer),
        cmd.ReportCallbackFailed(C1, offer, cmd.CallbackFailure.BUSY),
    ):
        (event,) = world.do(report)
        assert isinstance(event, ev.LateReport)
        assert row(world).state is ContactState.OFFERED


def test_he_rests_between_tries_and_that_is_told() -> None:
    world = World()
    world.agent("a1")
    world.do(replace(to_be_rung("c1", ADVICE), arrived_ms=world.now_ms))
    offer = row(world).offer
    assert offer is not None
    world.do(cmd.ReportCallbackFailed(C1, offer, cmd.CallbackFailure.BUSY))
    assert explain_wait(world.state, row(world)).hold is Hold.RESTING
    idle_since_ms = world.state.agents[AgentId("a1")].ready_since_ms
    assert idle_since_ms < world.now_ms or not world.wait(0)


def test_only_who_waits_on_the_phone_is_rung_back() -> None:
    world = World()
    chat = replace(to_be_rung("c1", ADVICE), channel=ContactChannel.CHAT)
    world.do(replace(chat, arrived_ms=world.now_ms))
    with pytest.raises(Refused, match="does not wait on the phone") as refused:
        world.do(cmd.RequestCallback(C1))
    assert refused.value.code == "bad_channel"


def test_the_promised_are_listed_by_their_moment() -> None:
    world = everybody()
    before = [contact.contact_id for contact in promises(world.state)]
    assert before == ["dialled", "away", "promised"]
    again = read_snapshot(write_snapshot(world.state))
    assert [contact.contact_id for contact in promises(again)] == before


def c(state: State, name: str) -> Contact:
    return state.contacts[ContactId(name)]


def not_listed(state: State) -> None:
    del state.promised[ContactId("away")]


def promised_for_ever(state: State) -> None:
    c(state, "away").promised_until_ms = None


def overdue_without_promise(state: State) -> None:
    c(state, "waits").is_promise_overdue = True


def tried_without_promise(state: State) -> None:
    c(state, "waits").callback_tries = 1


def bound_to_a_switch(state: State) -> None:
    c(state, "promised").callback = CallbackState.AWAITED


def away_and_on_the_line(state: State) -> None:
    c(state, "dialled").seen_waiting = True


def rung_by_nobody(state: State) -> None:
    c(state, "away").callback = CallbackState.DIALLED


def rung_from_elsewhere(state: State) -> None:
    c(state, "dialled").link_id = OTHER


def tried_too_often(state: State) -> None:
    c(state, "dialled").callback_tries = 10


def promised_and_over(state: State) -> None:
    c(state, "over").callback = CallbackState.PROMISED
    c(state, "over").promised_until_ms = 1
    state.promised[ContactId("over")] = c(state, "over")


PLANTED: dict[Callable[[State], None], str] = {
    not_listed: "the index of the promised",
    promised_for_ever: "away: promise differs",
    overdue_without_promise: "overdue, no promise",
    tried_without_promise: "tried, no promise",
    bound_to_a_switch: "promised: who can ring him",
    away_and_on_the_line: "dialled is away and waits on the line",
    rung_by_nobody: "away is rung by nobody",
    rung_from_elsewhere: "dialled is rung from another switch",
    tried_too_often: "dialled: rung without end",
    promised_and_over: "over: promised and ended",
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_what_cannot_be_is_seen(plant: Callable[[State], None]) -> None:
    state = everybody().state
    plant(state)
    with pytest.raises(AssertionError, match=PLANTED[plant]):
        check(state)


@pytest.mark.parametrize(
    ("callbacks", "told"),
    [
        (CallbackPolicy(within_ms=-1), "within_ms: must be 0 to"),
        (CallbackPolicy(within_ms=86_400_001), "within_ms: must be 0 to"),
        (CallbackPolicy(dial_ms=0), "dial_ms: must be more than 0"),
        (CallbackPolicy(retry_after_ms=(1, 0)), "retry_after_ms: each must be more than 0"),
        (CallbackPolicy(retry_after_ms=(1,) * 10), "at most 10 tries in all"),
    ],
)
def test_rules_that_cannot_be_are_problems(callbacks: CallbackPolicy, told: str) -> None:
    assert not list(callback_problems(CallbackPolicy()))
    assert [told in problem for problem in callback_problems(callbacks)] == [True]


def test_a_dialled_phone_of_a_lost_switch_is_frozen_and_has_its_time_when_it_is_back() -> None:
    world = World()
    world.agent("a1")
    world.do(to_be_rung("c1", ADVICE))
    offer = row(world).offer
    assert offer is not None
    world.do(cmd.ReportLinkLost(LINK))
    world.do(cmd.ReportCallbackDialled(C1, offer))
    assert world.wait(600_000) == ()
    place = cmd.CallerPlace.RINGING
    caller = cmd.SeenCaller(C1, place, world.now_ms, phone_id=row(world).phone_id, offer=offer)
    seen, _ = world.do(cmd.ReportSwitch(LINK, world.now_ms, (caller,)))
    assert seen == ev.OfferSeen(C1, offer, world.now_ms + 48_000)


def test_a_nurse_on_her_way_home_is_signed_off_once_when_the_switch_takes_it_back() -> None:
    world = World()
    world.agent("a1")
    world.do(to_be_rung("c1", ADVICE))
    offer, a1 = row(world).offer, AgentId("a1")
    assert offer is not None
    world.do(cmd.ReportCallbackDialled(C1, offer))
    assert world.do(cmd.SignOffAgent(a1)) == (ev.SignOffAwaited(a1),)
    events = world.do(cmd.ReportOfferFailed(C1, offer, cmd.OfferFailure.CANCELLED))
    seen_waiting = ev.RevokeReason.SEEN_WAITING
    assert events[:2] == (ev.OfferRevoked(C1, a1, offer, seen_waiting), ev.AgentSignedOff(a1))


def test_nor_is_she_kept_when_the_switch_no_longer_shows_him() -> None:
    world = World()
    world.agent("a1")
    world.do(to_be_rung("c1", ADVICE))
    offer, a1 = row(world).offer, AgentId("a1")
    assert offer is not None
    world.do(cmd.ReportCallbackDialled(C1, offer))
    world.do(cmd.SignOffAgent(a1))
    events = world.do(cmd.ReportSwitch(LINK, world.now_ms + 1, ()))
    unseen = ev.RevokeReason.UNSEEN
    assert events[:2] == (ev.OfferRevoked(C1, a1, offer, unseen), ev.AgentSignedOff(a1))
