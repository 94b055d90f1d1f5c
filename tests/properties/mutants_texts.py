"""Wrong versions of what becomes of text messages that have been asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from queue_engine.core import (
    apply as applying,
    commands as cmd,
    decide as deciding,
    decide_texts,
    events as ev,
)
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.state import State
from queue_engine.core.texts import Text
from queue_engine.core.turn import Turn

Patch = pytest.MonkeyPatch


def tried_without_end(patch: Patch) -> None:
    patch.setattr(decide_texts, "RETRY_AFTER_MS", (30_000,) * 50)


def given_up_after_one_try(patch: Patch) -> None:
    patch.setattr(decide_texts, "RETRY_AFTER_MS", ())


def tried_again_where_it_is_hopeless(patch: Patch) -> None:
    patch.setattr(decide_texts, "FINAL", ())


def a_report_heard_twice_counts_twice(patch: Patch) -> None:
    failed = decide_texts._failed

    def wrong(turn: Turn, command: cmd.ReportTextFailed) -> None:
        text = turn.state.texts.get(command.text_id)
        if text is not None and text.state == "asked":
            failed(turn, text, command.failure)

    patch.setitem(deciding._DECIDERS, cmd.ReportTextFailed, wrong)


def given_up_in_silence(patch: Patch) -> None:
    def wrong(turn: Turn, text: Text, failure: cmd.TextFailure) -> None:
        turn.emit(ev.TextSent(text.text_id, text.contact_id))

    patch.setattr(decide_texts, "_failed", wrong)


def nobody_wonders_where_the_report_is(patch: Patch) -> None:
    write = applying.WRITERS[ev.CallbackTextAsked]

    def wrong(state: State, event: Any, now_ms: int, number: int) -> None:
        write(state, event, now_ms, number)
        for text_id in state.texts:
            state.deadlines.clear(DeadlineKind.TEXT, text_id)

    patch.setitem(applying.WRITERS, ev.CallbackTextAsked, wrong)


def late_news_that_it_was_sent_is_ignored(patch: Patch) -> None:
    def wrong(turn: Turn, command: cmd.ReportTextSent) -> None:
        text = turn.state.texts.get(command.text_id)
        if text is not None and text.state == "asked":
            turn.emit(ev.TextSent(text.text_id, text.contact_id))

    patch.setitem(deciding._DECIDERS, cmd.ReportTextSent, wrong)


MUTANTS: Final[dict[Callable[[Patch], None], str]] = {
    tried_without_end: "callbacks",
    given_up_after_one_try: "callbacks",
    tried_again_where_it_is_hopeless: "story text_message",
    a_report_heard_twice_counts_twice: "callbacks",
    given_up_in_silence: "callbacks",
    nobody_wonders_where_the_report_is: "callbacks",
    late_news_that_it_was_sent_is_ignored: "story text_message",
}
