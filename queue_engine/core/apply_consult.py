"""How events on consultations are written into the rows; see `apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.agent import AgentState
from queue_engine.core.apply_agents import free
from queue_engine.core.apply_contacts import end_hold
from queue_engine.core.apply_offers import note_sold
from queue_engine.core.apply_strain import note_answered, note_begun
from queue_engine.core.contact import Contact
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.state import State


def _offered(state: State, event: ev.ConsultOffered, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.step_talk(type(event))
    contact.consulted_agent, contact.consulted_phone = event.agent_id, event.phone_id
    contact.consult = event.offer
    state.asking[contact.contact_id] = contact
    note_sold(state, contact, event)
    state.next_offer = event.offer + 1
    state.deadlines.set(event.ring_until_ms, DeadlineKind.CONSULT, contact.contact_id)
    agent = state.agents[event.agent_id]
    agent.step_assignment(contact.contact_id, type(event), now_ms)
    state.reindex_agent(agent)


def _answered(state: State, event: ev.ConsultAnswered, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.step_talk(type(event))
    del state.asking[contact.contact_id]
    state.deadlines.clear(DeadlineKind.CONSULT, contact.contact_id)
    agent = state.agents[event.agent_id]
    agent.no_answers = 0
    note_begun(state, agent, contact, now_ms)
    agent.step_assignment(contact.contact_id, type(event), now_ms)
    state.reindex_agent(agent)


def _conference_started(
    state: State, event: ev.ConferenceStarted, now_ms: int, number: int
) -> None:
    contact = state.contacts[event.contact_id]
    contact.step_talk(type(event))
    end_hold(state, contact, now_ms)


def _consult_ended(state: State, event: ev.ConsultEnded, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.step_talk(type(event))
    _forget_colleague(contact)
    state.asking.pop(contact.contact_id, None)
    state.deadlines.clear(DeadlineKind.CONSULT, contact.contact_id)
    agent = state.agents[event.agent_id]
    if event.reason is ev.ConsultEnd.NO_ANSWER:
        agent.no_answers += 1
    if agent.assignments[contact.contact_id].state is AgentState.RESERVED:
        agent.step_assignment(contact.contact_id, type(event), now_ms)
        state.reindex_agent(agent)
    else:
        free(state, event.agent_id, contact.contact_id, type(event), now_ms)


def _handed_over(state: State, event: ev.ContactHandedOver, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.step_talk(type(event))
    end_hold(state, contact, now_ms)
    _forget_colleague(contact)
    contact.agent_id, contact.phone_id = event.agent_id, event.phone_id
    note_answered(state, state.agents[event.agent_id], contact)


def _forget_colleague(contact: Contact) -> None:
    contact.consulted_agent = contact.consulted_phone = contact.consult = None


WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.ConsultOffered: _offered,
    ev.ConsultAnswered: _answered,
    ev.ConferenceStarted: _conference_started,
    ev.ConsultEnded: _consult_ended,
    ev.ContactHandedOver: _handed_over,
}
