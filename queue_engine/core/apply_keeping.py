"""How events on contacts that are kept for whom they prefer are written; see `apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.state import State


def _kept(state: State, event: ev.ContactKept, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.is_kept = True
    state.deadlines.set(event.until_ms, DeadlineKind.KEEP, contact.contact_id)
    state.move_contact(contact)


def _keeping_ended(state: State, event: ev.KeepingEnded, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.is_kept = False
    state.deadlines.clear(DeadlineKind.KEEP, contact.contact_id)
    state.move_contact(contact)


WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.ContactKept: _kept,
    ev.KeepingEnded: _keeping_ended,
}
