"""What must be true of text messages that have been asked for; part of `invariants`."""

from __future__ import annotations

from queue_engine.core.state import State
from queue_engine.core.texts import RETRY_AFTER_MS, TextState


def check_texts(state: State) -> None:
    """Raises AssertionError, naming what is wrong."""
    for text_id, text in state.texts.items():
        assert text.text_id == text_id, f"{text_id} is kept as {text.text_id}"
        assert text.state is not None, f"{text_id} is nowhere"
        assert text.number <= state.record_number, f"{text_id} is of record {text.number}"
        tries_max = len(RETRY_AFTER_MS) + (text.state is TextState.GIVEN_UP)
        assert 0 <= text.tries <= tries_max, f"{text_id} is tried without end: {text.tries}"
        has_failed = text.failure is not None
        assert has_failed == (text.tries > 0), f"{text_id}: {text.tries} tries, {text.failure}"
        assert has_failed or text.state is TextState.ASKED, f"{text_id}: {text.state}, no try"
