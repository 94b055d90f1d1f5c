"""The nation of the reference as a scenario: its regions, its week, one of its staffings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from simulations.reference.day import rules_of
from simulations.reference.json_file import read_nation, staffing_of_nation

THIRD: Final = 8
"""Hours on a line."""
POLICIES: Final = (
    *("separate", "national", "overflow_60", "overflow_120", "overflow_300"),
    *("overflow_120_oldest", "overflow_300_oldest", "separate_priority", "national_priority"),
)


def nation_scenario(nation: Path, staffing: str) -> str:
    """The scenario's text.

    Args:
        nation: `national.json`.

    Raises:
        BadInput: the file is no nation, or has no such staffing.
    """
    known = read_nation(nation)
    chosen = staffing_of_nation(nation, known, staffing)
    regions = "".join(
        f'  "{region["index"]}":\n    name: {region["name"]}\n    share: {region["share"]}\n'
        f"    nurses:\n{_by_day(chosen['capacity'][region['index']], 6)}"
        for region in known["regions"]
    )
    policies = "".join(f"  {name}: {rules_of(name)}\n" for name in POLICIES)
    return (
        f"# The nation of the reference, {staffing}: {_said(chosen['rule'])}\n"
        "#\n"
        f"# {known['calls_per_year'] / 1e6:.1f} million calls a year. Written by"
        f" `python -m simulations.reference nation national.json --staffing {staffing}`.\n"
        f"name: nation_{staffing}\nlength: 14 days\nwarm_up: 7 days\ntargets: [3 min]\n"
        f"{_callers(known)}calls_per_hour:\n{_by_day(known['calls_per_hour'], 2)}"
        f"regions:\n{regions}policies:\n{policies}"
    )


def _callers(known: Mapping[str, Any]) -> str:
    handling, patience = known["handling"], known["patience"]
    mixed = ", ".join(
        f"{{share: {100 * share:.1f} %, exponential: {mean:.0f} s}}"
        for share, mean in zip(patience["p"], patience["means"], strict=True)
    )
    kinds = "".join(
        f"    - {{name: class_{kind['class']}, weight: {kind['share']}, rank: {kind['class']}}}\n"
        for kind in known["classes"]
    )
    return (
        f"callers:\n  handling: {{lognormal: {handling['mean']:.0f} s, cv: {handling['cv']}}}\n"
        f"  patience: {{mix: [{mixed}]}}\n  kinds:\n{kinds}"
    )


def _said(rule: str) -> str:
    return rule[:1].upper() + rule[1:].rstrip(".") + "."


def _by_day(figures: Sequence[float], indent: int) -> str:
    """A week from Monday on, three lines for each day."""
    parts = (figures[first : first + THIRD] for first in range(0, len(figures), THIRD))
    lines = [", ".join(str(figure) for figure in part) for part in parts]
    space = " " * indent
    return f"{space}[\n" + "".join(f"{space}  {line},\n" for line in lines) + f"{space}]\n"
