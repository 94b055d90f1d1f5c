"""A region's nurses among its groups: as the scenario has them, more of each or fewer of each."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

from simulations.scenario.model import Profile, StaffGroup, figure_at, step_ms
from simulations.staffing.load import Step

Rung = tuple[Profile, ...]
"""How many nurses of each group of a region are at work, in the order of its groups."""


def shared_out(nurses: Sequence[int], groups: Sequence[StaffGroup], step: Step) -> Rung:
    """So many nurses at each step, in the proportions of the groups at that time.

    A group that has somebody at work then keeps one at least, which may be more than `nurses`. Who
    of them is to come cannot be told by arithmetic, so none is favoured.
    """
    if len(groups) == 1:
        return (tuple(map(float, nurses)),)
    count = max(len(nurses), *(_steps(group.nurses, step) for group in groups))
    rows = [
        _parts(nurses[index % len(nurses)], _weights(groups, index * step.lasts_ms))
        for index in range(count)
    ]
    return tuple(tuple(float(row[index]) for row in rows) for index in range(len(groups)))


def _steps(profile: Profile, step: Step) -> int:
    return len(profile) * step_ms(profile) // step.lasts_ms if len(profile) > 1 else 1


def _weights(groups: Sequence[StaffGroup], at_ms: int) -> list[float]:
    """At a time at which nobody is at work all groups have the same."""
    weights = [figure_at(group.nurses, at_ms) for group in groups]
    return weights if any(weights) else [1.0] * len(groups)


def _parts(nurses: int, weights: Sequence[float]) -> list[int]:
    """Whole parts by the largest remainder."""
    wanted = [nurses * weight / sum(weights) for weight in weights]
    parts = [
        max(floor(each), 1 if weight else 0) for each, weight in zip(wanted, weights, strict=True)
    ]
    while sum(parts) < nurses:
        short = [each - part for each, part in zip(wanted, parts, strict=True)]
        parts[short.index(max(short))] += 1
    return parts
