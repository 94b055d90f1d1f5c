"""Decisions on contact centres on other telephone systems: how many of their seats are at work.

A seat is an agent of the engine's own making. It is signed on and ready as long as the trunk leads
to its gateway, has no wrap-up and no strain, and nobody asks anything of it by name. Which seats
there are always follows from the rules, from what somebody has set since, and from what the switch
says of the trunk; a seat with a caller goes when it is done with him.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.agent import Agent, AgentState
from queue_engine.core.codes import require_code
from queue_engine.core.commands import ReportGateway, SetGatewaySeats
from queue_engine.core.decide_contacts import revoke
from queue_engine.core.errors import Refused
from queue_engine.core.gateways import seats_agreed, seats_of, seats_wanted
from queue_engine.core.turn import Turn
from routing.gateways import SEATS_MAX, Gateway, seat_name, seat_number
from routing.vocabulary import AgentId, GatewayId, PhoneId

AS_CONFIGURED: Final = "configured"
"""Why the number of seats is the configured one again."""


def report_gateway(turn: Turn, command: ReportGateway) -> None:
    """The switch from which the trunk leads there says whether it does; another's word is void."""
    state, gateway_id = turn.state, command.gateway_id
    gateway, row = state.rules.gateways.get(gateway_id), state.gateways.get(gateway_id)
    if gateway is None or gateway.link_id != command.link_id:
        return
    if command.is_reached == (row is not None and row.is_reached):
        return
    turn.emit((ev.GatewayRestored if command.is_reached else ev.GatewayLost)(gateway_id))
    fit_seats(turn, gateway_id)


def set_gateway_seats(turn: Turn, command: SetGatewaySeats) -> None:
    """So many callers it takes at once, until the configuration says another number."""
    state, gateway_id, seats = turn.state, command.gateway_id, command.seats
    gateway = state.rules.gateways.get(gateway_id)
    if gateway is None:
        raise Refused("unknown_gateway", f"no gateway {gateway_id} in the rules")
    if not 0 <= seats <= SEATS_MAX:
        raise Refused("bad_seats", f"seats of a gateway go from 0 to {SEATS_MAX}")
    require_code(command.reason, "SetGatewaySeats.reason")
    if seats == seats_agreed(gateway, state.gateways.get(gateway_id)):
        return
    wanted = None if seats == gateway.seats else seats
    turn.emit(ev.GatewaySeatsSet(gateway_id, wanted, command.reason))
    fit_seats(turn, gateway_id)


def fit_gateways(turn: Turn, former: Mapping[GatewayId, Gateway]) -> None:
    """New rules are in force: what was said of a gateway holds as far as it is the same still.

    Args:
        former: those of the rules before.
    """
    for gateway_id, then in former.items():
        now = turn.state.rules.gateways.get(gateway_id)
        row = turn.state.gateways.get(gateway_id)
        if row is not None and row.seats is not None and (now is None or now.seats != then.seats):
            turn.emit(ev.GatewaySeatsSet(gateway_id, None, AS_CONFIGURED))
        if row is not None and row.is_reached and (now is None or now.link_id != then.link_id):
            turn.emit(ev.GatewayLost(gateway_id))
        fit_seats(turn, gateway_id)


def fit_seats(turn: Turn, gateway_id: GatewayId) -> None:
    """As many seats are at work as are wanted; those with a caller stay before others."""
    state = turn.state
    gateway, row = state.rules.gateways.get(gateway_id), state.gateways.get(gateway_id)
    wanted = seats_wanted(gateway, row)
    if row is None or not row.is_reached:
        _stop_ringing(turn, gateway_id)
    present = seats_of(state.agents.values(), gateway_id)
    fitting = [seat for seat in present if gateway is not None and _is_as(seat, gateway)]
    fitting.sort(key=lambda seat: (not seat.assignments, seat.is_signing_off))
    kept = [seat.agent_id for seat in fitting[:wanted]]
    for seat in present:
        if seat.agent_id not in kept:
            _leave(turn, seat)
        elif seat.is_signing_off:
            turn.emit(ev.SignOffTakenBack(seat.agent_id))
    if gateway is not None:
        _come(turn, gateway, wanted - len(kept))


def _is_as(seat: Agent, gateway: Gateway) -> bool:
    there = (seat.link_id, seat.region, seat.unit, seat.skills)
    return there == (gateway.link_id, gateway.region, gateway.unit, gateway.skills)


def _stop_ringing(turn: Turn, gateway_id: GatewayId) -> None:
    """Whoever is rung for there goes to somebody else at once."""
    for seat in seats_of(turn.state.agents.values(), gateway_id):
        ringing = seat.assignment_in(AgentState.RESERVED)
        if ringing is not None:
            revoke(turn, turn.state.contacts[ringing], ev.RevokeReason.TRUNK)


def _leave(turn: Turn, seat: Agent) -> None:
    if not seat.assignments:
        turn.emit(ev.AgentSignedOff(seat.agent_id))
    elif not seat.is_signing_off:
        turn.emit(ev.SignOffAwaited(seat.agent_id))


def _come(turn: Turn, gateway: Gateway, count: int) -> None:
    """So many more of its seats are signed on and ready, under the lowest numbers that are free."""
    state, number = turn.state, 0
    present = seats_of(state.agents.values(), gateway.gateway_id)
    taken = {seat_number(seat.agent_id) for seat in present}
    for _ in range(count):
        number += 1
        while number in taken:
            number += 1
        name = seat_name(gateway.gateway_id, number)
        turn.emit(
            ev.AgentSignedOn(
                agent_id=AgentId(name),
                sequence=state.next_sequence,
                link_id=gateway.link_id,
                phone_id=PhoneId(name),
                region=gateway.region,
                skills=gateway.skills,
                unit=gateway.unit,
            )
        )
        turn.emit(ev.AgentBecameReady(AgentId(name)))


DECIDERS: Final[dict[type, Callable[[Turn, Any], None]]] = {
    ReportGateway: report_gateway,
    SetGatewaySeats: set_gateway_seats,
}
