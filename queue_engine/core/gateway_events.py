"""Events on contact centres on other telephone systems. Part of `events`, with its house rules."""

from __future__ import annotations

from queue_engine.core.message import message
from routing.vocabulary import GatewayId


@message
class GatewayRestored:
    """The trunk leads there: its seats come to work."""

    gateway_id: GatewayId


@message
class GatewayLost:
    """The trunk does not lead there: its seats leave, each when what it has is over."""

    gateway_id: GatewayId


@message
class GatewaySeatsSet:
    """So many callers it takes at once from now on; what fits that follows."""

    gateway_id: GatewayId
    seats: int | None
    """None: as many as the rules say."""
    reason: str
