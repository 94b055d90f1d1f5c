"""The rows of the auditor's books."""

from __future__ import annotations

from dataclasses import dataclass, field

from routing.region_policy import Ring
from routing.vocabulary import Priority, Requirement, SkillLevel


@dataclass
class Caller:
    """One contact in the books."""

    name: str
    arrived_ms: int
    sequence: int
    priority: Priority
    needs: tuple[Requirement, ...]
    home: str
    link: str
    line: str | None = None
    unit: str | None = None
    preferred: str | None = None
    place: str = "waiting"
    is_seen: bool = False
    rests_until_ms: int = 0
    agent: str | None = None
    rings: list[tuple[Ring, str]] = field(default_factory=list)
    tried: dict[str, int] = field(default_factory=dict)
    ring_until_ms: int | None = None
    alarm_at_ms: int | None = None
    is_misuse: bool = False
    told_112: bool = False


@dataclass
class Nurse:
    """One agent in the books."""

    name: str
    region: str
    skills: tuple[SkillLevel, ...]
    link: str
    is_ready: bool = False
    is_leaving: bool = False
    contact: str | None = None
    wrap_up_since_ms: int = 0
    wrap_up_until_ms: int | None = None


def has_skills(nurse: Nurse, needs: tuple[Requirement, ...]) -> bool:
    """Whether she can do all that is needed, well enough."""
    return all(
        any(has.skill == need.skill and has.level <= need.level_max for has in nurse.skills)
        for need in needs
    )
