"""The fewest nurses that hold a target, as runs of the very core judge it.

Every region climbs a ladder of its own (see `ladder`): down while the target holds, up while it is
missed, by strides that double until it lies between two rungs, then halving what is between. All
regions step in one round of runs, since under sharing what one does is felt by others; who is found
wanting later climbs again. Regions that are alone are run only while they climb.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from queue_engine.core.errors import BadInput
from routing.policy import Policy
from routing.vocabulary import RegionCode
from simulations.scenario.model import End, Hourly, Scenario
from simulations.scenario.replications import jobs_of, run_all, together
from simulations.scenario.results import Figures
from simulations.staffing.ladder import Ladder, ladder_of, nurse_hours
from simulations.staffing.target import Target

ROUNDS_MAX: Final = 14
_STRIDE_ALONE: Final = 1
_STRIDE_SHARED: Final = 6
"""In rungs: alone the guess is near, and sharing saves more than a step."""

Tell = Callable[[str, int, float], None]
"""Told the policy, the round from 1 on, and what part of its runs is done."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a region's callers and nurses had of a staffing."""

    answered_within: float | None
    """The share of all its callers; None: nobody called."""
    occupancy: float | None

    def holds(self, target: Target) -> bool:
        """Whether the target is reached."""
        in_time = self.answered_within is None or self.answered_within >= target.share
        return in_time and (self.occupancy or 0.0) <= target.occupancy_max


@dataclass(frozen=True, slots=True)
class Staffed:
    """A staffing that was found under a policy."""

    policy: str
    nurses: Mapping[RegionCode, Hourly]
    judged: Mapping[RegionCode, Judged]
    confirmed: Mapping[RegionCode, Judged]
    """The same, by callers on whom nothing was tuned."""
    rounds: int
    missed: tuple[RegionCode, ...]
    """Where the target is not reached all the same."""

    @property
    def hours_per_week(self) -> float:
        """Of all nurses."""
        return sum(nurse_hours(nurses) for nurses in self.nurses.values())


@dataclass(frozen=True, slots=True)
class Runs:
    """How a staffing is judged."""

    seed: int
    replications: int
    processes: int = 1


@dataclass(slots=True)
class Climb:
    """Where one region is on its ladder, and what it knows of the rungs."""

    last: int
    """The highest rung there is."""
    rung: int
    stride: int
    missed: int = -1
    """The highest rung that was too low."""
    held: int | None = None
    """The lowest rung that was enough."""

    def step(self, holds: bool) -> bool:
        """To the rung that is to be tried next; False: it stays where it is."""
        before = self.rung
        if holds:
            self.held = self.rung
            self.missed = min(self.missed, self.rung - 1)
            if self.missed >= 0:
                self.rung = max(self.missed + 1, (self.missed + self.rung) // 2)
            else:
                self.rung = max(0, self.rung - self._stride())
        else:
            self.missed = self.rung
            if self.held is not None and self.held > self.rung:
                self.rung = (self.rung + self.held + 1) // 2
            else:
                self.held = None
                self.rung = min(self.last, self.rung + self._stride())
        return self.rung != before

    def _stride(self) -> int:
        stride, self.stride = self.stride, 2 * self.stride
        return stride


class _Tried(NamedTuple):
    missed: tuple[RegionCode, ...]
    hours: float
    nurses: dict[RegionCode, Hourly]
    judged: dict[RegionCode, Judged]


@dataclass(slots=True)
class Search:
    """Finds staffings of one scenario; `find` does it under one policy after another.

    Raises (on making it):
        BadInput: this scenario cannot be staffed; says why.
    """

    scenario: Scenario
    target: Target
    runs: Runs
    tell: Tell = lambda policy, number, part: None
    _ladders: dict[RegionCode, Ladder] = field(init=False)

    def __post_init__(self) -> None:
        if self.scenario.contacts is not None:
            raise BadInput("staffing needs calls_per_hour: a file of calls tells of one day only")
        for region in self.scenario.regions:
            if len(region.staff) > 1:
                raise BadInput(
                    f"region {region.code} has {len(region.staff)} groups of nurses, and it is"
                    " not for arithmetic to say who of them is to come"
                )
        self.scenario = replace(
            self.scenario,
            targets_ms=tuple(sorted({*self.scenario.targets_ms, self.target.within_ms})),
            main_target_ms=self.target.within_ms,
        )
        self._ladders = {
            region.code: ladder_of(self.scenario, region, self.target)
            for region in self.scenario.regions
        }

    def alone(self, policy: str) -> Staffed:
        """Every region by itself, under this policy's other rules."""
        own = alone(self.scenario.policy(policy))
        scenario = replace(self.scenario, policies=(("alone", own),))
        guesses = {code: ladder.guess for code, ladder in self._ladders.items()}
        return self._find(scenario, "alone", guesses, _STRIDE_ALONE)

    def shared(self, policy: str, beside: Staffed) -> Staffed:
        """Under the policy, from what each region needs alone downwards."""
        begin = {
            code: ladder.rungs.index(beside.nurses[code]) for code, ladder in self._ladders.items()
        }
        return self._find(self.scenario, policy, begin, _STRIDE_SHARED)

    def _find(
        self, scenario: Scenario, policy: str, begin: Mapping[RegionCode, int], stride: int
    ) -> Staffed:
        climbs = {
            code: Climb(len(ladder.rungs) - 1, begin[code], stride)
            for code, ladder in self._ladders.items()
        }
        is_apart = not shares(scenario.policy(policy)) and scenario.length.end is End.TIME
        tried: list[_Tried] = []
        moving, judged = list(climbs), dict[RegionCode, Judged]()
        while moving and len(tried) < ROUNDS_MAX:
            nurses = {code: self._ladders[code].rungs[one.rung] for code, one in climbs.items()}
            regions = moving if is_apart else list(climbs)
            found = self._judge(scenario, policy, nurses, regions, len(tried) + 1)
            judged = judged | found
            holds = {code: one.holds(self.target) for code, one in judged.items()}
            hours = sum(nurse_hours(each) for each in nurses.values())
            missed = tuple(code for code, is_held in holds.items() if not is_held)
            tried.append(_Tried(missed, hours, nurses, judged))
            moving = [code for code in regions if climbs[code].step(holds[code])]
        best = min(tried, key=lambda one: (len(one.missed), one.hours))
        others = replace(self.runs, seed=self.runs.seed + self.runs.replications)
        number = len(tried) + 1
        return Staffed(
            policy=policy,
            nurses=best.nurses,
            judged=best.judged,
            confirmed=self._judge(scenario, policy, best.nurses, list(climbs), number, others),
            rounds=len(tried),
            missed=best.missed,
        )

    def _judge(
        self,
        scenario: Scenario,
        policy: str,
        nurses: Mapping[RegionCode, Hourly],
        regions: Sequence[RegionCode],
        number: int,
        runs: Runs | None = None,
    ) -> dict[RegionCode, Judged]:
        runs = runs or self.runs
        results = run_all(
            staffed(scenario, nurses, regions),
            jobs_of([policy], runs.seed, runs.replications),
            runs.processes,
            lambda part: self.tell(policy, number, part),
        )
        return _judged(results, self.target)


def staffed(
    scenario: Scenario, nurses: Mapping[RegionCode, Hourly], regions: Sequence[RegionCode]
) -> Scenario:
    """The scenario with so many nurses, and these regions alone."""
    plans = tuple(
        replace(region, staff=(replace(region.staff[0], nurses=nurses[region.code]),))
        for region in scenario.regions
        if region.code in regions
    )
    return replace(scenario, regions=plans)


def alone(policy: Policy) -> Policy:
    """The same rules, but no region takes part."""
    regions = tuple(replace(region, takes_part=False) for region in policy.regions)
    return replace(policy, version=f"{policy.version} (alone)", regions=regions)


def shares(policy: Policy) -> bool:
    """Whether any region takes part."""
    return any(region.takes_part for region in policy.regions)


def _judged(results: Sequence[Figures], target: Target) -> dict[RegionCode, Judged]:
    regions = together(results)["regions"]
    return {
        RegionCode(code): Judged(one["answered_within"][target.within_shown], one["occupancy"])
        for code, one in regions.items()
    }
