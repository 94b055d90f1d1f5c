"""The only writer: one event changes the rows, and never chooses.

Whatever needs judgement stands in the event already. Deadlines are rows too and are written
here, so that folding the events rebuilds them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.agent import Agent
from queue_engine.core.contact import Contact, ContactState, SharedRing
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.policy_codec import read_policy
from queue_engine.core.record import Record
from queue_engine.core.state import State
from routing.policy import MINUTE_MS, ShareCondition
from routing.vocabulary import AgentId, ContactId, Priority

FORGET_MS: Final = 15 * MINUTE_MS
"""How long an ended contact is kept, for reports that come late."""


def apply(state: State, event: ev.Event, now_ms: int, record_number: int) -> None:
    """Writes one event of the record `record_number` into the rows."""
    state.now_ms = now_ms
    _WRITERS[type(event)](state, event, now_ms, record_number)


def fold(state: State, record: Record) -> None:
    """Writes a journaled record into the rows.

    The record must be the next one.
    """
    assert record.number == state.record_number + 1, (record.number, state.record_number)
    for event in record.events:
        apply(state, event, record.at_ms, record.number)
    state.record_number = record.number
    state.now_ms = record.at_ms
    state.touched.clear()


# --- rules, links ---------------------------------------------------------------------------


def _policy_loaded(state: State, event: ev.PolicyLoaded, now_ms: int, number: int) -> None:
    state.load_rules(event.policy, read_policy(event.policy))
    for contact in state.contacts.values():
        if contact.state is not ContactState.ENDED:
            _set_contact_deadlines(state, contact, now_ms)


def _window_set(state: State, event: ev.WindowSet, now_ms: int, number: int) -> None:
    state.windows[event.window] = event.is_on


def _link_lost(state: State, event: ev.LinkLost, now_ms: int, number: int) -> None:
    state.links[event.link_id] = False
    _reindex_link(state, event.link_id)


def _link_restored(state: State, event: ev.LinkRestored, now_ms: int, number: int) -> None:
    state.links[event.link_id] = True
    _reindex_link(state, event.link_id)


def _reindex_link(state: State, link_id: str) -> None:
    for contact in state.contacts.values():
        if contact.link_id == link_id:
            if contact.state is ContactState.OFFERED and not state.is_link_up(contact.link_id):
                state.deadlines.clear(DeadlineKind.RING, contact.contact_id)
            state.reindex_contact(contact)
    for agent in state.agents.values():
        if agent.link_id == link_id:
            state.reindex_agent(agent)


# --- contacts -------------------------------------------------------------------------------


def _contact_enqueued(state: State, event: ev.ContactEnqueued, now_ms: int, number: int) -> None:
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
        home_unit=event.home_unit,
        language=event.language,
        channel=event.channel,
        preferred_agent=event.preferred_agent,
        record=number,
    )
    _enter(state, contact, type(event), now_ms)


def _contact_restored(state: State, event: ev.ContactRestored, now_ms: int, number: int) -> None:
    known = state.contacts.get(event.contact_id)
    if known is not None:
        state.deadlines.clear(DeadlineKind.FORGET, known.contact_id)
    contact = Contact(
        contact_id=event.contact_id,
        sequence=event.sequence,
        link_id=event.link_id,
        arrived_ms=event.arrived_ms,
        enqueued_ms=now_ms,
        priority=event.priority,
        needs=event.needs,
        home_region=event.home_region,
        state=known.state if known else None,
        record=number,
    )
    _enter(state, contact, type(event), now_ms)


def _enter(state: State, contact: Contact, event: type, now_ms: int) -> None:
    state.next_sequence = max(state.next_sequence, contact.sequence + 1)
    contact.step(event)
    state.contacts[contact.contact_id] = contact
    _set_contact_deadlines(state, contact, now_ms)
    state.reindex_contact(contact)


def _set_contact_deadlines(state: State, contact: Contact, now_ms: int) -> None:
    deadlines = state.deadlines
    deadlines.clear_all(DeadlineKind.SHARE, contact.contact_id)
    region = state.rules.regions.get(contact.home_region)
    done = {shared.rule for shared in contact.shared}
    due_after_ms = state.rules.priorities[contact.priority].due_after_ms
    for rule in region.share_rules if region else ():
        if rule.name in done or (rule.priorities and contact.priority not in rule.priorities):
            continue
        if rule.condition is ShareCondition.WAITED:
            at_ms = contact.arrived_ms + rule.after_ms
        elif rule.condition is ShareCondition.PAST_DUE:
            at_ms = contact.arrived_ms + due_after_ms
        else:
            continue
        deadlines.set(at_ms, DeadlineKind.SHARE, contact.contact_id, rule.name)
    if contact.priority is not Priority.EMERGENCY:
        deadlines.clear(DeadlineKind.OVERDUE, contact.contact_id)
    elif contact.state is not ContactState.CONNECTED and not contact.is_overdue_emergency:
        at_ms = now_ms + state.rules.policy.emergency_alarm_ms
        deadlines.set(at_ms, DeadlineKind.OVERDUE, contact.contact_id)


def _seen_waiting(state: State, event: ev.ContactSeenWaiting, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.seen_waiting = True
    state.reindex_contact(contact)


def _seen_in_fallback(
    state: State, event: ev.ContactSeenInFallback, now_ms: int, number: int
) -> None:
    contact = state.contacts[event.contact_id]
    contact.seen_waiting = False
    state.reindex_contact(contact)


def _priority_changed(
    state: State, event: ev.ContactPriorityChanged, now_ms: int, number: int
) -> None:
    contact = state.contacts[event.contact_id]
    if contact.contact_id in state.waiting:
        state.waiting.remove(contact)
    contact.priority = event.priority
    contact.record = number
    contact.is_overdue_emergency = False
    _set_contact_deadlines(state, contact, now_ms)
    state.reindex_contact(contact)


def _contact_shared(state: State, event: ev.ContactShared, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.shared = (*contact.shared, SharedRing(event.ring, event.rule))
    state.deadlines.clear(DeadlineKind.SHARE, contact.contact_id, event.rule)
    state.reindex_contact(contact)


def _contact_unshared(state: State, event: ev.ContactUnshared, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.shared = tuple(shared for shared in contact.shared if shared.rule != event.rule)
    state.reindex_contact(contact)


def _postponed(state: State, event: ev.ContactPostponed, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.is_postponed = True
    contact.failures_ms = ()
    state.deadlines.set(event.not_before_ms, DeadlineKind.NOT_BEFORE, contact.contact_id)
    state.reindex_contact(contact)


def _postponement_ended(
    state: State, event: ev.PostponementEnded, now_ms: int, number: int
) -> None:
    contact = state.contacts[event.contact_id]
    contact.is_postponed = False
    state.deadlines.clear(DeadlineKind.NOT_BEFORE, contact.contact_id)
    state.reindex_contact(contact)


def _tried_forgotten(state: State, event: ev.TriedForgotten, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    del contact.tried[event.agent_id]
    state.deadlines.clear(DeadlineKind.TRIED, contact.contact_id, event.agent_id)
    state.reindex_contact(contact)


def _emergency_overdue(state: State, event: ev.EmergencyOverdue, now_ms: int, number: int) -> None:
    state.contacts[event.contact_id].is_overdue_emergency = True
    state.deadlines.clear(DeadlineKind.OVERDUE, event.contact_id)


def _contact_connected(state: State, event: ev.ContactConnected, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    _connect(state, contact, event, now_ms)
    contact.agent_id = event.agent_id
    agent = state.agents[event.agent_id]
    agent.no_answers = 0
    agent.step_assignment(contact.contact_id, type(event), now_ms)
    state.deadlines.clear(DeadlineKind.WRAP_UP, agent.agent_id, contact.contact_id)
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
    contact.agent_id = None
    contact.phone_id = event.phone_id
    contact.offer = None
    contact.seen_waiting = False
    contact.connected_ms = now_ms
    if contact.wait_ms is None:
        contact.wait_ms = max(0, now_ms - contact.arrived_ms)
    for kind in (DeadlineKind.RING, DeadlineKind.SHARE, DeadlineKind.TRIED):
        state.deadlines.clear_all(kind, contact.contact_id)
    for kind in (DeadlineKind.NOT_BEFORE, DeadlineKind.OVERDUE):
        state.deadlines.clear(kind, contact.contact_id)
    contact.tried.clear()
    contact.is_postponed = False
    state.reindex_contact(contact)


def _contact_returned(state: State, event: ev.ContactReturned, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.step(type(event))
    _leave_talk(contact, now_ms)
    contact.agent_id = contact.phone_id = None
    _set_contact_deadlines(state, contact, now_ms)
    state.reindex_contact(contact)
    if event.agent_id is not None:
        _free(state, event.agent_id, contact.contact_id, type(event), now_ms)


def _leave_talk(contact: Contact, now_ms: int) -> None:
    if contact.connected_ms is not None:
        contact.talk_ms += max(0, now_ms - contact.connected_ms)
        contact.connected_ms = None


def _contact_ended(state: State, event: ev.ContactEnded, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.step(type(event))
    _leave_talk(contact, now_ms)
    contact.wait_ms, contact.talk_ms = event.wait_ms, event.talk_ms
    contact.outcome, contact.ended_ms = event.outcome, now_ms
    contact.seen_waiting = False
    for kind in (DeadlineKind.SHARE, DeadlineKind.TRIED):
        state.deadlines.clear_all(kind, contact.contact_id)
    for kind in (DeadlineKind.NOT_BEFORE, DeadlineKind.OVERDUE):
        state.deadlines.clear(kind, contact.contact_id)
    state.deadlines.set(now_ms + FORGET_MS, DeadlineKind.FORGET, contact.contact_id)
    state.reindex_contact(contact)


def _contact_forgotten(state: State, event: ev.ContactForgotten, now_ms: int, number: int) -> None:
    contact = state.contacts.pop(event.contact_id)
    contact.step(type(event))
    state.deadlines.clear(DeadlineKind.FORGET, contact.contact_id)


# --- offers ---------------------------------------------------------------------------------


def _contact_offered(state: State, event: ev.ContactOffered, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.step(type(event))
    contact.agent_id, contact.phone_id = event.agent_id, event.phone_id
    contact.offer = event.offer
    contact.seen_waiting = False
    state.next_offer = event.offer + 1
    state.deadlines.set(event.ring_until_ms, DeadlineKind.RING, contact.contact_id)
    state.reindex_contact(contact)
    agent = state.agents[event.agent_id]
    agent.step_assignment(contact.contact_id, type(event), now_ms)
    state.reindex_agent(agent)


def _offer_seen(state: State, event: ev.OfferSeen, now_ms: int, number: int) -> None:
    state.deadlines.set(event.ring_until_ms, DeadlineKind.RING, event.contact_id)


def _offer_unanswered(
    state: State,
    event: ev.OfferRangOut | ev.OfferRejected | ev.OfferFailed,
    now_ms: int,
    number: int,
) -> None:
    contact = state.contacts[event.contact_id]
    contact.failures_ms = (*contact.failures_ms[-9:], now_ms)
    until_ms = now_ms + state.rules.policy.tried_ms
    contact.tried[event.agent_id] = until_ms
    state.deadlines.set(until_ms, DeadlineKind.TRIED, contact.contact_id, event.agent_id)
    if type(event) is ev.OfferRangOut:
        state.agents[event.agent_id].no_answers += 1
    _take_back(state, contact, event, now_ms)


def _offer_revoked(state: State, event: ev.OfferRevoked, now_ms: int, number: int) -> None:
    _take_back(state, state.contacts[event.contact_id], event, now_ms)


def _take_back(
    state: State,
    contact: Contact,
    event: ev.OfferRangOut | ev.OfferRejected | ev.OfferFailed | ev.OfferRevoked,
    now_ms: int,
) -> None:
    contact.step(type(event))
    contact.agent_id = contact.phone_id = contact.offer = None
    contact.seen_waiting = False
    state.deadlines.clear(DeadlineKind.RING, contact.contact_id)
    state.reindex_contact(contact)
    agent = state.agents[event.agent_id]
    agent.step_assignment(contact.contact_id, type(event), now_ms)
    state.reindex_agent(agent)


def _noted(state: State, event: ev.Event, now_ms: int, number: int) -> None:
    """An event that people should see and that changes no row."""


# --- agents ---------------------------------------------------------------------------------


def _agent_signed_on(state: State, event: ev.AgentSignedOn, now_ms: int, number: int) -> None:
    agent = Agent(
        agent_id=event.agent_id,
        sequence=event.sequence,
        link_id=event.link_id,
        phone_id=event.phone_id,
        region=event.region,
        skills=event.skills,
        unit=event.unit,
    )
    state.next_sequence = max(state.next_sequence, event.sequence + 1)
    state.agents[agent.agent_id] = agent
    state.phones[agent.link_id, agent.phone_id] = agent.agent_id
    state.ready.sign_on(agent.agent_class)
    state.reindex_agent(agent)


def _agent_signed_off(state: State, event: ev.AgentSignedOff, now_ms: int, number: int) -> None:
    agent = state.agents.pop(event.agent_id)
    agent.step(type(event))
    assert not agent.assignments, (agent.agent_id, agent.assignments)
    if agent.agent_id in state.ready:
        state.ready.remove(agent)
    state.ready.sign_off(agent.agent_class)
    del state.phones[agent.link_id, agent.phone_id]
    state.deadlines.clear(DeadlineKind.HEAL, agent.agent_id)
    state.touched.signed_off[agent.region] = None
    state.touch_lending(agent.region)


def _sign_off_awaited(state: State, event: ev.SignOffAwaited, now_ms: int, number: int) -> None:
    agent = state.agents[event.agent_id]
    agent.is_signing_off = True
    state.reindex_agent(agent)


def _agent_became_ready(state: State, event: ev.AgentBecameReady, now_ms: int, number: int) -> None:
    agent = state.agents[event.agent_id]
    agent.step(type(event))
    agent.not_ready_reason = None
    state.deadlines.clear(DeadlineKind.HEAL, agent.agent_id)
    _idle_from_now(state, agent, now_ms)


def _agent_became_not_ready(
    state: State, event: ev.AgentBecameNotReady, now_ms: int, number: int
) -> None:
    agent = state.agents[event.agent_id]
    agent.step(type(event))
    agent.not_ready_reason = event.reason
    state.deadlines.clear(DeadlineKind.HEAL, agent.agent_id)
    if event.heals_at_ms is not None:
        state.deadlines.set(event.heals_at_ms, DeadlineKind.HEAL, agent.agent_id)
    state.reindex_agent(agent)


def _wrap_up_started(state: State, event: ev.WrapUpStarted, now_ms: int, number: int) -> None:
    agent = state.agents[event.agent_id]
    agent.step_assignment(event.contact_id, type(event), now_ms)
    state.deadlines.set(
        event.wrap_up_until_ms, DeadlineKind.WRAP_UP, event.agent_id, event.contact_id
    )
    state.reindex_agent(agent)


def _wrap_up_ended(state: State, event: ev.WrapUpEnded, now_ms: int, number: int) -> None:
    state.deadlines.clear(DeadlineKind.WRAP_UP, event.agent_id, event.contact_id)
    _free(state, event.agent_id, event.contact_id, type(event), now_ms)


def _free(state: State, agent_id: AgentId, contact_id: ContactId, event: type, now_ms: int) -> None:
    agent = state.agents[agent_id]
    agent.step_assignment(contact_id, event, now_ms)
    _idle_from_now(state, agent, now_ms)


def _idle_from_now(state: State, agent: Agent, now_ms: int) -> None:
    if agent.agent_id in state.ready:
        state.ready.remove(agent)
    agent.ready_since_ms = now_ms
    state.reindex_agent(agent)


_WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.PolicyLoaded: _policy_loaded,
    ev.WindowSet: _window_set,
    ev.CommandFailed: _noted,
    ev.LinkLost: _link_lost,
    ev.LinkRestored: _link_restored,
    ev.ContactEnqueued: _contact_enqueued,
    ev.ContactRestored: _contact_restored,
    ev.ContactSeenWaiting: _seen_waiting,
    ev.ContactSeenInFallback: _seen_in_fallback,
    ev.ContactPriorityChanged: _priority_changed,
    ev.ContactShared: _contact_shared,
    ev.ContactUnshared: _contact_unshared,
    ev.ContactPostponed: _postponed,
    ev.PostponementEnded: _postponement_ended,
    ev.TriedForgotten: _tried_forgotten,
    ev.EmergencyOverdue: _emergency_overdue,
    ev.ContactConnected: _contact_connected,
    ev.ConnectedUnknownPhone: _connected_unknown_phone,
    ev.ContactReturned: _contact_returned,
    ev.ContactEnded: _contact_ended,
    ev.ContactForgotten: _contact_forgotten,
    ev.ContactOffered: _contact_offered,
    ev.OfferSeen: _offer_seen,
    ev.OfferRangOut: _offer_unanswered,
    ev.OfferRejected: _offer_unanswered,
    ev.OfferFailed: _offer_unanswered,
    ev.OfferRevoked: _offer_revoked,
    ev.LateAnswer: _noted,
    ev.LateReport: _noted,
    ev.AgentSignedOn: _agent_signed_on,
    ev.AgentSignedOff: _agent_signed_off,
    ev.SignOffAwaited: _sign_off_awaited,
    ev.AgentBecameReady: _agent_became_ready,
    ev.AgentBecameNotReady: _agent_became_not_ready,
    ev.WrapUpStarted: _wrap_up_started,
    ev.WrapUpEnded: _wrap_up_ended,
}
