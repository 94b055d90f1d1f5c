"""Whether skills at their levels meet a contact's needs."""

from __future__ import annotations

from functools import lru_cache

from routing.vocabulary import Requirement, SkillLevel


@lru_cache(maxsize=65_536)
def meets(skills: tuple[SkillLevel, ...], needs: tuple[Requirement, ...]) -> bool:
    """True if every need has its skill at its level or better (1 is best)."""
    levels = {entry.skill: entry.level for entry in skills}
    return all(need.skill in levels and levels[need.skill] <= need.level_max for need in needs)
