"""The auditor's books on text messages that have been asked for.

House rules: those of `auditor`, whose part this is. Each is tried at most five times with rests
that grow, and ends sent or in an alarm; nobody is forgotten in silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.commands import (
    Command,
    ReportIsland,
    ReportTextFailed,
    ReportTextSent,
    TextFailure,
)

MINUTE_MS: Final = 60_000
RESTS_MS: Final = (30_000, 2 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS)
UNHEARD_MS: Final = 5 * MINUTE_MS
SHOWN_MS: Final = 24 * 60 * MINUTE_MS
HOPELESS: Final = (TextFailure.NO_NUMBER, TextFailure.REFUSED)


@dataclass
class Text:
    """One message in the books."""

    contact: str
    due_ms: int
    tries: int = 0
    place: str = "asked"


class TextBooks:
    """All that have been asked for and not sent, by id."""

    def __init__(self) -> None:
        self.texts: dict[str, Text] = {}

    def ask(self, event: ev.CallbackTextAsked, number: int, now_ms: int) -> None:
        """A message is asked for by this record."""
        text_id = f"{number}-{event.contact_id}"
        assert text_id not in self.texts, f"{text_id} twice"
        self.texts[text_id] = Text(event.contact_id, now_ms + UNHEARD_MS)

    def take(self, event: ev.IslandTextTaken, now_ms: int) -> None:
        """An island was asked for it, and has not sent it."""
        assert event.text_id not in self.texts, f"{event.text_id} twice"
        self.texts[event.text_id] = Text(event.contact_id, now_ms + UNHEARD_MS)

    def book(self, event: ev.TextEvent, command: Command, now_ms: int) -> None:
        """What became of one, and whether it could."""
        text = self.texts[event.text_id]
        assert event.contact_id == text.contact, event
        match event:
            case ev.TextSent():
                if isinstance(command, ReportIsland):
                    assert any(text.is_sent for text in command.texts), command
                else:
                    assert isinstance(command, ReportTextSent), command
                    assert command.text_id == event.text_id, command
                del self.texts[event.text_id]
            case ev.TextAskedAgain():
                assert text.place == "resting", text
                assert now_ms >= text.due_ms, f"{event}: too early"
                text.place, text.due_ms = "asked", now_ms + UNHEARD_MS
            case ev.TextFailed():
                self._try_ends(text, event, command, now_ms)
                assert event.failure not in HOPELESS, event
                assert event.retry_at_ms == now_ms + RESTS_MS[text.tries - 1], event
                text.place, text.due_ms = "resting", event.retry_at_ms
            case ev.TextGivenUp():
                self._try_ends(text, event, command, now_ms)
                assert event.failure in HOPELESS or text.tries == len(RESTS_MS) + 1, event
                assert event.kept_until_ms == now_ms + SHOWN_MS, event
                text.place, text.due_ms = "given_up", event.kept_until_ms
            case ev.TextForgotten():
                assert text.place == "given_up", text
                assert now_ms >= text.due_ms, f"{event}: too early"
                del self.texts[event.text_id]

    def _try_ends(
        self, text: Text, event: ev.TextFailed | ev.TextGivenUp, command: Command, now_ms: int
    ) -> None:
        assert text.place == "asked", f"{text}: nobody tries it"
        text.tries += 1
        assert event.tries == text.tries, event
        if event.failure is TextFailure.UNREPORTED and not isinstance(command, ReportTextFailed):
            assert now_ms >= text.due_ms, f"{event}: too early"
            return
        assert isinstance(command, ReportTextFailed), command
        told = (command.text_id, command.try_number, command.failure)
        assert told == (event.text_id, text.tries, event.failure), command

    def check_times(self, now_ms: int) -> None:
        """None has been slept through."""
        late = [text for text in self.texts.values() if text.due_ms < now_ms]
        assert not late, late
