"""What a caller notices of his own call, told to its listener as it happens.

House rules: frozen and flat. A listener is called between two turns of the network and must not
wait; what it does to the call or to a phone at once is fine. Texts of prompts are for ears, screens
and speech synthesis, never for logs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from routing.vocabulary import PhoneId


class EndReason(StrEnum):
    """Why a call is over."""

    CALLER_HUNG_UP = "caller_hung_up"
    AGENT_HUNG_UP = "agent_hung_up"
    GOODBYE = "goodbye"
    """The menu has said why: the line is closed, or there are too many callers."""
    NOT_REACHED = "not_reached"
    """He was rung back, and has not accepted in time, or she could not wait."""
    UNCLAIMED = "unclaimed"
    """Nobody took the call over after a restart of the engine."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt begins to play; a key may cut it short."""

    name: str
    text: str
    """In the language in which it is heard."""
    text_sv: str
    """The same in Swedish, or `text` where Swedish has no such prompt."""
    text_en: str
    """The same in English, or `text` where English has no such prompt."""
    language: str
    """In which it is heard."""
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Listening:
    """Silence: a key is waited for, so long."""

    wait_ms: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Music: the caller waits for an agent; keys are heard."""


@dataclass(frozen=True, slots=True)
class Ringing:
    """Still music, but an agent's phone rings for him."""


@dataclass(frozen=True, slots=True)
class Talking:
    """An agent has answered."""

    phone_id: PhoneId


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over; nothing follows."""

    reason: EndReason


CallNews = Prompt | Listening | Waiting | Ringing | Talking | Ended
CallListener = Callable[[CallNews], None]
