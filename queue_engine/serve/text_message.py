"""A text message as those who send it get it: what it says, to whom, and under which key.

House rules: what it says is Swedish first and tells others nothing but that 1177 was called; the
number is read when the message is sent, stands in no log, and goes to the receiver alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final, Protocol

from queue_engine.core.commands import TextFailure
from queue_engine.core.errors import SamkoError
from routing.vocabulary import TextId

NOT_REACHED: Final = (
    "Vi har ringt dig utan att få svar. Ring 1177 om du fortfarande vill ha kontakt med oss."
    "\nWe have called you and got no answer. Call 1177 if you still want to get in touch."
)
"""To one who was rung back in vain for the last time."""


@dataclass(frozen=True, slots=True)
class TextMessage:
    """One message. The same key is the same message: it may be handed over twice, and goes once."""

    key: str
    number: str = field(repr=False)
    """E.164."""
    words: str


class TextNotSent(SamkoError):
    """The message was not taken over, as far as is known.

    Args:
        failure: whether another try makes sense.
        sentence: what is wrong, for people; nothing of what the message says or to whom it goes.
    """

    def __init__(self, failure: TextFailure, sentence: str) -> None:
        super().__init__(sentence)
        self.failure = failure


class TextSender(Protocol):
    """Whoever sends text messages."""

    async def send(self, message: TextMessage) -> None:
        """Hands the message over; returns when it can no longer be lost.

        A message whose key has been handed over already, by whatever process, goes out no more.

        Raises:
            TextNotSent: it was not taken over.
        """
        ...

    async def close(self) -> None:
        """Lets go of what it has open."""
        ...


def key_of(text_id: TextId) -> str:
    """The key of the message: good for a header, as a file's name, and to be shown to others.

    The same text id gives the same key in every process.
    """
    return "samko-" + hashlib.sha256(b"samko text message|" + text_id.encode()).hexdigest()[:40]
