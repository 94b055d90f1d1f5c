"""What must be true of contacts that are rung back; part of `invariants`."""

from __future__ import annotations

from typing import Final

from queue_engine.core.callback import CallbackState
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.state import State
from routing.callback_policy import CALLBACK_TRIES_MAX
from routing.vocabulary import NO_LINK

_UNANSWERED: Final = (ContactState.WAITING, ContactState.OFFERED)


def check_callbacks(state: State) -> None:
    """Raises AssertionError, naming what is wrong."""
    promised = {c.contact_id: c for c in state.contacts.values() if c.callback is not None}
    assert promised == state.promised, "the index of the promised differs"
    for contact_id, contact in state.contacts.items():
        has_promise = contact.promised_until_ms is not None
        assert has_promise == (contact.callback is not None), f"{contact_id}: promise differs"
        assert has_promise or not contact.is_promise_overdue, f"{contact_id}: overdue, no promise"
        assert has_promise or not contact.callback_tries, f"{contact_id}: tried, no promise"
        is_away = contact.callback in (CallbackState.AWAITED, CallbackState.DIALLED)
        is_anywhere = contact.contact_class.link_id == NO_LINK
        can_be_anywhere = is_away or contact.channel.is_on_screen
        assert is_anywhere == can_be_anywhere, f"{contact_id}: who can ring him differs"
        if contact.callback is not None:
            _check_promised(state, contact, is_away)


def _check_promised(state: State, contact: Contact, is_away: bool) -> None:
    contact_id = contact.contact_id
    assert contact.state in _UNANSWERED, f"{contact_id}: promised and {contact.state}"
    assert contact.callback_tries < CALLBACK_TRIES_MAX, f"{contact_id}: rung without end"
    assert not (is_away and contact.seen_waiting), f"{contact_id} is away and waits on the line"
    if contact.callback is CallbackState.DIALLED:
        assert contact.state is ContactState.OFFERED, f"{contact_id} is rung by nobody"
    if is_away and contact.state is ContactState.OFFERED:
        assert contact.agent_id is not None, contact_id
        link_id = state.agents[contact.agent_id].link_id
        assert contact.link_id == link_id, f"{contact_id} is rung from another switch"
