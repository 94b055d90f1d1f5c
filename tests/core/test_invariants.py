"""The invariants see what is wrong: states and offers that cannot come about, planted by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from queue_engine.core import events as ev
from queue_engine.core.agent import Agent, AgentState, Assignment, Presence
from queue_engine.core.commands import ReportLinkLost, SignOnAgent
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.invariants import check, check_promise
from queue_engine.core.state import State
from routing.may_answer import Obstacle
from routing.policy import Policy
from routing.rows import Rows
from routing.vocabulary import (
    AgentId,
    ContactId,
    NotReadyReason,
    PhoneId,
    Priority,
    RegionCode,
    UnitId,
)
from tests.core.everybody import everybody
from tests.core.world import LINK, World


def c(state: State, name: str) -> Contact:
    return state.contacts[ContactId(name)]


def a(state: State, name: str) -> Agent:
    return state.agents[AgentId(name)]


def test_a_true_state_passes() -> None:
    check(everybody().state)


def unsettled(state: State) -> None:
    state.touched.contacts[ContactId("waits")] = c(state, "waits")


def two_sequences(state: State) -> None:
    c(state, "waits").sequence = c(state, "rests").sequence


def sequence_to_come(state: State) -> None:
    c(state, "waits").sequence = state.next_sequence


def waits_and_talks(state: State) -> None:
    a(state, "idle").assignments[ContactId("waits")] = Assignment(AgentState.TALKING, 0)


def waits_with_an_offer(state: State) -> None:
    c(state, "waits").offer = 9


def offered_to_nobody(state: State) -> None:
    a(state, "rung").assignments.clear()


def offered_to_two(state: State) -> None:
    a(state, "idle").assignments[ContactId("rings")] = Assignment(AgentState.RESERVED, 0)


def talks_with_nobody(state: State) -> None:
    a(state, "talker").assignments.clear()


def over_and_talking(state: State) -> None:
    a(state, "wraps").assignments[ContactId("over")] = Assignment(AgentState.TALKING, 0)


def over_without_outcome(state: State) -> None:
    c(state, "over").outcome = None


def two_calls(state: State) -> None:
    c(state, "lone").agent_id = AgentId("talker")
    a(state, "talker").assignments[ContactId("lone")] = Assignment(AgentState.TALKING, 0)


def leaves_and_never_goes(state: State) -> None:
    a(state, "idle").is_signing_off = True


def two_at_a_phone(state: State) -> None:
    a(state, "idle").phone_id = PhoneId("phone-on")


def waiting_left_out(state: State) -> None:
    state.waiting.remove(c(state, "waits"))


def ready_left_out(state: State) -> None:
    state.ready.remove(a(state, "idle"))


def ready_by_mistake(state: State) -> None:
    a(state, "idle").presence = Presence.NOT_READY


def staff_miscounted(state: State) -> None:
    state.ready.sign_on(a(state, "idle").agent_class)


def offer_left_out(state: State) -> None:
    del state._offered[ContactId("rings")]


def question_left_out(state: State) -> None:
    del state.asking[ContactId("asked")]


def emergency_left_out(state: State) -> None:
    state.emergencies.clear()


def living_left_out(state: State) -> None:
    del state._not_ended[RegionCode("22")][ContactId("talks")]


def ready_miscounted(state: State) -> None:
    needs = c(state, "waits").needs
    assert state.ready.ready_count(RegionCode("22"), needs) == 0
    state.ready._counts[RegionCode("22")][needs].ready += 1


def place_out_of_date(state: State) -> None:
    c(state, "waits").arrived_ms += 1


def class_out_of_date(state: State) -> None:
    c(state, "unseen").home_region = RegionCode("23")


def row_out_of_date(state: State) -> None:
    state.waiting._ranks[0].shared = Rows()


def answer_out_of_date(state: State) -> None:
    kind, needy = a(state, "idle").agent_class, c(state, "waits").contact_class
    assert state.floor.standing(kind, needy) is Obstacle.SKILLS
    state.floor._sights[kind].able[needy.needed] = True


def sequences_index(state: State) -> None:
    state.sequences[77] = ContactId("waits")


def rings_for_ever(state: State) -> None:
    state.deadlines.clear(DeadlineKind.RING, "rings")


def slept_through(state: State) -> None:
    state.deadlines._heap.clear()


def wraps_for_ever(state: State) -> None:
    state.deadlines.clear(DeadlineKind.WRAP_UP, "wraps", "over")


def never_forgotten(state: State) -> None:
    state.deadlines.clear(DeadlineKind.FORGET, "over")


def rests_for_ever(state: State) -> None:
    state.deadlines.clear(DeadlineKind.NOT_BEFORE, "rests")


def no_alarm(state: State) -> None:
    state.deadlines.clear(DeadlineKind.OVERDUE, "waits")


def never_shared(state: State) -> None:
    state.deadlines.clear(DeadlineKind.SHARE, "waits", "after_3_min")


def tried_for_ever(state: State) -> None:
    state.deadlines.clear(DeadlineKind.TRIED, "rings", "healing")


def deadline_of_the_dead(state: State) -> None:
    state.deadlines.set(5, DeadlineKind.SHARE, "over", "past_due")


def heals_from_nothing(state: State) -> None:
    a(state, "healing").not_ready_reason = NotReadyReason.BREAK


def heals_nobody(state: State) -> None:
    state.deadlines.set(5, DeadlineKind.HEAL, "off")


def window_forgotten(state: State) -> None:
    state.windows["night_22_07"] = True


def unstaffed_forgotten(state: State) -> None:
    row = c(state, "unseen")
    row.needs = c(state, "waits").needs
    state.reindex_contact(row)
    state.touched.clear()


def somebody_idle(state: State) -> None:
    row = c(state, "waits")
    row.needs = ()
    state.reindex_contact(row)
    state.touched.clear()


def nobody_takes_calls(state: State) -> None:
    state.taking[a(state, "idle").region].clear()


def question_not_withdrawn(state: State) -> None:
    _nobody_is_ready_but(state, "rung_too")


def offer_not_withdrawn(state: State) -> None:
    _nobody_is_ready_but(state, "rung")


def _nobody_is_ready_but(state: State, name: str) -> None:
    for agent in (a(state, each) for each in ("idle", "rung", "rung_too") if each != name):
        agent.presence = Presence.NOT_READY
        state.reindex_agent(agent)
    row = c(state, "waits")
    row.needs = ()
    state.reindex_contact(row)
    state.touched.clear()


def urgent_not_shared(state: State) -> None:
    row = c(state, "waits")
    row.priority = Priority.URGENT
    row.shared = tuple(entry for entry in row.shared if entry.ring.kind != "national")
    del state._not_ended[row.home_region][row.contact_id]
    row.home_region = RegionCode("23")
    state.deadlines.clear(DeadlineKind.OVERDUE, "waits")
    state.rules.policy = _without_rules(state.rules.policy)  # that would be missed first
    state.rules.regions = {region.code: region for region in state.rules.policy.regions}
    for name in list(state.contacts):
        for rule in ("after_3_min", "past_due"):
            state.deadlines.clear(DeadlineKind.SHARE, name, rule)
    state.reindex_contact(row)
    state.touched.clear()


def _without_rules(policy: Policy) -> Policy:
    regions = tuple(replace(region, share_rules=()) for region in policy.regions)
    return replace(policy, regions=regions)


PLANTS: list[tuple[Callable[[State], None], str]] = [
    (unsettled, "unsettled"),
    (two_sequences, "two contacts with sequence"),
    (sequence_to_come, "waits"),
    (waits_and_talks, "waits and is held"),
    (waits_with_an_offer, "waits"),
    (offered_to_nobody, "rings"),
    (offered_to_two, "rings"),
    (talks_with_nobody, "talks"),
    (over_and_talking, "over has ended and is held"),
    (over_without_outcome, "over"),
    (two_calls, "two calls"),
    (leaves_and_never_goes, "should be signed off"),
    (two_at_a_phone, "two agents at phone-on"),
    (waiting_left_out, "the waiting index"),
    (ready_left_out, "the ready index"),
    (ready_by_mistake, "the ready index"),
    (staff_miscounted, "signed on differs"),
    (offer_left_out, "index of offers"),
    (question_left_out, "index of questions"),
    (emergency_left_out, "index of emergencies"),
    (living_left_out, "index of the living"),
    (ready_miscounted, "ready differs"),
    (place_out_of_date, "waits: its place"),
    (class_out_of_date, "unseen: its class"),
    (row_out_of_date, "rows of the waiting differ"),
    (answer_out_of_date, "remembered None, is skills"),
    (sequences_index, "index of sequences"),
    (rings_for_ever, "missing.*c_ring"),
    (slept_through, "deadlines are not due"),
    (wraps_for_ever, "missing.*b_wrap_up"),
    (never_forgotten, "missing.*h_forget"),
    (rests_for_ever, "missing.*e_not_before"),
    (no_alarm, "missing.*g_overdue"),
    (never_shared, "missing.*f_share"),
    (tried_for_ever, "missing.*d_tried"),
    (deadline_of_the_dead, "left behind"),
    (heals_from_nothing, "heals from nothing"),
    (heals_nobody, "not at work"),
    (window_forgotten, "night forgotten"),
    (unstaffed_forgotten, "unstaffed forgotten"),
    (somebody_idle, "is ready and may answer waits"),
    (nobody_takes_calls, "who takes calls differs"),
    (question_not_withdrawn, "waits while rung_too rings for asked"),
    (offer_not_withdrawn, "waits while rung rings for rings"),
    (urgent_not_shared, "urgent, waits, and is not everybody's"),
]


@pytest.mark.parametrize(("plant", "says"), PLANTS, ids=[p[0].__name__ for p in PLANTS])
def test_what_is_planted_is_found(plant: Callable[[State], None], says: str) -> None:
    state = everybody().state
    plant(state)
    with pytest.raises(AssertionError, match=says):
        check(state)


# --- the promise ----------------------------------------------------------------------------


def hall() -> World:
    """Two wait whom nobody at work may answer yet; one nurse is about to be ready."""
    world = World()
    world.do(ReportLinkLost(LINK))
    world.agent("a1")
    world.agent("a2", region="24")
    world.caller("c1")
    world.caller("c2")
    return world


def offer(contact: str, agent: str) -> ev.ContactOffered:
    phone = PhoneId(f"phone-{agent}")
    return ev.ContactOffered(
        ContactId(contact), AgentId(agent), LINK, phone, 1, 0, is_home=True, wait_ms=0
    )


def test_the_promise_is_checked_before_each_offer() -> None:
    state = hall().state
    with pytest.raises(AssertionError, match="c1 was offered and cannot be"):
        check_promise(state, offer("c1", "a1"))
    state.links[LINK] = True
    for row in state.contacts.values():
        row.seen_waiting = True
        state.reindex_contact(row)
    check_promise(state, offer("c1", "a1"))
    with pytest.raises(AssertionError, match=r"c2 .* was offered to a1 before c1"):
        check_promise(state, offer("c2", "a1"))
    with pytest.raises(AssertionError, match="a2 may not answer c1: not_shared"):
        check_promise(state, offer("c1", "a2"))
    a(state, "a1").presence = Presence.NOT_READY
    with pytest.raises(AssertionError, match="a1 was offered a contact and is not ready"):
        check_promise(state, offer("c1", "a1"))
    check_promise(state, ev.LinkLost(LINK))
    assert c(state, "c1").state is ContactState.WAITING


def test_a_unit_without_a_name_is_a_unit() -> None:
    world = World()
    a1, region = AgentId("a1"), RegionCode("22")
    world.do(SignOnAgent(a1, LINK, PhoneId("p1"), region, (), UnitId("")))
    check(world.state)
