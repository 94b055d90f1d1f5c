"""A part of the study: one question, the scenes that answer it, and how the answer is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from simulations.scenario.results import Figures
from simulations.studies.national_cooperation.estimates import Runs
from simulations.studies.national_cooperation.scenes import Effort, Scene

Shown = dict[str, str]
"""Texts by name: tables in Markdown, or pictures as SVG."""


@dataclass(frozen=True, slots=True)
class Part:
    """One question."""

    number: int
    name: str
    """Its results are kept in `results/<name>.json`."""
    seeds: int
    """So many runs of each scene and rules, unless others are asked for."""
    scenes: Callable[[Effort], list[Scene]]
    sum_up: Callable[[Mapping[str, Runs]], Figures]
    """From all runs to the figures that are kept; keeps nothing of the seeds one by one."""
    tables: Callable[[Figures], Shown]
    """From the kept figures alone."""
    pictures: Callable[[Figures], Shown]


MISSING: Final = "–"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown: words to the left in the first column, numbers to the right.

    >>> print(table(("rules", "wait"), [("alone", "61 s")]))
    | rules | wait |
    |:--|--:|
    | alone | 61 s |
    """
    rule = "|".join([":--", *["--:"] * (len(head) - 1)])
    lines = [_row(head), f"|{rule}|", *map(_row, rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def shown(found: Figures, digits: int = 1, *, signed: bool = False) -> str:
    """An estimate with its interval's half-width.

    >>> shown({"mean": -3.14, "plus_minus": 0.5}, signed=True)
    '-3.1 ± 0.5'
    """
    sign = "+" if signed else ""
    text = f"{found['mean'] + 0.0:{sign}.{digits}f}"
    if found["plus_minus"] is None:
        return text
    return f"{text} ± {found['plus_minus']:.{digits}f}"
