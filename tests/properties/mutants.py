"""Wrong versions of the engine, each by one thing that somebody might really get wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from queue_engine.core import (
    apply as applying,
    decide as deciding,
    decide_contacts,
    decide_switch,
    events as ev,
    late_pictures,
    placing,
    settle,
    sharing,
    state as stating,
)
from queue_engine.core.agent import Agent, Presence
from queue_engine.core.apply_contacts import set_deadlines
from queue_engine.core.commands import (
    PassTime,
    ReportConnected,
    ReportOfferFailed,
)
from queue_engine.core.contact import Contact
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.state import State
from queue_engine.core.turn import Turn
from routing import matching, may_answer, sights
from routing.may_answer import Floor
from routing.order import Key, Place, place_of
from routing.policy import Order
from routing.ready_agents import Count, ReadyAgents
from routing.rules import Rules
from routing.vocabulary import ContactId, NotReadyReason, RegionCode, Requirement, SkillLevel
from tests.properties import (
    mutants_agreement,
    mutants_callback,
    mutants_choice,
    mutants_gateways,
    mutants_islands,
    mutants_ledger,
    mutants_limits,
    mutants_needs,
    mutants_return,
    mutants_rooms,
    mutants_talk,
    mutants_texts,
    mutants_trunks,
    mutants_waits,
)

Patch = pytest.MonkeyPatch
Written = Callable[[State, Any, int], None]


def _after(patch: Patch, kind: type, more: Written) -> None:
    """The event is written as ever, and then something that should not be."""
    write = applying.WRITERS[kind]

    def wrong(state: State, event: Any, now_ms: int, number: int) -> None:
        write(state, event, now_ms, number)
        more(state, event, now_ms)

    patch.setitem(applying.WRITERS, kind, wrong)


def _contact(state: State, event: Any) -> Contact:
    return state.contacts[ContactId(event.contact_id)]


# --- the order ------------------------------------------------------------------------------


def place_lost_after_no_answer(patch: Patch) -> None:
    def to_the_back(state: State, event: Any, now_ms: int) -> None:
        row = _contact(state, event)
        row.arrived_ms = now_ms
        set_deadlines(state, row)
        state.reindex_contact(row)

    _after(patch, ev.OfferRangOut, to_the_back)


def emergency_below_urgent(patch: Patch) -> None:
    def swapped(*args: Any) -> Place:
        place = place_of(*args)
        return place._replace(rank={0: 1, 1: 0}.get(place.rank, place.rank))

    patch.setattr(placing, "place_of", swapped)


def last_come_first_served_among_equals(patch: Patch) -> None:
    def wrong(*args: Any) -> Place:
        place = place_of(*args)
        return place._replace(sequence=-place.sequence)

    patch.setattr(placing, "place_of", wrong)


def strict_order_is_the_due_order(patch: Patch) -> None:
    def wrong(order: Any, priority: Any, rule: Any, arrived_ms: int, sequence: int) -> Place:
        is_strict = order is Order.STRICT
        return place_of(Order.DUE if is_strict else order, priority, rule, arrived_ms, sequence)

    patch.setattr(placing, "place_of", wrong)


def due_forgotten(patch: Patch) -> None:
    def wrong(order: Any, priority: Any, rule: Any, arrived_ms: int, sequence: int) -> Place:
        place = place_of(order, priority, rule, arrived_ms, sequence)
        return place._replace(due_ms=arrived_ms)

    patch.setattr(placing, "place_of", wrong)


def own_region_not_first(patch: Patch) -> None:
    patch.setattr(matching, "key_for", lambda policy, is_own, place: Key(place[0], 0, *place[1:]))


def own_region_first_in_every_tier(patch: Patch) -> None:
    def wrong(policy: Any, is_own: bool, place: tuple[int, int, int]) -> Key:
        rank, due_ms, sequence = place
        return Key(rank, 0 if is_own else 1, due_ms, sequence)

    patch.setattr(matching, "key_for", wrong)


def priority_changed_and_place_not(patch: Patch) -> None:
    def wrong(state: State, event: Any, now_ms: int, number: int) -> None:
        _contact(state, event).priority = event.priority

    patch.setitem(applying.WRITERS, ev.ContactPriorityChanged, wrong)


# --- who may --------------------------------------------------------------------------------


def reserve_ignored(patch: Patch) -> None:
    patch.setattr(Floor, "lend_obstacle", lambda self, region, needs, tier: None)


def reserve_counts_nurses_without_the_skill(patch: Patch) -> None:
    count = ReadyAgents.count

    def wrong(self: ReadyAgents, region: RegionCode, needs: tuple[Requirement, ...]) -> Count:
        right = count(self, region, needs)
        return Count(needs, count(self, region, ()).ready, right.signed_on, right.reserve)

    patch.setattr(ReadyAgents, "count", wrong)


def levels_ignored(patch: Patch) -> None:
    def wrong(skills: tuple[SkillLevel, ...], needs: tuple[Requirement, ...]) -> bool:
        return {need.skill for need in needs} <= {has.skill for has in skills}

    for module in (may_answer, sights):
        patch.setattr(module, "meets", wrong)


def everybody_takes_part(patch: Patch) -> None:
    patch.setattr(Rules, "takes_part", lambda self, code: True)


def tried_forgotten(patch: Patch) -> None:
    patch.setattr(may_answer, "has_other", lambda floor, contact: False)


def tried_for_ever(patch: Patch) -> None:
    def wrong(state: State, event: Any, now_ms: int) -> None:
        _contact(state, event).tried[event.agent_id] = now_ms

    _after(patch, ev.TriedForgotten, wrong)


def cluster_means_nation(patch: Patch) -> None:
    patch.setattr(Rules, "covers", lambda self, ring, home, code: self.takes_part(code))


# --- sharing and withdrawing ----------------------------------------------------------------


def shared_lost_by_an_offer(patch: Patch) -> None:
    def wrong(state: State, event: Any, now_ms: int) -> None:
        _contact(state, event).shared = ()

    _after(patch, ev.ContactOffered, wrong)


def tier_1_never_shared(patch: Patch) -> None:
    patch.setattr(sharing, "lacks_urgent_sharing", lambda state, contact: False)


def unstaffed_never_noticed(patch: Patch) -> None:
    patch.setattr(settle, "share_unstaffed", lambda turn: None)


def nothing_withdrawn(patch: Patch) -> None:
    patch.setattr(settle, "first_withdrawable", lambda state: None)


def withdrawn_for_urgent_callers_too(patch: Patch) -> None:
    patch.setattr(stating, "EMERGENCY_TIER", 1)


# --- deadlines ------------------------------------------------------------------------------


def rings_for_ever(patch: Patch) -> None:
    _after(
        patch,
        ev.ContactOffered,
        lambda state, event, now_ms: state.deadlines.clear(DeadlineKind.RING, event.contact_id),
    )


def wrap_up_without_limit(patch: Patch) -> None:
    _after(
        patch,
        ev.WrapUpStarted,
        lambda state, event, now_ms: state.deadlines.clear_all(
            event.agent_id, (DeadlineKind.WRAP_UP,)
        ),
    )


def no_alarm_for_emergencies(patch: Patch) -> None:
    patch.setitem(deciding._DECIDERS, PassTime, _pass_time_without_alarm)


def _pass_time_without_alarm(turn: Turn, command: Any) -> None:
    for row in turn.state.deadlines.rows():
        if row.kind is DeadlineKind.OVERDUE:
            turn.state.deadlines.clear(row.kind, row.subject)
    deciding._pass_time(turn, command)


def never_heals(patch: Patch) -> None:
    _after(
        patch,
        ev.AgentBecameNotReady,
        lambda state, event, now_ms: state.deadlines.clear(DeadlineKind.HEAL, event.agent_id),
    )


def frozen_offers_ring_out(patch: Patch) -> None:
    def wrong(state: State, event: Any, now_ms: int) -> None:
        for row in state.contacts.values():
            if row.offer is not None:
                state.deadlines.set(now_ms + 1, DeadlineKind.RING, row.contact_id)

    _after(patch, ev.LinkLost, wrong)


# --- reports --------------------------------------------------------------------------------


def nurse_takes_two_calls(patch: Patch) -> None:
    patch.setattr(Agent, "has_room", True)
    patch.setattr(Agent, "is_ready", property(lambda self: self.presence is Presence.READY))


def late_answers_ignored(patch: Patch) -> None:
    def wrong(turn: Turn, command: ReportConnected) -> None:
        row = turn.state.living(command.contact_id)
        if row is not None and row.offer == command.offer:
            decide_switch.report_connected(turn, command)

    patch.setitem(deciding._DECIDERS, ReportConnected, wrong)


def late_failures_believed(patch: Patch) -> None:
    def wrong(turn: Turn, command: ReportOfferFailed) -> None:
        row = turn.state.living(command.contact_id)
        if row is not None and row.offer is not None:
            decide_contacts.offer_failed(turn, command.contact_id, command.failure)

    patch.setitem(deciding._DECIDERS, ReportOfferFailed, wrong)


def poison_never_rests(patch: Patch) -> None:
    for module in (decide_contacts, decide_switch):
        patch.setattr(module, "rest_if_failing", lambda turn, contact: None)


def nurse_pays_for_the_switch(patch: Patch) -> None:
    revoke = decide_contacts.revoke

    def dear(turn: Turn, contact: Contact, reason: ev.RevokeReason) -> None:
        agent_id = contact.agent_id
        revoke(turn, contact, reason)
        if agent_id is not None:
            decide_contacts.not_ready(turn, agent_id, NotReadyReason.REJECTED)

    for module in (decide_contacts, decide_switch):
        patch.setattr(module, "revoke", dear)


def late_picture_is_believed(patch: Patch) -> None:
    patch.setattr(decide_switch, "is_known_since", lambda *_: False)


def who_talks_since_a_picture_is_missed(patch: Patch) -> None:
    patch.setattr(decide_switch, "is_connected_since", lambda *_: False)


def late_picture_knows_of_new_offers(patch: Patch) -> None:
    patch.setattr(late_pictures, "_is_offered_since", lambda *_: False)


def late_picture_knows_who_talks_now(patch: Patch) -> None:
    patch.setattr(late_pictures, "_has_left_since", lambda *_: False)


MUTANTS: Final[dict[Callable[[Patch], None], str]] = {
    place_lost_after_no_answer: "auditor",
    emergency_below_urgent: "auditor",
    last_come_first_served_among_equals: "story tier_1",
    due_forgotten: "auditor",
    strict_order_is_the_due_order: "story due_order",
    own_region_not_first: "auditor",
    own_region_first_in_every_tier: "story own_region_first",
    priority_changed_and_place_not: "invariants",
    reserve_ignored: "auditor",
    reserve_counts_nurses_without_the_skill: "story lend_reserve",
    levels_ignored: "auditor",
    everybody_takes_part: "auditor",
    tried_forgotten: "story tried",
    tried_for_ever: "invariants",
    cluster_means_nation: "story share_window",
    shared_lost_by_an_offer: "invariants",
    tier_1_never_shared: "story tier_1",
    unstaffed_never_noticed: "invariants",
    nothing_withdrawn: "auditor",
    withdrawn_for_urgent_callers_too: "story tiers",
    rings_for_ever: "invariants",
    wrap_up_without_limit: "auditor",
    no_alarm_for_emergencies: "auditor",
    never_heals: "story offer_no_answer",
    frozen_offers_ring_out: "story link_lost",
    nurse_takes_two_calls: "auditor",
    late_answers_ignored: "story late_reports",
    late_failures_believed: "story late_reports",
    poison_never_rests: "story poison",
    nurse_pays_for_the_switch: "story poison",
    late_picture_is_believed: "story reconcile",
    who_talks_since_a_picture_is_missed: "story reconcile",
    late_picture_knows_of_new_offers: "story reconcile",
    late_picture_knows_who_talks_now: "story reconcile",
    **mutants_agreement.MUTANTS,
    **mutants_ledger.MUTANTS,
    **mutants_callback.MUTANTS,
    **mutants_choice.MUTANTS,
    **mutants_islands.MUTANTS,
    **mutants_limits.MUTANTS,
    **mutants_needs.MUTANTS,
    **mutants_return.MUTANTS,
    **mutants_rooms.MUTANTS,
    **mutants_talk.MUTANTS,
    **mutants_texts.MUTANTS,
    **mutants_trunks.MUTANTS,
    **mutants_gateways.MUTANTS,
    **mutants_waits.MUTANTS,
}
"""Each mutant with the net that must catch it; others may as well."""
