"""Who calls and who answers: the nation for some days, or a few regions with an even load.

House rules: people are those of `simulations/scenarios/nation.yaml` (mix of priorities, patience,
handling, habits), whose figures are assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, NamedTuple

from routing.policy import Policy
from routing.vocabulary import Priority, RegionCode
from simulations.scenario.file import load_scenario
from simulations.scenario.library import found
from simulations.scenario.model import (
    DAY_MS,
    HOUR_MS,
    CallerKind,
    End,
    Length,
    Profile,
    RegionPlan,
    Scenario,
    StaffGroup,
)

WEEKDAY: Final = 1
"""An ordinary day of the scenario's week; Monday is 0."""
NATION: Final = "nation"


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is run."""

    seeds: int = 5
    part_of_time: float = 1.0
    """Of each scene's length; less only to try that it runs."""
    first_seed: int = 1


class Scene(NamedTuple):
    """One scenario and the rules, by name, that are compared in it."""

    name: str
    scenario: Scenario
    """Its policies are those that are compared."""


class Site(NamedTuple):
    """A region with so many nurses all day, and calls for so large a part of their time."""

    code: str
    nurses: int
    load: float


@cache
def nation() -> Scenario:
    """The scenario that comes with Samkö, with the shipped rules as its `shipped` policy."""
    return load_scenario(found(NATION))


def shipped() -> Policy:
    """The rules of `config/`."""
    return nation().policy("shipped")


def with_rules(scenario: Scenario, policies: Mapping[str, Policy]) -> Scenario:
    """The scenario, to be run under these.

    Raises:
        ValueError: one of them has faults.
    """
    for name, policy in policies.items():
        for problem in policy.problems():
            raise ValueError(f"{name}: {problem}")
    return replace(scenario, policies=tuple(policies.items()))


def nation_days(days: Sequence[int], effort: Effort) -> Scenario:
    """The nation on these days of the week, one after the other."""
    whole = nation()
    regions = tuple(
        replace(
            region,
            calls_per_hour=_on(days, region.calls_per_hour),
            staff=tuple(replace(each, nurses=_on(days, each.nurses)) for each in region.staff),
        )
        for region in whole.regions
    )
    return replace(
        whole,
        length=_length(len(days) * DAY_MS, 0, effort),
        regions=regions,
        windows={name: _on(days, hours) for name, hours in whole.windows.items()},
    )


def _on(days: Sequence[int], hourly: Profile) -> Profile:
    if len(hourly) <= 24:
        return hourly
    return tuple(figure for day in days for figure in hourly[24 * day : 24 * day + 24])


def even_load(
    name: str, sites: Sequence[Site], hours: int, effort: Effort, warm_up_hours: int = 1
) -> Scenario:
    """Some regions, each with the same load all the time."""
    whole = nation()
    work_ms = _work_ms(whole)
    regions = tuple(
        RegionPlan(
            code=RegionCode(site.code),
            name=f"{site.nurses} nurses",
            calls_per_hour=(site.nurses * site.load * HOUR_MS / work_ms,),
            staff=(StaffGroup((float(site.nurses),), whole.regions[0].staff[0].skills),),
        )
        for site in sites
    )
    length = _length((hours + warm_up_hours) * HOUR_MS, warm_up_hours * HOUR_MS, effort)
    return replace(whole, name=name, length=length, regions=regions, windows={})


def _work_ms(scenario: Scenario) -> float:
    """What a call takes of a nurse's time, from ring to the last written word."""
    kinds = scenario.kinds
    weights = sum(kind.weight for kind in kinds)
    talk_ms = sum(kind.weight * kind.handling.mean_ms for kind in kinds) / weights
    return talk_ms + scenario.staff.wrap_up.mean_ms


def _length(amount_ms: int, warm_up_ms: int, effort: Effort) -> Length:
    part = effort.part_of_time
    return Length(End.TIME, max(1, int(amount_ms * part)), int(warm_up_ms * part))


def with_emergencies(scenario: Scenario, share: float) -> Scenario:
    """The scenario, so large a share of whose callers press the emergency key."""
    rest = sum(k.weight for k in scenario.kinds if k.priority is not Priority.EMERGENCY)
    kinds = tuple(_weighted(kind, share, rest) for kind in scenario.kinds)
    return replace(scenario, kinds=kinds)


def _weighted(kind: CallerKind, emergencies: float, rest: float) -> CallerKind:
    if kind.priority is Priority.EMERGENCY:
        return replace(kind, weight=emergencies)
    return replace(kind, weight=kind.weight / rest * (1 - emergencies))
