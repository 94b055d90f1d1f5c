"""What leads elsewhere and carried no offer rests: a trunk between switches, or to a gateway.

The next caller would fare no better: so all callers of the one switch are passed over for the
other's phones, until it is tried again, and so are all for a gateway's seats that are free. Of a
gateway's seats those with a caller are left alone, and each is as good as before once it is done
with him: however many the gateway can really take, it has that many. The contact itself does not
rest for it; others may answer it at once.

Whoever's offer it was, an emergency is kept from it no longer than its own would have kept it:
it tries first, and all others when the rest is over.
"""

from __future__ import annotations

from typing import Final

from queue_engine.core import events as ev, strain
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.gateways import seats_of
from queue_engine.core.turn import Turn
from routing.policy import SECOND_MS
from routing.trunks import Trunk
from routing.vocabulary import GatewayId, LinkId, NotReadyReason

EMERGENCY_REST_MS_MAX: Final = 5 * SECOND_MS
"""How long an emergency rests at most whose offers keep failing, and what failed for it: enough
that a broken call cannot take every nurse in the country out of work within seconds, and no longer.
"""


def rest_trunk(turn: Turn, trunk: Trunk, rest_ms: int) -> None:
    """The trunk rests, from callers' switch to phones'; if it does already, no longer than that.

    Args:
        rest_ms: for how long; no longer than emergencies do if it was one that tried.
    """
    state, until_ms = turn.state, turn.now_ms + rest_ms
    resting_until_ms = state.deadlines.at_ms(DeadlineKind.TRUNK, *trunk)
    if resting_until_ms is not None and until_ms >= resting_until_ms:
        if rest_ms > EMERGENCY_REST_MS_MAX or not state.resting_trunks[trunk]:
            return
        until_ms = resting_until_ms  # an emergency that has tried it before all others
    emergencies_until_ms = turn.now_ms + EMERGENCY_REST_MS_MAX
    is_sooner = emergencies_until_ms < until_ms
    turn.emit(ev.TrunkFailed(*trunk, until_ms, emergencies_until_ms if is_sooner else None))


def rest_seats(turn: Turn, gateway_id: GatewayId, reason: NotReadyReason, rest_ms: int) -> None:
    """The gateway has not taken a caller: its free seats rest, and heal by themselves.

    They are ready again for emergencies first. What rests already does so no longer, unless it was
    an emergency that tried it meanwhile; what has rested by this very millisecond begins anew.

    Args:
        rest_ms: for how long; no longer than emergencies do if it was one that tried.
    """
    is_emergencys = rest_ms <= EMERGENCY_REST_MS_MAX
    heals_at_ms = turn.now_ms + min(rest_ms, EMERGENCY_REST_MS_MAX)
    for seat in seats_of(turn.state.agents.values(), gateway_id):
        if turn.state.deadlines.at_ms(DeadlineKind.STRAIN, seat.agent_id) == turn.now_ms:
            strain.end_rest(turn, seat.agent_id)
        if seat.is_ready and (seat.rests is None or is_emergencys):
            turn.emit(ev.AgentBecameNotReady(seat.agent_id, reason, heals_at_ms))
            if not is_emergencys:
                until_ms = turn.now_ms + rest_ms
                turn.emit(ev.AgentStrained(seat.agent_id, ev.Strain.NOT_TAKEN, until_ms))


def end_rest_for_emergencies(turn: Turn, link_id: str, phone_link: str) -> None:
    """It is tried again by emergencies, and by nobody else as yet."""
    turn.emit(ev.TrunkRestEnded(LinkId(link_id), LinkId(phone_link), for_emergencies=True))


def end_rest(turn: Turn, link_id: str, phone_link: str) -> None:
    """It is tried again."""
    turn.emit(ev.TrunkRestEnded(LinkId(link_id), LinkId(phone_link)))
