"""How events on connected contacts are written into the rows; see `apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.apply_contacts import wait_again
from queue_engine.core.apply_offers import pass_over
from queue_engine.core.state import State


def _sent_back(state: State, event: ev.ContactSentBack, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    wait_again(state, contact, type(event), now_ms)
    pass_over(state, contact, event.agent_id, now_ms)
    state.move_contact(contact)


WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.ContactSentBack: _sent_back,
}
