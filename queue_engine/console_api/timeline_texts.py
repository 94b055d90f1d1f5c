"""What timelines say of text messages that have been asked for, in Swedish and English."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.console_api import timeline_words as words
from queue_engine.console_api.timeline_words import Words
from queue_engine.core import events as ev
from queue_engine.core.commands import TextFailure

FAILED: Final = {
    TextFailure.NO_NUMBER: Words(
        "det finns inget nummer att skicka till", "there is no number to send it to"
    ),
    TextFailure.REFUSED: Words(
        "sms-tjänsten tar inte emot det", "the text message service does not take it"
    ),
    TextFailure.UNREACHABLE: Words(
        "sms-tjänsten svarar inte som den ska",
        "the text message service does not answer as it should",
    ),
    TextFailure.UNREPORTED: Words("ingen har berättat hur det gick", "nobody has told how it went"),
}


def _sent(event: ev.TextSent, at_ms: int) -> Words:
    return Words("Sms:et är skickat.", "The text message is sent.")


def _failed(event: ev.TextFailed, at_ms: int) -> Words:
    why, rest = FAILED[event.failure], words.span(event.retry_at_ms - at_ms)
    return Words(
        f"Sms:et gick inte att skicka, försök {event.tries}: {why.sv}. Nästa om {rest.sv}.",
        f"The text message could not be sent, try {event.tries}: {why.en}. The next in {rest.en}.",
    )


def _asked_again(event: ev.TextAskedAgain, at_ms: int) -> Words:
    return Words("Sms:et ska skickas nu.", "The text message is to be sent now.")


def _given_up(event: ev.TextGivenUp, at_ms: int) -> Words:
    why = FAILED[event.failure]
    return Words(
        f"LARM: sms:et är inte skickat och skickas inte, efter försök {event.tries}: {why.sv}.",
        f"ALARM: the text message is not sent and will not be, after try {event.tries}: {why.en}.",
    )


TEXTS: Final[dict[type, Callable[[Any, int], Words]]] = {
    ev.TextSent: _sent,
    ev.TextFailed: _failed,
    ev.TextAskedAgain: _asked_again,
    ev.TextGivenUp: _given_up,
}
"""Each event with what is told of it, given its moment."""
