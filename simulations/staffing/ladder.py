"""One region's staffings, from few nurses to many, each as good in every hour as Erlang A can tell.

A rung is what it takes for one and the same share of each hour's callers to be answered in time, if
that hour went on for ever and the region were alone. So a whole week is one step up or down, and no
hour is left to pay for another.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from simulations.erlang import ErlangA
from simulations.scenario.model import HOUR_MS, WEEK_MS, Hourly, RegionPlan, Scenario, at_hour
from simulations.staffing.target import Target

HOURS_OF_WEEK: Final = WEEK_MS // HOUR_MS
AIMS: Final = tuple(1 - 0.92**step for step in range(1, 81))
"""Shares of callers, from 8 % to 99.9 %."""
_FEWEST: Final = 0.6
"""Nurses to begin at, in proportion to the load: with fewer hardly anybody would be in time."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """A region's staffings, each with more nurses than the one before."""

    rungs: tuple[Hourly, ...]
    guess: int
    """The lowest rung that Erlang A thinks enough."""


@dataclass(frozen=True, slots=True)
class _Usual:
    """A region's callers all taken together, in hours."""

    handling: float
    """Breaks included, as if they were a part of every call."""
    leaving: float
    """How fast one who waits gives up: of several kinds the mean, which is how it begins."""
    menu: float

    def queue(self, calls_per_hour: float, nurses: int) -> ErlangA:
        patience = 1 / self.leaving if self.leaving else None
        return ErlangA(calls_per_hour, self.handling, patience, nurses)


def ladder_of(scenario: Scenario, region: RegionPlan, target: Target) -> Ladder:
    """The region's ladder; one in which nobody calls has the rung that it has.

    Shocks are left out: they are what a staffing is tried on.
    """
    if not any(region.calls_per_hour):
        return Ladder((region.staff[0].nurses,), 0)
    usual = _usual(scenario, region)
    aims = sorted({*AIMS, target.share})
    needed = {calls: _needed(usual, calls, target, aims) for calls in set(region.calls_per_hour)}
    rungs: list[Hourly] = []
    guess = 0
    for index, aim in enumerate(aims):
        rung = tuple(float(needed[calls][index]) for calls in region.calls_per_hour)
        if not rungs or rung != rungs[-1]:
            rungs.append(rung)
        if aim == target.share:
            guess = len(rungs) - 1
    return Ladder(tuple(rungs), guess)


def nurse_hours(nurses: Hourly) -> float:
    """In a week."""
    return sum(at_hour(nurses, hour) for hour in range(HOURS_OF_WEEK))


def _usual(scenario: Scenario, region: RegionPlan) -> _Usual:
    kinds = scenario.kinds_of(region)
    weights = sum(kind.weight for kind in kinds)
    talk_ms = sum(kind.weight * kind.handling.mean_ms for kind in kinds) / weights
    habits = scenario.staff
    beside_ms = habits.wrap_up.mean_ms + habits.answer.mean_ms
    with_breaks = 1 + habits.break_ms / habits.break_after_ms
    leaving = sum(
        kind.weight / kind.patience.mean_ms
        for kind in kinds
        if kind.patience is not None and kind.patience.mean_ms
    )
    return _Usual(
        handling=max(1.0, talk_ms / region.staff[0].speed + beside_ms) * with_breaks / HOUR_MS,
        leaving=leaving / weights * HOUR_MS,
        menu=sum(kind.weight * kind.menu.mean_ms for kind in kinds) / weights / HOUR_MS,
    )


def _needed(
    usual: _Usual, calls_per_hour: float, target: Target, aims: Sequence[float]
) -> list[int]:
    """How many nurses each aim takes with so many calls; one at least is at work.

    What no number of nurses reaches takes as many as answer everybody at once.
    """
    if not calls_per_hour:
        return [1] * len(aims)
    within = max(0.0, target.within_ms / HOUR_MS - usual.menu)
    erlangs = calls_per_hour * usual.handling
    fewest = max(1, ceil(erlangs * _FEWEST))
    while usual.queue(calls_per_hour, fewest).occupancy > target.occupancy_max:
        fewest += 1
    shares: list[float] = []
    reachable = min(aims[-1], usual.queue(calls_per_hour, _plenty(erlangs)).answered_within(within))
    while not shares or shares[-1] < reachable:
        shares.append(usual.queue(calls_per_hour, fewest + len(shares)).answered_within(within))
    return [fewest + min(len(shares) - 1, bisect_left(shares, aim)) for aim in aims]


def _plenty(erlangs: float) -> int:
    """With so many nobody waits."""
    return ceil(2 * erlangs) + 20
