"""Wrong versions of what happens in a talk; see `mutants`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from queue_engine.core import (
    apply_consult,
    apply_talk,
    decide as deciding,
    decide_agents,
    decide_consult,
    decide_contacts,
    decide_switch,
    decide_talk,
    decide_wrap_up,
    events as ev,
    keeping,
    settle,
    talk_target,
)
from queue_engine.core.agent import Agent
from queue_engine.core.apply import WRITERS
from queue_engine.core.commands import ProlongWrapUp
from queue_engine.core.contact import Contact
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.state import State
from queue_engine.core.talk_target import Target
from queue_engine.core.turn import Turn
from routing.policy import MINUTE_MS
from routing.vocabulary import Outcome

Patch = pytest.MonkeyPatch


def place_lost_when_given_back(patch: Patch) -> None:
    def wrong(state: State, event: Any, now_ms: int, number: int) -> None:
        row = state.contacts[event.contact_id]
        row.arrived_ms = now_ms
        apply_talk._sent_back(state, event, now_ms, number)
        state.reindex_contact(row)

    patch.setitem(WRITERS, ev.ContactSentBack, wrong)


def questions_never_withdrawn(patch: Patch) -> None:
    withdrawable = settle.first_withdrawable

    def wrong(state: State) -> Contact | None:
        asking, state.asking = state.asking, {}
        found = withdrawable(state)
        state.asking = asking
        return found

    patch.setattr(settle, "first_withdrawable", wrong)


def asked_first_who_gave_it_back(patch: Patch) -> None:
    patch.setattr(apply_talk, "pass_over", lambda state, contact, agent_id, now_ms: None)


def shared_by_a_region_that_it_is_not_of(patch: Patch) -> None:
    def wrong(state: State, event: Any, now_ms: int, number: int) -> None:
        row = state.contacts[event.contact_id]
        shared = row.shared
        apply_talk._home_region_corrected(state, event, now_ms, number)
        row.shared = shared
        state.reindex_contact(row)

    patch.setitem(WRITERS, ev.HomeRegionCorrected, wrong)


def deadlines_of_the_former_region(patch: Patch) -> None:
    patch.setattr(apply_talk, "set_deadlines", lambda state, contact: None)


def wrap_up_prolonged_without_limit(patch: Patch) -> None:
    def wrong(turn: Turn, command: ProlongWrapUp) -> None:
        decide_wrap_up.prolong_wrap_up(turn, command)
        *before, prolonged = turn.events
        assert isinstance(prolonged, ev.WrapUpProlonged)
        turn.events = before
        until_ms = prolonged.wrap_up_until_ms + 10 * MINUTE_MS
        turn.emit(replace(prolonged, wrap_up_until_ms=until_ms))

    patch.setitem(deciding._DECIDERS, ProlongWrapUp, wrong)


def any_word_is_a_code(patch: Patch) -> None:
    patch.setattr(decide_wrap_up, "require_known", lambda what, code, codes: None)


def transferred_and_needs_as_before(patch: Patch) -> None:
    patch.setattr(decide_talk, "needs_with", lambda state, needs, service: needs)


def transferred_to_who_may_not_answer(patch: Patch) -> None:
    patch.setattr(decide_talk, "_require_able", lambda turn, agent_id, contact: None)


def place_lost_by_a_transfer(patch: Patch) -> None:
    def wrong(state: State, event: Any, now_ms: int, number: int) -> None:
        state.contacts[event.contact_id].arrived_ms = now_ms
        apply_talk._transferred(state, event, now_ms, number)

    patch.setitem(WRITERS, ev.ContactTransferred, wrong)


def transferred_to_a_unit_that_there_is_not(patch: Patch) -> None:
    patch.setattr(talk_target, "require_unit", lambda rules, region, unit, place: None)


def at_home_in_a_unit_that_there_is_not(patch: Patch) -> None:
    patch.setattr(decide_talk, "require_unit", lambda rules, region, unit, place: None)


def signed_on_for_a_region_that_there_is_not(patch: Patch) -> None:
    patch.setattr(decide_agents, "require_region", lambda rules, region, place: None)


def transferred_and_anybodys(patch: Patch) -> None:
    patch.setattr(decide_talk, "keep", lambda turn, contact, promised_from_ms: None)


def kept_for_whom_he_preferred_before(patch: Patch) -> None:
    def wrong(state: State, event: Any, now_ms: int, number: int) -> None:
        row = state.contacts[event.contact_id]
        unit = row.preferred_unit
        apply_talk._transferred(state, event, now_ms, number)
        row.preferred_unit = unit

    patch.setitem(WRITERS, ev.ContactTransferred, wrong)


def kept_for_who_has_sent_him_on(patch: Patch) -> None:
    def wrong(turn: Turn, contact: Contact, promised_from_ms: int) -> None:
        tried, contact.tried = contact.tried, {}
        keeping.keep(turn, contact, promised_from_ms)
        contact.tried = tried

    patch.setattr(decide_talk, "keep", wrong)


def never_recalled(patch: Patch) -> None:
    def wrong(state: State, event: Any, now_ms: int, number: int) -> None:
        apply_talk._held(state, event, now_ms, number)
        state.deadlines.clear(DeadlineKind.RECALL, event.contact_id)

    patch.setitem(WRITERS, ev.ContactHeld, wrong)


def lost_when_the_phone_of_a_hold_leaves(patch: Patch) -> None:
    def wrong(turn: Turn, contact: Contact) -> None:
        decide_contacts.end(turn, contact, Outcome.HANDLED)

    patch.setattr(decide_switch, "agent_left", wrong)


def colleague_forgotten_when_the_caller_leaves(patch: Patch) -> None:
    patch.setattr(decide_contacts, "end_consult", lambda turn, contact, reason: None)


def colleague_asked_who_has_a_call(patch: Patch) -> None:
    def wrong(state: State, contact: Contact, target: Target) -> Agent | None:
        return state.agents.get(target.agent) if target.agent is not None else None

    patch.setattr(decide_consult, "_colleague_for", wrong)


def colleague_rings_for_ever(patch: Patch) -> None:
    def wrong(state: State, event: Any, now_ms: int, number: int) -> None:
        apply_consult._offered(state, event, now_ms, number)
        state.deadlines.clear(DeadlineKind.CONSULT, event.contact_id)

    patch.setitem(WRITERS, ev.ConsultOffered, wrong)


def first_nurse_kept_after_the_transfer(patch: Patch) -> None:
    patch.setattr(decide_consult, "start_wrap_up", lambda turn, agent_id, contact_id: None)


def given_back_by_anybody(patch: Patch) -> None:
    patch.setattr(
        decide_talk, "talk_of", lambda turn, agent_id, contact_id: turn.state.contacts[contact_id]
    )


def asking_is_no_work(patch: Patch) -> None:
    patch.setattr(apply_consult, "note_begun", lambda state, agent, contact, now_ms: None)


def taken_over_and_not_hers(patch: Patch) -> None:
    patch.setattr(apply_consult, "note_answered", lambda state, agent, contact: None)


def sellers_are_asked_as_lent_ones(patch: Patch) -> None:
    patch.setattr(decide_consult, "is_sold_to", lambda contact, agent: False)


def questions_of_sellers_are_in_their_balance(patch: Patch) -> None:
    patch.setattr(apply_consult, "note_sold", lambda state, contact, event: None)


MUTANTS: Final = {
    sellers_are_asked_as_lent_ones: "consults",
    questions_of_sellers_are_in_their_balance: "story sold",
    asking_is_no_work: "consults",
    taken_over_and_not_hers: "consults",
    questions_never_withdrawn: "story withdraw",
    place_lost_when_given_back: "story send_back",
    asked_first_who_gave_it_back: "auditor",
    wrap_up_prolonged_without_limit: "story wrap_up_prolonged",
    any_word_is_a_code: "story disposition",
    transferred_and_needs_as_before: "story transfer",
    transferred_to_who_may_not_answer: "story transfer",
    never_recalled: "story hold",
    lost_when_the_phone_of_a_hold_leaves: "story hold",
    colleague_forgotten_when_the_caller_leaves: "story consult",
    colleague_asked_who_has_a_call: "story consult",
    colleague_rings_for_ever: "story consult",
    first_nurse_kept_after_the_transfer: "story consult",
    place_lost_by_a_transfer: "story transfer",
    transferred_to_a_unit_that_there_is_not: "story transfer",
    at_home_in_a_unit_that_there_is_not: "story home_region_corrected",
    signed_on_for_a_region_that_there_is_not: "story sign_on_off",
    transferred_and_anybodys: "story transfer",
    kept_for_whom_he_preferred_before: "story transfer",
    kept_for_who_has_sent_him_on: "story transfer",
    given_back_by_anybody: "story send_back",
    shared_by_a_region_that_it_is_not_of: "story home_region_corrected",
    deadlines_of_the_former_region: "story home_region_corrected",
}
