"""What is known of a contact centre on another telephone system, beside what the rules say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from queue_engine.core.agent import Agent
from routing.gateways import Gateway, seat_number
from routing.vocabulary import GatewayId


@dataclass(slots=True)
class GatewayRow:
    """One of them, as `apply` keeps it; what has no row is out of reach, and as the rules say."""

    gateway_id: GatewayId
    is_reached: bool = False
    """The trunk leads there."""
    seats: int | None = None
    """So many, whatever the rules say; None: as they say."""


def seats_wanted(gateway: Gateway | None, row: GatewayRow | None) -> int:
    """How many seats of it are to be at work."""
    if gateway is None or row is None or not row.is_reached:
        return 0
    return seats_agreed(gateway, row)


def seats_agreed(gateway: Gateway, row: GatewayRow | None) -> int:
    """How many it has while it can be reached."""
    return gateway.seats if row is None or row.seats is None else row.seats


def seats_of(agents: Iterable[Agent], gateway_id: GatewayId) -> list[Agent]:
    """Its seats at work, by number."""
    found = [agent for agent in agents if agent.gateway == gateway_id]
    return sorted(found, key=lambda seat: seat_number(seat.agent_id))
