"""What every link says of itself, whatever stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

REPORTS_IN_FLIGHT_MAX: Final = 256
"""Commands handed to the engine and not yet journaled."""


class LinkState(StrEnum):
    """Where a link is in the steps of a connection."""

    DOWN = "down"
    HELD = "held"
    """Connected; another engine acts there."""
    RECONCILING = "reconciling"
    LIVE = "live"


@dataclass(slots=True)
class LinkCounts:
    """What a link has done and seen since it began."""

    reports: int = 0
    reports_failed: int = 0
    losses: int = 0
    effects_dropped: int = 0
    """Came while the link was not live, or were too many."""
    feed_cuts: int = 0
    """How often the records had to be followed anew."""
    pictures: int = 0
    """All that the switch shows, handed to the engine to be reconciled."""


@dataclass(slots=True)
class AmiCounts(LinkCounts):
    """What only a link with a connection has."""

    messages: int = 0
    connections: int = 0
