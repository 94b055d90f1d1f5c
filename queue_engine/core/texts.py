"""Text messages that have been asked for and not sent yet: their rows, and their table.

An effect without a switch: nobody can look whether it has been done, so it is asked for by an
event, done under a key that is made of that event, and reported by command. Until it is reported
the row stays, and whoever decides next takes it up; the same key makes one message of two tries.

    (none) -> ASKED -> (none)
              ASKED <-> RESTING -> (none)
              ASKED -> GIVEN_UP -> (none)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.commands import TextFailure
from routing.vocabulary import ContactId, TextId

REPORT_WITHIN_MS: Final = 5 * 60_000
"""A try of which nothing has been heard for so long has failed."""
RETRY_AFTER_MS: Final = (30_000, 2 * 60_000, 10 * 60_000, 30 * 60_000)
"""How long it rests after each try in vain; after one more it is given up. Even if nothing is heard
of any try, that is before the vault lets go of the number (2 h after the contact's end)."""
GIVEN_UP_SHOWN_MS: Final = 24 * 60 * 60_000
FINAL: Final = (TextFailure.NO_NUMBER, TextFailure.REFUSED)
"""After these another try would fail as well."""


class TextState(StrEnum):
    """Where a text message is that has been asked for."""

    ASKED = "asked"
    """To be sent now; nothing has been heard of it yet."""
    RESTING = "resting"
    """A try was in vain; it waits for the next."""
    GIVEN_UP = "given_up"
    """It is not tried any more, and is shown for a while."""


_A, _R, _G = TextState.ASKED, TextState.RESTING, TextState.GIVEN_UP

TEXT: Final[dict[TextState | None, dict[type, TextState | None]]] = {
    None: {ev.CallbackTextAsked: _A, ev.IslandTextTaken: _A},
    _A: {ev.TextSent: None, ev.TextFailed: _R, ev.TextGivenUp: _G},
    _R: {ev.TextSent: None, ev.TextAskedAgain: _A},
    _G: {ev.TextSent: None, ev.TextForgotten: None},
}
"""That it was sent may be heard at any time: a try may have been taken for failed too early."""


@dataclass(slots=True)
class Text:
    """The row of one; written by `apply` alone."""

    text_id: TextId
    contact_id: ContactId
    asked_ms: int
    number: int
    """The record that asked for it last: what is journaled up to there may be acted on."""
    state: TextState | None = None
    tries: int = 0
    """In vain, so far."""
    failure: TextFailure | None = None
    """Of the last try."""

    def step(self, event: type) -> None:
        """The state after this event, by the table."""
        row = TEXT[self.state]
        assert event in row, f"{event.__name__} of {self.text_id}, which is {self.state}"
        self.state = row[event]


def text_id_of(number: int, contact_id: ContactId) -> TextId:
    """The id of the message that record `number` asks for: a record does so once a contact."""
    return TextId(f"{number}-{contact_id}")
