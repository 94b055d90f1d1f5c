"""Contact centres on other telephone systems, each answering callers as a group of agents.

House rules: a gateway stands for so many seats, and each seat is an agent to the queue; which of
the other centre's nurses sits there is nobody's business here. A seat is known by its gateway and
a number, `west+3`, as an agent and as a phone at the switch from which a trunk leads there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from routing.vocabulary import (
    NO_LINK,
    AgentId,
    GatewayId,
    LinkId,
    PhoneId,
    RegionCode,
    SkillLevel,
    UnitId,
)

SEAT: Final = "+"
"""Stands between a gateway and the number of a seat; no agent's id and no phone's name has it."""
SEATS_MAX: Final = 200
"""Of one gateway."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """What is agreed with one of them."""

    gateway_id: GatewayId
    link_id: LinkId
    """The switch from which the trunk leads there."""
    region: RegionCode
    """Whose own callers it answers first."""
    skills: tuple[SkillLevel, ...]
    """What all who sit there can do, in order."""
    seats: int
    """So many callers it takes at once, unless somebody says otherwise meanwhile."""
    unit: UnitId | None = None


def seat_name(gateway_id: GatewayId, number: int) -> str:
    """The seat as an agent, and as a phone at the gateway's switch."""
    return f"{gateway_id}{SEAT}{number}"


def gateway_of(name: AgentId | PhoneId | None) -> GatewayId | None:
    """Whose seat it is; None: an agent, or a phone, of our own. A phone may hang at any switch."""
    gateway_id, seat, _ = (name or "").partition(SEAT)
    return GatewayId(gateway_id) if seat else None


def seat_number(agent_id: AgentId) -> int:
    """The number in the name of a seat."""
    return int(agent_id.rpartition(SEAT)[2])


def gateway_problems(gateways: Iterable[Gateway], regions: Collection[str]) -> Iterator[str]:
    """Yields every fault of these gateways as a sentence."""
    known: dict[GatewayId, None] = {}
    for gateway in gateways:
        where = f"gateways: {gateway.gateway_id}"
        if gateway.gateway_id in known:
            yield f"{where} is given more than once"
        known[gateway.gateway_id] = None
        if not gateway.gateway_id or gateway_of(AgentId(gateway.gateway_id)) is not None:
            yield f"{where}: expected an id without {SEAT}"
        if gateway.link_id == NO_LINK:
            yield f"{where}: expected a switch"
        if gateway.region not in regions:
            yield f"{where}: no region {gateway.region}"
        if not 0 <= gateway.seats <= SEATS_MAX:
            yield f"{where}: seats go from 0 to {SEATS_MAX}, are {gateway.seats}"
        skills = [level.skill for level in gateway.skills]
        if list(gateway.skills) != sorted(gateway.skills) or len(set(skills)) != len(skills):
            yield f"{where}: expected skills in order, each once"
