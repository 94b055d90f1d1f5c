"""How events on contacts that are rung back are written into the rows; see `apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.apply_offers import take_back
from queue_engine.core.contact import Contact
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.state import State
from routing.vocabulary import ContactChannel


def end_promise(state: State, contact: Contact, event: type) -> None:
    """He has been answered, or it is over: nobody need ring him; its place is the caller's."""
    contact.step_callback(event)
    contact.promised_until_ms = None
    contact.is_promise_overdue = False
    contact.callback_tries = 0
    del state.promised[contact.contact_id]
    state.deadlines.clear(DeadlineKind.PROMISE, contact.contact_id)
    state.reindex_contact(contact)
    state.returning.note(contact)


def _promised(state: State, event: ev.CallbackPromised, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.step_callback(type(event))
    contact.channel = ContactChannel.CALLBACK
    contact.promised_until_ms = event.promised_until_ms
    state.promised[contact.contact_id] = contact
    state.deadlines.set(event.promised_until_ms, DeadlineKind.PROMISE, contact.contact_id)


def _awaited(state: State, event: ev.CallbackAwaited, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.step_callback(type(event))
    contact.seen_waiting = False
    state.reindex_contact(contact)
    state.returning.note(contact)


def _on_line(state: State, event: ev.CallerOnLine, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.step_callback(type(event))
    contact.link_id = event.link_id
    state.reindex_contact(contact)
    state.returning.note(contact)


def _dialled(state: State, event: ev.CallbackDialled, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.step_callback(type(event))
    state.agents[event.agent_id].no_answers = 0
    if state.is_in_reach(contact):  # else it is frozen, and its moment comes with the link
        state.deadlines.set(event.dial_until_ms, DeadlineKind.RING, contact.contact_id)


def _not_reached(state: State, event: ev.CallbackNotReached, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.callback_tries = event.tries
    if event.not_before_ms is not None:
        contact.is_postponed = True
        state.deadlines.set(event.not_before_ms, DeadlineKind.NOT_BEFORE, contact.contact_id)
    take_back(state, contact, event, now_ms)


def _overdue(state: State, event: ev.CallbackOverdue, now_ms: int, number: int) -> None:
    state.contacts[event.contact_id].is_promise_overdue = True
    state.deadlines.clear(DeadlineKind.PROMISE, event.contact_id)


WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.CallbackPromised: _promised,
    ev.CallbackAwaited: _awaited,
    ev.CallerOnLine: _on_line,
    ev.CallbackDialled: _dialled,
    ev.CallbackNotReached: _not_reached,
    ev.CallbackOverdue: _overdue,
}
