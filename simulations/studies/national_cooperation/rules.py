"""The rules that are compared, made from the shipped ones so that they differ in nothing else.

House rules: all keep the shipped priorities, times and wrap-up; nobody is refused for overload, so
that sharing alone makes the difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from routing.guard_policy import NO_GUARD
from routing.policy import Policy, PriorityRule
from routing.region_policy import (
    NATIONAL,
    LendRule,
    RegionPolicy,
    RingKind,
    ShareCondition,
    ShareRule,
)
from routing.vocabulary import RegionCode
from simulations.scenario.model import RegionPlan

PAST_DUE: Final = ShareRule("nation_past_due", ShareCondition.PAST_DUE, NATIONAL)
UNSTAFFED: Final = ShareRule("nation_unstaffed", ShareCondition.UNSTAFFED, NATIONAL)
AT_ONCE: Final = ShareRule("nation_at_once", ShareCondition.WAITED, NATIONAL, after_ms=0)
RESERVE_PERMILLE: Final = 200
"""What the regions' files kept when the study was made."""


def alone(base: Policy, plans: Iterable[RegionPlan]) -> Policy:
    """Each region answers its own callers and nobody else's."""
    regions = tuple(replace(each, takes_part=False) for each in _regions(base, plans))
    return replace(base, version="alone", regions=regions)


def one_queue(base: Policy, plans: Iterable[RegionPlan]) -> Policy:
    """One queue for all: first come, first served, by whoever is free."""
    regions = tuple(
        replace(each, share_rules=(AT_ONCE,), lend=LendRule()) for each in _regions(base, plans)
    )
    priorities = tuple((priority, _first_come(rule)) for priority, rule in base.priorities)
    return replace(
        base, version="one_queue", regions=regions, priorities=priorities, home_advantage_ms=0
    )


def own_first(
    base: Policy,
    plans: Iterable[RegionPlan],
    share: ShareRule = PAST_DUE,
    reserve_permille: int = RESERVE_PERMILLE,
) -> Policy:
    """Own callers first; `share` is when others may answer them, the reserve is never lent.

    The smaller rings that the regions' files name, such as clusters, stay as they are.
    """
    regions = tuple(
        replace(
            each,
            share_rules=(*_narrow(each), share, UNSTAFFED),
            lend=LendRule(reserve_permille=reserve_permille),
        )
        for each in _regions(base, plans)
    )
    return replace(base, version="own_first", regions=regions)


def only_in(policy: Policy, windows: tuple[str, ...]) -> Policy:
    """The same, and each region alone whenever none of these windows is on."""
    regions = tuple(replace(each, takes_part_in=windows) for each in policy.regions)
    return replace(policy, regions=regions)


def joining(policy: Policy, code: RegionCode, window: str | None) -> Policy:
    """The same with one region that takes part in a window only; None: never."""
    regions = tuple(
        each
        if each.code != code
        else replace(each, takes_part_in=(window,))
        if window is not None
        else replace(each, takes_part=False)
        for each in policy.regions
    )
    return replace(policy, regions=regions)


def _regions(base: Policy, plans: Iterable[RegionPlan]) -> list[RegionPolicy]:
    """Those of the configuration, or new ones where it has none of this code."""
    known = {region.code: region for region in base.regions}
    return [
        replace(known.get(plan.code, RegionPolicy(plan.code, plan.name)), guard=NO_GUARD)
        for plan in plans
    ]


def _narrow(region: RegionPolicy) -> tuple[ShareRule, ...]:
    return tuple(rule for rule in region.share_rules if rule.ring.kind is not RingKind.NATIONAL)


def _first_come(rule: PriorityRule) -> PriorityRule:
    return replace(rule, tier=2, due_after_ms=0)
