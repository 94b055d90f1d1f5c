"""Whether skills at their levels meet a contact's needs."""

from __future__ import annotations

from functools import lru_cache

from routing.vocabulary import Requirement, Skill, SkillLevel

_NONE = Skill("")


@lru_cache(maxsize=65_536)
def meets(skills: tuple[SkillLevel, ...], needs: tuple[Requirement, ...]) -> bool:
    """True if every need has its skill at its level or better (1 is best)."""
    levels = {entry.skill: entry.level for entry in skills}
    return all(need.skill in levels and levels[need.skill] <= need.level_max for need in needs)


@lru_cache(maxsize=65_536)
def first_needed(needs: tuple[Requirement, ...], skills: tuple[Skill, ...]) -> Skill:
    """The first of `skills` that is among the needs; empty if none is."""
    needed = [need.skill for need in needs]
    return next((skill for skill in skills if skill in needed), _NONE)
