"""How events on callers who come back are written into the rows; see `apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.state import State
from routing.return_policy import REPEAT_CALLS_MAX

DAY_MS: Final = 24 * 60 * 60 * 1000
CALLERS_MAX: Final = 200_000
"""So many callers of one day are remembered; ten times what the nation has on a day."""


def _misuse_marked(state: State, event: ev.MisuseMarked, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.is_misuse = True
    contact.told_112 = False


def _pressed_again(state: State, event: ev.EmergencyPressedAgain, now_ms: int, number: int) -> None:
    state.contacts[event.contact_id].told_112 = True


def note_caller(state: State, event: ev.ContactEnqueued, now_ms: int) -> None:
    """What the new contact continues is continued; the call is remembered, if it counts."""
    if event.continues is not None:
        earlier = state.contacts[event.continues]
        earlier.is_continued = True
        state.returning.note(earlier)
    if event.is_counted:
        note_call(state, event.caller_key, now_ms, now_ms)


def note_call(state: State, caller_key: str, at_ms: int, now_ms: int) -> None:
    """The call is remembered, unless it is too long ago to tell anything."""
    day = at_ms // DAY_MS
    calls = state.calls.get(day)
    if calls is None:
        forget_ms = (day + 1) * DAY_MS + state.rules.policy.returns.repeat_within_ms
        if forget_ms <= now_ms:
            return
        calls = state.calls[day] = {}
        state.deadlines.set(forget_ms, DeadlineKind.FORGET_CALLS, str(day))
    known = calls.get(caller_key, ())
    if known or len(calls) < CALLERS_MAX:
        calls[caller_key] = (*known, at_ms)[-REPEAT_CALLS_MAX:]


def _calls_forgotten(state: State, event: ev.CallsForgotten, now_ms: int, number: int) -> None:
    del state.calls[event.day]
    state.deadlines.clear(DeadlineKind.FORGET_CALLS, str(event.day))


WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.MisuseMarked: _misuse_marked,
    ev.EmergencyPressedAgain: _pressed_again,
    ev.CallsForgotten: _calls_forgotten,
}
