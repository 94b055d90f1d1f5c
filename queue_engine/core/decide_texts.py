"""Decisions on text messages that have been asked for: tried again, or given up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.commands import ReportTextFailed, ReportTextSent, TextFailure
from queue_engine.core.texts import (
    FINAL,
    GIVEN_UP_SHOWN_MS,
    RETRY_AFTER_MS,
    Text,
    TextState,
)
from queue_engine.core.turn import Turn
from routing.vocabulary import TextId


def report_sent(turn: Turn, command: ReportTextSent) -> None:
    """It is done, whatever was thought of it; told once more, nothing changes."""
    text = turn.state.texts.get(command.text_id)
    if text is not None:
        turn.emit(ev.TextSent(text.text_id, text.contact_id))


def report_failed(turn: Turn, command: ReportTextFailed) -> None:
    """The try was in vain; of one that is over already nothing changes."""
    text = turn.state.texts.get(command.text_id)
    if text is None or text.state is not TextState.ASKED:
        return
    if command.try_number == text.tries + 1:
        _failed(turn, text, command.failure)


def text_is_due(turn: Turn, text_id: TextId) -> None:
    """Its moment has come: no report of it, the next try, or it is no longer shown."""
    text = turn.state.texts[text_id]
    if text.state is TextState.ASKED:
        _failed(turn, text, TextFailure.UNREPORTED)
    elif text.state is TextState.RESTING:
        turn.emit(ev.TextAskedAgain(text.text_id, text.contact_id))
    else:
        turn.emit(ev.TextForgotten(text.text_id, text.contact_id))


def _failed(turn: Turn, text: Text, failure: TextFailure) -> None:
    tries = text.tries + 1
    if failure in FINAL or tries > len(RETRY_AFTER_MS):
        until_ms = turn.now_ms + GIVEN_UP_SHOWN_MS
        turn.emit(ev.TextGivenUp(text.text_id, text.contact_id, failure, tries, until_ms))
        return
    retry_at_ms = turn.now_ms + RETRY_AFTER_MS[tries - 1]
    turn.emit(ev.TextFailed(text.text_id, text.contact_id, failure, tries, retry_at_ms))


DECIDERS: Final[dict[type, Callable[[Turn, Any], None]]] = {
    ReportTextSent: report_sent,
    ReportTextFailed: report_failed,
}
