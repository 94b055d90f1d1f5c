"""Seats: who sits where. A nurse's id, her phone and what she can, by region and number.

The first seats of every region belong to people; the crowd never signs on at them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from routing.vocabulary import AgentId, PhoneId, RegionCode, Skill, SkillLevel

RESERVED: Final = 2
"""So many seats of each region are free for people."""
_AGENT: Final = re.compile(r"n(\d{2})-(\d{3,})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Seat:
    """One nurse's place of work."""

    agent_id: AgentId
    phone_id: PhoneId
    region: RegionCode
    skills: tuple[SkillLevel, ...]


def seat_of(region: RegionCode, number: int, versatility: int = 0) -> Seat:
    """Seat `number` of a region, from 1.

    Args:
        versatility: 0 is one who can everything; of three or four others some cannot talk
            English, or know little of children or of fees.
    """
    name = f"{region}-{number:03}"
    return Seat(AgentId(f"n{name}"), PhoneId(f"p{name}"), region, _skills(versatility))


def reserved_seats(region: RegionCode) -> tuple[Seat, ...]:
    """The seats of a region that are free for people."""
    return tuple(seat_of(region, number) for number in range(1, RESERVED + 1))


def crowd_region(agent_id: AgentId) -> RegionCode | None:
    """The region whose seat of the crowd's this is; None if it is a person's."""
    found = _AGENT.fullmatch(agent_id)
    if found is None or int(found[2]) <= RESERVED:
        return None
    return RegionCode(found[1])


def _skills(versatility: int) -> tuple[SkillLevel, ...]:
    levels = {"advice": 1, "sv": 1}
    if versatility % 3 != 1:
        levels["child"] = 1 if versatility % 3 == 0 else 2
    if versatility % 2 == 0:
        levels["admin"] = 1
    if versatility % 5 != 4:
        levels["en"] = 1 if versatility % 5 == 0 else 2
    return tuple(sorted(SkillLevel(Skill(name), level) for name, level in levels.items()))
