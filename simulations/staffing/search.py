"""The fewest nurses that hold a target, as runs of the very core judge it.

Every region climbs a ladder of its own (see `ladder`): down while the target holds, up while it is
missed, as far as what was missed by tells, but never past a rung that is known; so it ends beside
one that was tried. All regions step in one round of runs, since under sharing what one does is felt
by others; who is found wanting later climbs again. Regions that are alone are run only while they
climb.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from queue_engine.core.errors import BadInput
from routing.policy import MINUTE_MS, Policy
from routing.vocabulary import RegionCode
from simulations.scenario.model import HOUR_MS, End, RegionPlan, Scenario
from simulations.scenario.replications import jobs_of, run_all, together
from simulations.scenario.results import Figures
from simulations.staffing.ladder import Ladder, ladder_of, nurse_hours
from simulations.staffing.load import Step
from simulations.staffing.sharing_out import Rung
from simulations.staffing.target import Target

ROUNDS_MAX: Final = 14
_CALLS_TO_TELL: Final = 30
"""In a run, of one hour of the day: of fewer chance says more than nurses do."""

Tell = Callable[[str, float], None]
"""Told which runs are in hand, and what part of them is done."""


@dataclass(frozen=True, slots=True)
class HourOfDay:
    """What the callers of one hour of the day had, all days taken together."""

    hour: int
    answered_within: float


@dataclass(frozen=True, slots=True)
class Judged:
    """What a region's callers and nurses had of a staffing."""

    answered_within: float | None
    """The share of all its callers; None: nobody called."""
    occupancy: float | None
    worst_hour: HourOfDay | None = None
    """Of those with calls enough to tell."""

    def holds(self, target: Target) -> bool:
        """Whether the target is reached."""
        in_time = self.answered_within is None or self.answered_within >= target.share
        return in_time and (self.occupancy or 0.0) <= target.occupancy_max


@dataclass(frozen=True, slots=True)
class Staffed:
    """A staffing that was found under a policy."""

    policy: str
    nurses: Mapping[RegionCode, Rung]
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

    ladder: Ladder
    target: Target
    rung: int
    missed: int = -1
    """The highest rung that was too low."""
    held: int | None = None
    """The lowest rung that was enough."""
    stride: int = 1

    def step(self, judged: Judged) -> bool:
        """To the rung that is to be tried next; False: it stays where it is."""
        before = self.rung
        likely = self._likely(judged)
        if judged.holds(self.target):
            self.held, self.missed = before, min(self.missed, before - 1)
            lowest = self.missed + 1
            highest = max(before - 1, lowest)
        else:
            self.missed = before
            if self.held is not None and self.held <= before:
                self.held = None
            highest = len(self.ladder.rungs) - 1 if self.held is None else self.held
            lowest = min(before + 1, highest)
            if likely <= before:
                # Enough are in time, but nurses are too busy: of that the ladder tells nothing.
                likely = before + self.stride
                self.stride *= 2
        self.rung = min(max(likely, lowest), highest)
        return self.rung != before

    def _likely(self, judged: Judged) -> int:
        """The rung that would do if Erlang A were as wrong everywhere as it is here, in odds."""
        share = 1.0 if judged.answered_within is None else judged.answered_within
        odds = _odds(self.ladder.expected[self.rung]) * _odds(self.target.share) / _odds(share)
        return self.ladder.rung_for(odds / (1 + odds))


def _odds(share: float) -> float:
    """Of a share; of all and of none those of nearly so many."""
    within = min(max(share, 0.001), 0.999)
    return within / (1 - within)


class _Tried(NamedTuple):
    missed: tuple[RegionCode, ...]
    hours: float
    nurses: dict[RegionCode, Rung]
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
    step: Step = Step.HALF_HOUR
    tell: Tell = lambda what, part: None
    _ladders: dict[RegionCode, Ladder] = field(init=False)

    def __post_init__(self) -> None:
        if self.scenario.contacts is not None:
            raise BadInput("staffing needs calls_per_hour: a file of calls tells of one day only")
        self.scenario = replace(
            self.scenario,
            targets_ms=tuple(sorted({*self.scenario.targets_ms, self.target.within_ms})),
            main_target_ms=self.target.within_ms,
            interval_ms=HOUR_MS,
        )
        self._ladders = {
            region.code: ladder_of(self.scenario, region, self.target, self.step)
            for region in self.scenario.regions
        }

    def alone(self, policy: str) -> Staffed:
        """Every region by itself, under this policy's other rules."""
        own = alone(self.scenario.policy(policy))
        scenario = replace(self.scenario, policies=(("alone", own),))
        guesses = {
            code: ladder.rung_for(self.target.share) for code, ladder in self._ladders.items()
        }
        return self._find(scenario, "alone", guesses)

    def shared(self, policy: str, beside: Staffed) -> Staffed:
        """Under the policy, from what each region needs alone downwards."""
        begin = {
            code: ladder.rungs.index(beside.nurses[code]) for code, ladder in self._ladders.items()
        }
        return self._find(self.scenario, policy, begin)

    def _find(self, scenario: Scenario, policy: str, begin: Mapping[RegionCode, int]) -> Staffed:
        climbs = {
            code: Climb(ladder, self.target, begin[code]) for code, ladder in self._ladders.items()
        }
        is_apart = not shares(scenario.policy(policy)) and scenario.length.end is End.TIME
        tried: list[_Tried] = []
        moving, judged = list(climbs), dict[RegionCode, Judged]()
        while moving and len(tried) < ROUNDS_MAX:
            nurses = {code: self._ladders[code].rungs[one.rung] for code, one in climbs.items()}
            regions = moving if is_apart else list(climbs)
            what = f"{policy}, round {len(tried) + 1} of {ROUNDS_MAX} at most"
            found = self._judge(staffed(scenario, nurses, regions), policy, self.runs, what)
            judged = judged | found
            hours = sum(nurse_hours(each) for each in nurses.values())
            missed = tuple(code for code, one in judged.items() if not one.holds(self.target))
            tried.append(_Tried(missed, hours, nurses, judged))
            moving = [code for code in regions if climbs[code].step(judged[code])]
        best = min(tried, key=lambda one: (len(one.missed), one.hours))
        others = replace(self.runs, seed=self.runs.seed + self.runs.replications)
        once_more = staffed(scenario, best.nurses, list(climbs))
        return Staffed(
            policy=policy,
            nurses=best.nurses,
            judged=best.judged,
            confirmed=self._judge(once_more, policy, others, f"{policy}, other seeds"),
            rounds=len(tried),
            missed=best.missed,
        )

    def _judge(
        self, scenario: Scenario, policy: str, runs: Runs, what: str
    ) -> dict[RegionCode, Judged]:
        results = run_all(
            scenario,
            jobs_of([policy], runs.seed, runs.replications),
            runs.processes,
            lambda part: self.tell(what, part),
        )
        return _judged(results, self.target)


def staffed(
    scenario: Scenario, nurses: Mapping[RegionCode, Rung], regions: Sequence[RegionCode]
) -> Scenario:
    """The scenario with so many nurses, and these regions alone."""
    plans = tuple(
        _with_nurses(region, nurses[region.code])
        for region in scenario.regions
        if region.code in regions
    )
    return replace(scenario, regions=plans)


def _with_nurses(region: RegionPlan, rung: Rung) -> RegionPlan:
    groups = zip(region.staff, rung, strict=True)
    return replace(region, staff=tuple(replace(group, nurses=each) for group, each in groups))


def alone(policy: Policy) -> Policy:
    """The same rules, but no region takes part."""
    regions = tuple(replace(region, takes_part=False) for region in policy.regions)
    return replace(policy, version=f"{policy.version} (alone)", regions=regions)


def shares(policy: Policy) -> bool:
    """Whether any region takes part."""
    return any(region.takes_part for region in policy.regions)


def _judged(results: Sequence[Figures], target: Target) -> dict[RegionCode, Judged]:
    whole = together(results)
    worst = _worst_hours(whole["course"])
    return {
        RegionCode(code): Judged(
            one["answered_within"][target.within_shown], one["occupancy"], worst.get(code)
        )
        for code, one in whole["regions"].items()
    }


def _worst_hours(course: Sequence[Figures]) -> dict[str, HourOfDay]:
    calls: dict[tuple[str, int], tuple[float, float]] = {}
    for row in course:
        key = row["region"], row["at_minute"] * MINUTE_MS // HOUR_MS % 24
        offered, in_time = calls.get(key, (0.0, 0.0))
        calls[key] = offered + row["offered"], in_time + row["answered_within_target"]
    worst: dict[str, HourOfDay] = {}
    for (region, hour), (offered, in_time) in sorted(calls.items()):
        if offered >= _CALLS_TO_TELL:
            found = HourOfDay(hour, round(in_time / offered, 3))
            worst[region] = min(
                worst.get(region, found), found, key=lambda one: one.answered_within
            )
    return worst
