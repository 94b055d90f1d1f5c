"""One region's staffings, from few nurses to many, each as good at every time as Erlang A can tell.

A rung is what it takes for one and the same share of the callers of each half-hour (or hour) to be
answered in time, if what there is to do in it (see `load`) went on for ever and the region were
alone. So a whole week is one step up or down, and no half-hour is left to pay for another.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from math import ceil
from typing import Final, NamedTuple

from simulations.erlang import ErlangA
from simulations.scenario.model import (
    HALF_HOUR_MS,
    HOUR_MS,
    WEEK_MS,
    Profile,
    RegionPlan,
    Scenario,
    figure_at,
)
from simulations.staffing.load import Step, load_of
from simulations.staffing.sharing_out import Rung, shared_out
from simulations.staffing.target import Target

AIMS: Final = tuple(1 - 0.92**step for step in range(1, 81))
"""Shares of callers, from 8 % to 99.9 %."""
_FEWEST: Final = 0.6
"""Nurses to begin at, in proportion to the load: with fewer hardly anybody would be in time."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """A region's staffings, each with more nurses than the one before."""

    rungs: tuple[Rung, ...]
    expected: tuple[float, ...]
    """The share of all its callers who are in time on each rung, as Erlang A has it; ascending."""

    def rung_for(self, share: float) -> int:
        """The lowest on which so many are expected to be in time; the last, if there is none."""
        return min(bisect_left(self.expected, share), len(self.rungs) - 1)


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


def ladder_of(scenario: Scenario, region: RegionPlan, target: Target, step: Step) -> Ladder:
    """The region's ladder; one in which nobody calls has the rung that it has.

    Shocks are left out: they are what a staffing is tried on.
    """
    if not any(region.calls_per_hour):
        return Ladder((tuple(group.nurses for group in region.staff),), (1.0,))
    usual = _usual(scenario, region)
    load = load_of(region.calls_per_hour, usual.handling, step)
    needed = {calls: _needed(usual, calls, target) for calls in set(load)}
    rungs: list[Rung] = []
    expected: list[float] = []
    for index in range(len(AIMS)):
        enough = [needed[calls][index] for calls in load]
        rung = shared_out([each.nurses for each in enough], region.staff, step)
        if not rungs or rung != rungs[-1]:
            rungs.append(rung)
            in_time = sum(calls * each.share for calls, each in zip(load, enough, strict=True))
            expected.append(in_time / sum(load))
    return Ladder(tuple(rungs), tuple(expected))


def hours_a_week(profile: Profile) -> float:
    """Hours of nurses, or calls if the figures are calls an hour."""
    halves = sum(figure_at(profile, at_ms) for at_ms in range(0, WEEK_MS, HALF_HOUR_MS))
    return halves * HALF_HOUR_MS / HOUR_MS


def nurse_hours(rung: Rung) -> float:
    """In a week, of all groups."""
    return sum(hours_a_week(nurses) for nurses in rung)


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
        handling=max(1.0, talk_ms / _speed(region) + beside_ms) * with_breaks / HOUR_MS,
        leaving=leaving / weights * HOUR_MS,
        menu=sum(kind.weight * kind.menu.mean_ms for kind in kinds) / weights / HOUR_MS,
    )


def _speed(region: RegionPlan) -> float:
    """The mean of its nurses."""
    hours = [hours_a_week(group.nurses) for group in region.staff]
    if not any(hours):
        return region.staff[0].speed
    work = sum(each * group.speed for each, group in zip(hours, region.staff, strict=True))
    return work / sum(hours)


class _Enough(NamedTuple):
    nurses: int
    share: float
    """Of the callers, in time."""


def _needed(usual: _Usual, calls_per_hour: float, target: Target) -> list[_Enough]:
    """How many nurses each of `AIMS` takes with so many calls; one at least is at work.

    What no number of nurses reaches takes as many as answer everybody at once.
    """
    if not calls_per_hour:
        return [_Enough(1, 1.0)] * len(AIMS)
    within = max(0.0, target.within_ms / HOUR_MS - usual.menu)
    erlangs = calls_per_hour * usual.handling
    fewest = max(1, ceil(erlangs * _FEWEST))
    while usual.queue(calls_per_hour, fewest).occupancy > target.occupancy_max:
        fewest += 1
    shares: list[float] = []
    reachable = min(AIMS[-1], usual.queue(calls_per_hour, _plenty(erlangs)).answered_within(within))
    while not shares or shares[-1] < reachable:
        shares.append(usual.queue(calls_per_hour, fewest + len(shares)).answered_within(within))
    places = [min(len(shares) - 1, bisect_left(shares, aim)) for aim in AIMS]
    return [_Enough(fewest + place, shares[place]) for place in places]


def _plenty(erlangs: float) -> int:
    """With so many nobody waits."""
    return ceil(2 * erlangs) + 20
