"""How events on contacts are written into the rows; see `apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.apply_agents import book_work, free
from queue_engine.core.apply_callback import end_promise
from queue_engine.core.apply_return import note_caller
from queue_engine.core.apply_strain import note_connected
from queue_engine.core.contact import OFFERED, WAITING, Contact, SharedRing
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.expected import foretell, note_delay
from queue_engine.core.placing import share_moments
from queue_engine.core.state import State
from routing.return_policy import REDIAL_MS_MAX
from routing.vocabulary import Outcome, Priority

FORGET_MS: Final = REDIAL_MS_MAX
"""How long an ended contact is kept, for reports that come late and callers who come back; after a
talk also for as long as the work after it may last."""


_WHILE_WAITING: Final = frozenset(
    {
        DeadlineKind.RING,
        DeadlineKind.NOT_BEFORE,
        DeadlineKind.OVERDUE,
        DeadlineKind.SHARE,
        DeadlineKind.TRIED,
        DeadlineKind.RELAX,
        DeadlineKind.KEEP,
    }
)


_BY_RULES: Final = frozenset({DeadlineKind.SHARE, DeadlineKind.OVERDUE, DeadlineKind.RELAX})
_SHARE, _WRAP_UP = DeadlineKind.SHARE, DeadlineKind.WRAP_UP
_FORGET, _EMERGENCY = DeadlineKind.FORGET, Priority.EMERGENCY


def set_deadlines(state: State, contact: Contact) -> None:
    """The moments that hang on the rules and on the contact's priority, as both are now."""
    deadlines = state.deadlines
    deadlines.clear_all(contact.contact_id, _BY_RULES)
    if contact.state not in (WAITING, OFFERED):
        return
    for rule, at_ms in share_moments(state.rules, contact):
        if state.is_concerned(contact, rule) and not contact.is_shared_by(rule):
            deadlines.set(at_ms, _SHARE, contact.contact_id, rule.name)
    for relax in state.rules.relaxing(contact.needs):
        at_ms = contact.arrived_ms + relax.after_ms
        deadlines.set(at_ms, DeadlineKind.RELAX, contact.contact_id, relax.name)
    if contact.emergency_since_ms is not None and not contact.is_overdue_emergency:
        at_ms = contact.emergency_since_ms + state.rules.policy.emergency_alarm_ms
        deadlines.set(at_ms, DeadlineKind.OVERDUE, contact.contact_id)


def leave_waiting(state: State, contact: Contact) -> None:
    """It no longer waits nor rings: what was to come of that does not come."""
    state.deadlines.clear_all(contact.contact_id, _WHILE_WAITING)
    contact.tried.clear()
    contact.is_postponed = contact.is_kept = False
    contact.seen_waiting = False


# --- a place in the queue -------------------------------------------------------------------


def _contact_enqueued(state: State, event: ev.ContactEnqueued, now_ms: int, number: int) -> None:
    contact = Contact(
        event.contact_id,
        event.sequence,
        event.link_id,
        event.arrived_ms,
        now_ms,
        event.priority,
        event.needs,
        event.home_region,
        event.home_region_source,
    )
    # Set, and not given by name: a class packs names into a dictionary for every contact.
    contact.line_id, contact.home_unit = event.line_id, event.home_unit
    contact.language, contact.channel = event.language, event.channel
    contact.preferred_agent, contact.preferred_unit = event.preferred_agent, event.preferred_unit
    contact.caller_key, contact.continues = event.caller_key, event.continues
    contact.is_misuse, contact.record = event.is_misuse, number
    note_caller(state, event, now_ms)
    refused = state.contacts.get(event.contact_id)
    if refused is not None:
        replace(state, contact, refused)
    enter(state, contact, type(event))
    foretell(state, contact)


def _contact_restored(state: State, event: ev.ContactRestored, now_ms: int, number: int) -> None:
    contact = Contact(
        contact_id=event.contact_id,
        sequence=event.sequence,
        link_id=event.link_id,
        arrived_ms=event.arrived_ms,
        enqueued_ms=now_ms,
        priority=event.priority,
        needs=event.needs,
        home_region=event.home_region,
        record=max(number, event.record),
    )
    known = state.contacts.get(event.contact_id)
    if known is not None:
        replace(state, contact, known)
        _keep_what_was_known(contact, known)
    enter(state, contact, type(event))
    state.returning.note(contact)


def replace(state: State, contact: Contact, known: Contact) -> None:
    """The row takes the place of one that had ended."""
    state.deadlines.clear(DeadlineKind.FORGET, known.contact_id)
    state.sequences.pop(known.sequence, None)
    contact.state = known.state


def _refused(state: State, event: ev.ContactRefused, now_ms: int, number: int) -> None:
    contact = Contact(
        contact_id=event.contact_id,
        sequence=event.sequence,
        link_id=event.link_id,
        arrived_ms=event.arrived_ms,
        enqueued_ms=now_ms,
        priority=event.priority,
        needs=event.needs,
        home_region=event.home_region,
        home_region_source=event.home_region_source,
        line_id=event.line_id,
        language=event.language,
        wait_ms=0,
        ended_ms=now_ms,
        outcome=Outcome.REFUSED,
        record=number,
    )
    enter(state, contact, type(event))
    state.deadlines.set(now_ms + FORGET_MS, _FORGET, contact.contact_id)


def _keep_what_was_known(contact: Contact, known: Contact) -> None:
    contact.home_region_source = known.home_region_source
    contact.line_id = known.line_id
    contact.home_unit = known.home_unit
    contact.language = known.language
    contact.channel = known.channel
    contact.preferred_agent = known.preferred_agent
    contact.preferred_unit = known.preferred_unit
    contact.caller_key = known.caller_key
    contact.continues = known.continues
    contact.is_continued = known.is_continued
    contact.is_misuse, contact.told_112 = known.is_misuse, known.told_112
    contact.talk_ms = known.talk_ms
    if known.outcome is Outcome.HANDLED:
        contact.wait_ms = known.wait_ms


def enter(state: State, contact: Contact, event: type) -> None:
    """The row has its place."""
    if contact.sequence >= state.next_sequence:
        state.next_sequence = contact.sequence + 1
    contact.step(event)
    state.contacts[contact.contact_id] = contact
    state.sequences[contact.sequence] = contact.contact_id
    if contact.priority is _EMERGENCY:
        # What rings again was none before; how long a restored one was, nobody knows any more.
        was_none = event is ev.ContactEnqueued and contact.continues is not None
        contact.emergency_since_ms = contact.enqueued_ms if was_none else contact.arrived_ms
    set_deadlines(state, contact)
    state.reindex_contact(contact)


def _seen_waiting(state: State, event: ev.ContactSeenWaiting, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.seen_waiting = True
    state.move_contact(contact)


def _seen_in_fallback(
    state: State, event: ev.ContactSeenInFallback, now_ms: int, number: int
) -> None:
    contact = state.contacts[event.contact_id]
    contact.seen_waiting = False
    state.move_contact(contact)


def _priority_changed(
    state: State, event: ev.ContactPriorityChanged, now_ms: int, number: int
) -> None:
    contact = state.contacts[event.contact_id]
    contact.record = max(number, contact.record + 1, event.record)
    if event.priority is not contact.priority:
        is_emergency = event.priority is Priority.EMERGENCY
        contact.priority = event.priority
        contact.foretold_ms = 0  # that was of another tier
        contact.emergency_since_ms = now_ms if is_emergency else None
        contact.is_overdue_emergency = False
    if event.needs is not None:
        contact.needs, contact.asked = event.needs, ()
    set_deadlines(state, contact)
    state.reindex_contact(contact)


def _needs_relaxed(state: State, event: ev.NeedsRelaxed, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.record = max(number, contact.record + 1)
    contact.asked = contact.asked or contact.needs
    contact.needs = event.needs
    set_deadlines(state, contact)
    state.reindex_contact(contact)


# --- sharing, resting -----------------------------------------------------------------------


def _contact_shared(state: State, event: ev.ContactShared, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.shared = (*contact.shared, SharedRing(event.ring, event.rule, event.window))
    state.deadlines.clear(_SHARE, contact.contact_id, event.rule)
    state.share_contact(contact)


def _contact_unshared(state: State, event: ev.ContactUnshared, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.shared = tuple(
        shared
        for shared in contact.shared
        if (shared.ring, shared.rule) != (event.ring, event.rule)
    )
    set_deadlines(state, contact)  # the rule may hold without the window by now
    state.share_contact(contact)


def _postponed(state: State, event: ev.ContactPostponed, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.is_postponed = True
    contact.failures_ms = ()
    state.deadlines.set(event.not_before_ms, DeadlineKind.NOT_BEFORE, contact.contact_id)
    state.move_contact(contact)


def _postponement_ended(
    state: State, event: ev.PostponementEnded, now_ms: int, number: int
) -> None:
    contact = state.contacts[event.contact_id]
    contact.is_postponed = False
    state.deadlines.clear(DeadlineKind.NOT_BEFORE, contact.contact_id)
    state.move_contact(contact)


def _emergency_overdue(state: State, event: ev.EmergencyOverdue, now_ms: int, number: int) -> None:
    state.contacts[event.contact_id].is_overdue_emergency = True
    state.deadlines.clear(DeadlineKind.OVERDUE, event.contact_id)


# --- talking, ending ------------------------------------------------------------------------


def _contact_connected(state: State, event: ev.ContactConnected, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    _connect(state, contact, event, now_ms)
    contact.agent_id = event.agent_id
    agent = state.agents[event.agent_id]
    agent.no_answers = 0
    if state.rules.keeps_balances:
        book_work(state, agent, contact.contact_id, now_ms)
    note_connected(state, agent, contact, now_ms)
    agent.step_assignment(contact.contact_id, type(event), now_ms, contact.channel)
    state.deadlines.clear(_WRAP_UP, agent.agent_id, contact.contact_id)
    state.reindex_agent(agent)


def _connected_unknown_phone(
    state: State, event: ev.ConnectedUnknownPhone, now_ms: int, number: int
) -> None:
    _connect(state, state.contacts[event.contact_id], event, now_ms)


def _connect(
    state: State,
    contact: Contact,
    event: ev.ContactConnected | ev.ConnectedUnknownPhone,
    now_ms: int,
) -> None:
    contact.step(type(event))
    contact.phone_id = event.phone_id
    contact.offer = None
    contact.connected_ms = now_ms
    if contact.wait_ms is None:
        contact.wait_ms = contact.waited_ms(now_ms)
        note_delay(state, contact, now_ms)
    leave_waiting(state, contact)
    if contact.callback is not None:
        end_promise(state, contact, type(event))
    state.move_contact(contact)


def _contact_returned(state: State, event: ev.ContactReturned, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    wait_again(state, contact, type(event), now_ms)
    state.move_contact(contact)
    if event.agent_id is not None:
        free(state, event.agent_id, contact.contact_id, type(event), now_ms)


def wait_again(state: State, contact: Contact, event: type, now_ms: int) -> None:
    """From a talk it goes back to where it waited; its indexes are left to the caller."""
    contact.step(event)
    if contact.talk is not None:
        contact.step_talk(event)
        end_hold(state, contact, now_ms)
    if contact.connected_ms is not None:
        contact.talk_ms += now_ms - contact.connected_ms
        contact.connected_ms = None
    contact.agent_id = contact.phone_id = None
    if contact.emergency_since_ms is not None:
        contact.emergency_since_ms = now_ms
        contact.is_overdue_emergency = False
    set_deadlines(state, contact)


def end_hold(state: State, contact: Contact, now_ms: int) -> None:
    """He is no longer on hold, and nobody need be reminded of him."""
    if contact.held_since_ms is not None:
        contact.hold_ms += now_ms - contact.held_since_ms
        contact.held_since_ms = None
        state.deadlines.clear(DeadlineKind.RECALL, contact.contact_id)


def _contact_ended(state: State, event: ev.ContactEnded, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    was_waiting, was_answered = contact.state is WAITING, contact.wait_ms is not None
    contact.step(type(event))
    if contact.talk is not None:
        contact.step_talk(type(event))
        end_hold(state, contact, now_ms)
    contact.connected_ms = None
    contact.wait_ms, contact.talk_ms = event.wait_ms, event.talk_ms
    contact.hold_ms = event.hold_ms
    contact.outcome = event.outcome
    contact.ended_ms = now_ms if event.ended_ms is None else event.ended_ms
    if was_waiting:
        leave_waiting(state, contact)
    if contact.callback is not None:
        end_promise(state, contact, type(event))
    contact.was_cut = event.was_cut
    work_ms = state.rules.policy.wrap_up_longest_ms if was_answered else 0
    state.deadlines.set(now_ms + max(FORGET_MS, work_ms), _FORGET, contact.contact_id)
    state.move_contact(contact)
    if contact.caller_key:
        state.returning.note(contact)


def _contact_forgotten(state: State, event: ev.ContactForgotten, now_ms: int, number: int) -> None:
    contact = state.contacts.pop(event.contact_id)
    contact.step(type(event))
    if contact.caller_key:
        state.returning.note(contact)
    state.sequences.pop(contact.sequence, None)
    state.sold.pop(contact.contact_id, None)
    state.deadlines.clear(_FORGET, contact.contact_id)


WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.ContactEnqueued: _contact_enqueued,
    ev.ContactRestored: _contact_restored,
    ev.ContactRefused: _refused,
    ev.ContactSeenWaiting: _seen_waiting,
    ev.ContactSeenInFallback: _seen_in_fallback,
    ev.ContactPriorityChanged: _priority_changed,
    ev.NeedsRelaxed: _needs_relaxed,
    ev.ContactShared: _contact_shared,
    ev.ContactUnshared: _contact_unshared,
    ev.ContactPostponed: _postponed,
    ev.PostponementEnded: _postponement_ended,
    ev.EmergencyOverdue: _emergency_overdue,
    ev.ContactConnected: _contact_connected,
    ev.ConnectedUnknownPhone: _connected_unknown_phone,
    ev.ContactReturned: _contact_returned,
    ev.ContactEnded: _contact_ended,
    ev.ContactForgotten: _contact_forgotten,
}
