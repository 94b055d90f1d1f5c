"""How events on text messages are written into the rows; see `apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.state import State
from queue_engine.core.texts import REPORT_WITHIN_MS, Text, text_id_of


def _asked(state: State, event: ev.CallbackTextAsked, now_ms: int, number: int) -> None:
    text_id = text_id_of(number, event.contact_id)
    assert text_id not in state.texts, f"{text_id} is asked for twice"
    text = Text(text_id, event.contact_id, asked_ms=now_ms, number=number)
    text.step(type(event))
    state.texts[text_id] = text
    state.deadlines.set(now_ms + REPORT_WITHIN_MS, DeadlineKind.TEXT, text_id)


def _asked_again(state: State, event: ev.TextAskedAgain, now_ms: int, number: int) -> None:
    text = state.texts[event.text_id]
    text.step(type(event))
    text.number = number
    state.deadlines.set(now_ms + REPORT_WITHIN_MS, DeadlineKind.TEXT, text.text_id)


def _failed(state: State, event: ev.TextFailed, now_ms: int, number: int) -> None:
    _note_failure(state.texts[event.text_id], event)
    state.deadlines.set(event.retry_at_ms, DeadlineKind.TEXT, event.text_id)


def _given_up(state: State, event: ev.TextGivenUp, now_ms: int, number: int) -> None:
    _note_failure(state.texts[event.text_id], event)
    state.deadlines.set(event.kept_until_ms, DeadlineKind.TEXT, event.text_id)


def _note_failure(text: Text, event: ev.TextFailed | ev.TextGivenUp) -> None:
    text.step(type(event))
    text.tries, text.failure = event.tries, event.failure


def _over(state: State, event: ev.TextSent | ev.TextForgotten, now_ms: int, number: int) -> None:
    state.texts.pop(event.text_id).step(type(event))
    state.deadlines.clear(DeadlineKind.TEXT, event.text_id)


WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.CallbackTextAsked: _asked,
    ev.TextAskedAgain: _asked_again,
    ev.TextFailed: _failed,
    ev.TextGivenUp: _given_up,
    ev.TextSent: _over,
    ev.TextForgotten: _over,
}
