"""How events on callers who come back are written into the rows; see `apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.state import State


def _misuse_marked(state: State, event: ev.MisuseMarked, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.is_misuse = True
    contact.told_112 = False


def _pressed_again(state: State, event: ev.EmergencyPressedAgain, now_ms: int, number: int) -> None:
    state.contacts[event.contact_id].told_112 = True


WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.MisuseMarked: _misuse_marked,
    ev.EmergencyPressedAgain: _pressed_again,
}
