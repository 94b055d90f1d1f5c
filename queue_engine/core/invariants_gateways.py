"""What must be true of gateways' seats, and of trunks that rest; part of `invariants`."""

from __future__ import annotations

from typing import Final

from queue_engine.core.agent import Agent, Presence
from queue_engine.core.agent_events import Strain
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.decide_trunks import EMERGENCY_REST_MS_MAX
from queue_engine.core.gateways import seats_of, seats_wanted
from queue_engine.core.state import State
from routing.vocabulary import NotReadyReason

_RESTS_FROM: Final = (
    NotReadyReason.NO_ANSWER,
    NotReadyReason.REJECTED,
    NotReadyReason.UNREACHABLE,
)


def check_gateways(state: State) -> None:
    """As many seats are at work as are wanted, all others leave, and none rests for ever."""
    rules = state.rules.gateways
    of_gateways = {agent.gateway: None for agent in state.agents.values() if agent.gateway}
    assert state.gateways.keys() <= rules.keys(), "a gateway is known that no rule names"
    for gateway_id in {**dict.fromkeys(rules), **of_gateways}:
        gateway, row = rules.get(gateway_id), state.gateways.get(gateway_id)
        seats = seats_of(state.agents.values(), gateway_id)
        staying = [seat for seat in seats if not seat.is_signing_off]
        wanted = seats_wanted(gateway, row)
        assert len(staying) == wanted, f"{gateway_id}: {len(staying)} seats, {wanted} are wanted"
        for seat in staying:
            assert gateway is not None, gateway_id
            there = (seat.link_id, seat.region, seat.unit, seat.skills)
            agreed = (gateway.link_id, gateway.region, gateway.unit, gateway.skills)
            assert there == agreed, f"{seat.agent_id} is {there}, should be {agreed}"
        for seat in seats:
            _check_seat(state, seat)


def _check_seat(state: State, seat: Agent) -> None:
    seat_id = seat.agent_id
    assert seat.phone_id == str(seat_id), f"{seat_id} hangs at {seat.phone_id}"
    assert seat.rests in (None, Strain.NOT_TAKEN), f"{seat_id} is strained"
    assert not seat.has_own_only, f"{seat_id} is strained"
    heals_at_ms = state.deadlines.at_ms(DeadlineKind.HEAL, seat_id)
    is_resting = seat.presence is not Presence.READY
    assert is_resting == (heals_at_ms is not None), f"{seat_id} rests until {heals_at_ms}"
    heals_in_ms = (heals_at_ms or state.now_ms) - state.now_ms
    assert heals_in_ms <= EMERGENCY_REST_MS_MAX, f"{seat_id}: emergencies wait {heals_in_ms} ms"
    assert not is_resting or seat.not_ready_reason in _RESTS_FROM, f"{seat_id} rests from nothing"


def check_trunks(state: State) -> None:
    """None rests for emergencies longer than after an offer of their own."""
    for trunk, is_tried in state.resting_trunks.items():
        until_ms = state.deadlines.at_ms(DeadlineKind.TRUNK, *trunk)
        sooner_ms = state.deadlines.at_ms(DeadlineKind.TRUNK_EMERGENCY, *trunk)
        assert until_ms is not None, trunk
        if not is_tried:
            left_ms = (until_ms if sooner_ms is None else sooner_ms) - state.now_ms
            assert left_ms <= EMERGENCY_REST_MS_MAX, f"{trunk}: emergencies wait {left_ms} ms"
