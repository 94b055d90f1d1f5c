"""How events on offers are written into the rows; see `apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.callback import CallbackState
from queue_engine.core.contact import Contact
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.state import State
from routing.policy import FAILURES_KEPT
from routing.vocabulary import AgentId

_RING: Final = DeadlineKind.RING


def _contact_offered(state: State, event: ev.ContactOffered, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.step(type(event))
    contact.agent_id, contact.phone_id = event.agent_id, event.phone_id
    contact.offer = event.offer
    contact.seen_waiting = False
    note_sold(state, contact, event)
    if event.is_callback:
        contact.link_id = event.link_id  # her switch rings him; a call stays where it is
    state.next_offer = event.offer + 1
    state.deadlines.set(event.ring_until_ms, _RING, contact.contact_id)
    state.move_contact(contact)
    agent = state.agents[event.agent_id]
    agent.step_assignment(contact.contact_id, type(event), now_ms, contact.channel)
    state.reindex_agent(agent)


def note_sold(state: State, contact: Contact, event: ev.ContactOffered | ev.ConsultOffered) -> None:
    """Whether it is sold to her from now on, offered to her or as a colleague's question."""
    if event.is_sold:
        state.sold.setdefault(contact.contact_id, {})[event.agent_id] = contact.home_region
    elif contact.contact_id in state.sold:
        state.sold[contact.contact_id].pop(event.agent_id, None)


def _offer_seen(state: State, event: ev.OfferSeen, now_ms: int, number: int) -> None:
    state.deadlines.set(event.ring_until_ms, DeadlineKind.RING, event.contact_id)


def _offer_unanswered(
    state: State,
    event: ev.OfferRangOut | ev.OfferRejected | ev.OfferFailed,
    now_ms: int,
    number: int,
) -> None:
    contact = state.contacts[event.contact_id]
    _count_failure(contact, now_ms)
    pass_over(state, contact, event.agent_id, now_ms)
    if type(event) is ev.OfferRangOut:
        state.agents[event.agent_id].no_answers += 1
    take_back(state, contact, event, now_ms)


def _offer_revoked(state: State, event: ev.OfferRevoked, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    if event.reason is ev.RevokeReason.SEEN_WAITING:
        _count_failure(contact, now_ms)
    take_back(state, contact, event, now_ms)


def pass_over(state: State, contact: Contact, agent_id: AgentId, now_ms: int) -> None:
    """For a while others are asked before her; the contact's indexes are left to the caller."""
    until_ms = now_ms + state.rules.policy.tried_ms
    contact.tried[agent_id] = until_ms
    state.deadlines.set(until_ms, DeadlineKind.TRIED, contact.contact_id, agent_id)


def _tried_forgotten(state: State, event: ev.TriedForgotten, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    del contact.tried[event.agent_id]
    state.deadlines.clear(DeadlineKind.TRIED, contact.contact_id, event.agent_id)
    state.move_contact(contact)


def _count_failure(contact: Contact, now_ms: int) -> None:
    contact.failures_ms = (*contact.failures_ms, now_ms)[-FAILURES_KEPT:]


def take_back(
    state: State,
    contact: Contact,
    event: (
        ev.OfferRangOut
        | ev.OfferRejected
        | ev.OfferFailed
        | ev.OfferRevoked
        | ev.CallbackNotReached
    ),
    now_ms: int,
) -> None:
    """It waits again, and she has nothing more to do with it; she stays as long idle as she was."""
    contact.step(type(event))
    if contact.callback is CallbackState.DIALLED:
        contact.step_callback(type(event))
    contact.agent_id = contact.phone_id = contact.offer = None
    state.deadlines.clear(DeadlineKind.RING, contact.contact_id)
    state.move_contact(contact)
    agent = state.agents[event.agent_id]
    agent.step_assignment(contact.contact_id, type(event), now_ms)
    state.reindex_agent(agent)


WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.ContactOffered: _contact_offered,
    ev.OfferSeen: _offer_seen,
    ev.OfferRangOut: _offer_unanswered,
    ev.OfferRejected: _offer_unanswered,
    ev.OfferFailed: _offer_unanswered,
    ev.OfferRevoked: _offer_revoked,
    ev.TriedForgotten: _tried_forgotten,
}
