"""Events on text messages that have been asked for: sent, tried again, given up.

Part of `events`, where the house rules stand. What a message says and to which number it goes is
in none of them.
"""

from __future__ import annotations

from queue_engine.core.message import message
from queue_engine.core.reports import TextFailure
from routing.vocabulary import ContactId, TextId


@message
class TextSent:
    """Whoever sends text messages has taken it over, once and for all."""

    text_id: TextId
    contact_id: ContactId


@message
class TextFailed:
    """It could not be sent, and is asked for again at `retry_at_ms`."""

    text_id: TextId
    contact_id: ContactId
    failure: TextFailure
    tries: int
    """So often it has been tried."""
    retry_at_ms: int


@message
class TextAskedAgain:
    """It has rested after a try in vain: it is to be sent now, as when it was asked for."""

    text_id: TextId
    contact_id: ContactId


@message
class TextGivenUp:
    """It will not be tried again: the person has had no message. An alarm."""

    text_id: TextId
    contact_id: ContactId
    failure: TextFailure
    """Of the last try."""
    tries: int
    kept_until_ms: int
    """So long it is shown to those who may do something about it."""


@message
class TextForgotten:
    """What was given up is no longer shown."""

    text_id: TextId
    contact_id: ContactId


TextEvent = TextSent | TextFailed | TextAskedAgain | TextGivenUp | TextForgotten
