"""Figures of a benchmark: quantiles, tables, goals. Tables are Markdown, readable as they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

QUANTILES: Final = (("p25", 0.25), ("median", 0.5), ("p75", 0.75), ("p95", 0.95), ("p99", 0.99))
SPREAD_HEAD: Final = ("n", "min", *(name for name, _ in QUANTILES), "max")


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of all lie, between the two next to it; nan if there are none.

    Args:
        values: in any order.
        share: 0 to 1.
    """
    if not values:
        return math.nan
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def spread(values: Sequence[float]) -> list[str]:
    """The cells under `SPREAD_HEAD`."""
    shares = [0.0, *(share for _, share in QUANTILES), 1.0]
    return [str(len(values)), *(f"{quantile(values, share):.1f}" for share in shares)]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows of text under their heads; the first column to the left, all others to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *rest = zip(cells, widths, strict=True)
        padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
        return f"| {' | '.join(padded)} |"

    rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([line(head), line(rule), *(line(row) for row in rows)])


@dataclass(frozen=True, slots=True)
class Goal:
    """Something that was promised, and what was measured."""

    promise: str
    measured: str
    is_kept: bool

    def __str__(self) -> str:
        return f"- {'kept' if self.is_kept else 'NOT KEPT'}: {self.promise}: {self.measured}"


@dataclass(frozen=True, slots=True)
class Section:
    """What one benchmark has to say."""

    title: str
    text: str
    """Markdown: method in a sentence or two, tables."""
    goals: tuple[Goal, ...] = ()

    def __str__(self) -> str:
        goals = "\n".join(str(goal) for goal in self.goals)
        return f"## {self.title}\n\n{self.text}\n" + (f"\n{goals}\n" if goals else "")
