"""Lengths of time and skills as the stories write them."""

from __future__ import annotations

from typing import Final

from routing.vocabulary import Skill

Words = dict[str, str]
"""What a sentence says, by what it is about."""
LENGTH: Final = r"[0-9]+ \w+(?: [0-9]+ \w+)?"
"""A length of time: `90 s`, `3 min`, `1 min 30 s`."""


def duration_ms(text: str) -> int:
    """Milliseconds of a length of time."""
    units = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000}
    parts = text.split()
    return sum(
        int(number) * units[unit] for number, unit in zip(parts[::2], parts[1::2], strict=True)
    )


def skill_levels(text: str, level: int) -> list[tuple[Skill, int]]:
    """The skills in `advice, ar 3`, each with its level, or with `level`."""
    levels = []
    for each in text.split(","):
        words = each.split()
        if words:
            levels.append((Skill(words[0]), int(words[1]) if len(words) > 1 else level))
    return levels
