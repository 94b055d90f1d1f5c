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
class Talking:
    """The caller is on the line."""

    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class Idle:
    """The phone is on the hook again."""

    reason: IdleReason


PhoneNews = Ringing | Talking | Idle
PhoneListener = Callable[[PhoneNews], None]
