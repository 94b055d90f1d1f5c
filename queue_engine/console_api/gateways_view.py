"""Contact centres on other telephone systems at one moment: how many of their seats do what."""

from __future__ import annotations

from collections import Counter

from queue_engine.console_api.gateway_shapes import Gateway
from queue_engine.core.agent import Agent
from queue_engine.core.gateways import seats_agreed
from queue_engine.core.state import State
from routing.vocabulary import GatewayId, RegionCode


class SeatCounts:
    """Counts the seats among the agents.

    Args:
        state: as it is now.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._busy: Counter[GatewayId] = Counter()
        self._leaving: Counter[GatewayId] = Counter()
        self._free: Counter[GatewayId] = Counter()

    def add(self, seat: Agent) -> None:
        """One more, which is a gateway's."""
        assert seat.gateway is not None, seat.agent_id
        if seat.assignments:
            self._busy[seat.gateway] += 1
            self._leaving[seat.gateway] += seat.is_signing_off
        elif seat.agent_id in self._state.ready and not seat.is_resting_seat:
            self._free[seat.gateway] += 1

    def of(self, region: RegionCode) -> list[Gateway]:
        """The gateways of a region, in the order of the rules."""
        gateways = self._state.rules.gateways.values()
        return [self._row(each.gateway_id) for each in gateways if each.region == region]

    def _row(self, gateway_id: GatewayId) -> Gateway:
        state = self._state
        gateway, row = state.rules.gateways[gateway_id], state.gateways.get(gateway_id)
        seats, busy, free = (
            seats_agreed(gateway, row),
            self._busy[gateway_id],
            self._free[gateway_id],
        )
        is_reached = row is not None and row.is_reached and state.is_link_up(gateway.link_id)
        return Gateway(
            gateway_id=gateway_id,
            is_reached=is_reached,
            seats=seats,
            busy=busy,
            free=free,
            away=max(0, seats - free - (busy - self._leaving[gateway_id])),
        )
