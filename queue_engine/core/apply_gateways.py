"""How events on gateways are written into the rows; see `apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.gateways import GatewayRow
from queue_engine.core.state import State
from routing.vocabulary import GatewayId


def _restored(state: State, event: ev.GatewayRestored, now_ms: int, number: int) -> None:
    _row(state, event.gateway_id).is_reached = True


def _lost(state: State, event: ev.GatewayLost, now_ms: int, number: int) -> None:
    _row(state, event.gateway_id).is_reached = False
    _drop_if_empty(state, event.gateway_id)


def _seats_set(state: State, event: ev.GatewaySeatsSet, now_ms: int, number: int) -> None:
    _row(state, event.gateway_id).seats = event.seats
    _drop_if_empty(state, event.gateway_id)


def _row(state: State, gateway_id: GatewayId) -> GatewayRow:
    return state.gateways.setdefault(gateway_id, GatewayRow(gateway_id))


def _drop_if_empty(state: State, gateway_id: GatewayId) -> None:
    if state.gateways[gateway_id] == GatewayRow(gateway_id):
        del state.gateways[gateway_id]


WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.GatewayRestored: _restored,
    ev.GatewayLost: _lost,
    ev.GatewaySeatsSet: _seats_set,
}
