"""What may happen to contact centres on other telephone systems; see `chaos`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from queue_engine.core import commands as cmd
from queue_engine.core.state import State
from routing.vocabulary import GatewayId, LinkId

_REASONS = ("fewer_at_work", "all_back", "No code")


def gateway_command(
    one: Callable[[Sequence[Any]], Any], state: State, links: Sequence[LinkId]
) -> cmd.Command:
    """The trunk to one leads there or does not, mostly as its own switch says; or other seats."""
    gateway_id = one([*state.rules.gateways, *state.rules.gateways, GatewayId("nobody")])
    if one(range(3)) == 0:
        return cmd.SetGatewaySeats(gateway_id, one([0, 1, 2, 3, 5, 201]), one(_REASONS))
    gateway = state.rules.gateways.get(gateway_id)
    own = links[0] if gateway is None else gateway.link_id
    return cmd.ReportGateway(one([own, own, own, *links]), gateway_id, one([True, True, False]))
