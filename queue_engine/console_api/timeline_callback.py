"""What timelines say of callers who are rung back, in Swedish and English."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.console_api import timeline_words as words
from queue_engine.console_api.timeline_words import Words
from queue_engine.core import events as ev
from queue_engine.core.commands import CallbackFailure

FAILED: Final = {
    CallbackFailure.NO_ANSWER: Words("inget svar", "no answer"),
    CallbackFailure.BUSY: Words("upptaget", "busy"),
    CallbackFailure.DECLINED: Words("tog inte emot samtalet", "did not accept the call"),
    CallbackFailure.UNREACHABLE: Words(
        "numret gick inte att nå", "the number could not be reached"
    ),
}


def _promised(event: ev.CallbackPromised, at_ms: int) -> Words:
    within = words.span(event.promised_until_ms - at_ms)
    return Words(
        f"Lovad att bli uppringd inom {within.sv}; platsen i kön är kvar.",
        f"Promised to be called back within {within.en}; its place is kept.",
    )


def _awaited(event: ev.CallbackAwaited, at_ms: int) -> Words:
    return Words(
        "Inte längre på linjen: väntar på att bli uppringd.",
        "No longer on the line: waits to be called back.",
    )


def _on_line(event: ev.CallerOnLine, at_ms: int) -> Words:
    return Words("På linjen igen, och får svar där.", "On the line again, and is answered there.")


def _dialled(event: ev.CallbackDialled, at_ms: int) -> Words:
    return Words(
        f"{event.agent_id} har svarat; inringarens telefon ringer.",
        f"{event.agent_id} has answered; the caller's phone rings.",
    )


def _not_reached(event: ev.CallbackNotReached, at_ms: int) -> Words:
    why = FAILED[event.failure]
    told = Words(
        f"Nåddes inte, försök {event.tries}: {why.sv}.",
        f"Was not reached, try {event.tries}: {why.en}.",
    )
    if event.not_before_ms is None:
        return Words(f"{told.sv} Det var det sista.", f"{told.en} That was the last.")
    rest = words.span(event.not_before_ms - at_ms)
    return Words(f"{told.sv} Nästa om {rest.sv}.", f"{told.en} The next in {rest.en}.")


def _text_asked(event: ev.CallbackTextAsked, at_ms: int) -> Words:
    return Words(
        "Ett sms ska berätta att vi har ringt.",
        "A text message is to say that we have called.",
    )


def _overdue(event: ev.CallbackOverdue, at_ms: int) -> Words:
    return Words(
        "LARM: skulle ha blivit uppringd vid det här laget.",
        "ALARM: should have been called back by now.",
    )


CALLBACK: Final[dict[type, Callable[[Any, int], Words]]] = {
    ev.CallbackPromised: _promised,
    ev.CallbackAwaited: _awaited,
    ev.CallerOnLine: _on_line,
    ev.CallbackDialled: _dialled,
    ev.CallbackNotReached: _not_reached,
    ev.CallbackTextAsked: _text_asked,
    ev.CallbackOverdue: _overdue,
}
"""Each event with what is told of it, given its moment."""
