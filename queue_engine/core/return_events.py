"""Events on callers who come back or are turned away: misused emergencies, overload.

Part of `events`, where the house rules stand.
"""

from __future__ import annotations

from enum import StrEnum

from queue_engine.core.commands import Alternative
from queue_engine.core.message import message
from routing.vocabulary import (
    AgentId,
    ContactId,
    HomeRegionSource,
    LineId,
    LinkId,
    Priority,
    RegionCode,
    Requirement,
)


class RefusalReason(StrEnum):
    """Why a caller was turned away."""

    OWN_WAIT = "own_wait"
    """His region's own expected wait is too long, and it was no question of health."""
    TOO_MANY = "too_many"
    """So many of his region wait already."""


@message
class ContactRefused:
    """The overload guard turned the caller away; it counts on his home region."""

    contact_id: ContactId
    sequence: int
    link_id: LinkId
    line_id: LineId
    arrived_ms: int
    priority: Priority
    needs: tuple[Requirement, ...]
    home_region: RegionCode
    home_region_source: HomeRegionSource
    language: str
    reason: RefusalReason
    offered: tuple[Alternative, ...]
    """Instead."""


@message
class MisuseMarked:
    """The nurse who talks with an emergency found none, for this reason."""

    contact_id: ContactId
    agent_id: AgentId
    reason: str


@message
class EmergencyPressedAgain:
    """A caller who had misused the emergency key presses it again.

    He hears once more that an emergency rings 112, and is never refused.
    """

    contact_id: ContactId


@message
class CallsForgotten:
    """Who rang on this day is no longer remembered."""

    day: int
    """Days since 1970, UTC."""
