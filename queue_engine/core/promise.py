"""Promising a caller that he is rung back.

House rules: an emergency is never asked to hang up. A promise once given stands until the caller is
answered or could not be reached: he may stay on the line, ring again or become an emergency, and
is no worse off.
"""

from __future__ import annotations

from queue_engine.core import events as ev
from queue_engine.core.contact import Contact
from queue_engine.core.errors import Refused
from queue_engine.core.state import State
from queue_engine.core.turn import Turn
from routing.order import EMERGENCY_TIER
from routing.vocabulary import ContactId, Priority


def require_promisable(state: State, priority: Priority) -> None:
    """Somebody of this priority may be rung back.

    Raises:
        Refused: an emergency, or the rules know no such thing.
    """
    if not state.rules.policy.callbacks.within_ms:
        raise Refused("no_callbacks", "nobody is rung back, by the rules")
    if state.rules.priorities[priority].tier == EMERGENCY_TIER:
        raise Refused("emergency", "an emergency stays on the line, and rings 112")


def promise(turn: Turn, contact_id: ContactId, until_ms: int | None = None) -> None:
    """He is promised to be rung: until then, or for as long as the rules say."""
    if until_ms is None:
        until_ms = turn.now_ms + turn.state.rules.policy.callbacks.within_ms
    turn.emit(ev.CallbackPromised(contact_id, until_ms))


def promises(state: State) -> list[Contact]:
    """All to whom it has been promised, who was promised soonest first."""
    return sorted(state.promised.values(), key=_by_moment)


def _by_moment(contact: Contact) -> tuple[int, int]:
    assert contact.promised_until_ms is not None, contact.contact_id
    return contact.promised_until_ms, contact.sequence
