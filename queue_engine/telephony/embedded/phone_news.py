"""What an agent notices of her phone, told to its listener as it happens.

House rules: as for `call_news`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from routing.vocabulary import ContactId


class IdleReason(StrEnum):
    """Why a phone has no call any more."""

    RANG_OUT = "rang_out"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    """The engine has taken the offer back."""
    CALLER_LEFT = "caller_left"
    """While it rang or in the talk."""
    NOT_REACHED = "not_reached"
    """The caller whom she was to talk with did not accept."""
    HUNG_UP = "hung_up"
    """The agent has ended the talk."""
    LOST = "lost"
    """The phone was unplugged in the talk and did not come back in time."""


@dataclass(frozen=True, slots=True)
class Ringing:
    """The phone rings."""

    offer: int
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class Dialling:
    """She has answered, and the caller's phone rings."""

    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class Talking:
    """The caller is on the line."""

    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class Idle:
    """The phone is on the hook again."""

    reason: IdleReason


PhoneNews = Ringing | Dialling | Talking | Idle
PhoneListener = Callable[[PhoneNews], None]
