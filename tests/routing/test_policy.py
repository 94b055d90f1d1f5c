"""Every fault of a policy is a sentence; the shipped defaults have none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.lend_policy import QUARTER_MS, PartReserve
from routing.limits import Levels
from routing.policy import DEFAULT_PRIORITIES, LossTolerance, Policy, PriorityRule, ServiceTimes
from routing.region_policy import (
    NATIONAL,
    LendRule,
    Purchase,
    RegionPolicy,
    Ring,
    RingKind,
    Sale,
    ShareCondition,
    ShareRule,
    UnitPolicy,
)
from routing.room_policy import RoomPolicy
from routing.strain_policy import NO_STRAIN
from routing.vocabulary import INTERPRETER, UNKNOWN_REGION, Priority, RegionCode, Skill, UnitId

HOME = RegionPolicy(RegionCode("22"), "Väst", clusters=("north",))
POLICY = Policy("test", DEFAULT_PRIORITIES, (HOME,))
SV = Skill("sv")
LONG = ShareRule("long", ShareCondition.EXPECTED_WAIT, NATIONAL, own_wait=Levels(2, 1))
SOON = ServiceTimes(SV, 1, 1)
BEFORE = ServiceTimes(SV, -1, 1)
BALANCED = LendRule(balance=Levels(2, 1), balance_window_ms=QUARTER_MS)
WAITED = ShareRule("waited", ShareCondition.WAITED, NATIONAL, after_ms=1)
CROWDED = NATIONAL._replace(waiting_min=2)
OVERFLOW = ShareRule("overflow", ShareCondition.QUEUE_LENGTH, CROWDED)
UNIT = UnitPolicy(UnitId("u1"), "Hamnen", share_rules=(WAITED,))


def with_home(**change: object) -> Policy:
    return replace(POLICY, regions=(replace(HOME, **change),))  # type: ignore[arg-type]


def with_priority(priority: Priority, rule: PriorityRule) -> Policy:
    rules = {**dict(DEFAULT_PRIORITIES), priority: rule}
    return replace(POLICY, priorities=tuple(rules.items()))


def with_service(rule: PriorityRule) -> Policy:
    return replace(with_priority(Priority.RAISED, rule), services=(SV,))


def strained(**change: int) -> Policy:
    return replace(POLICY, strain=replace(NO_STRAIN, **change))


def test_the_defaults_have_no_fault() -> None:
    assert list(POLICY.problems()) == []
    assert list(with_home(share_rules=(WAITED, OVERFLOW)).problems()) == []


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        (replace(POLICY, priorities=DEFAULT_PRIORITIES[1:]), "emergency must be given once"),
        (replace(POLICY, priorities=DEFAULT_PRIORITIES * 2), "standard must be given once"),
        (with_priority(Priority.URGENT, PriorityRule(1, -1, 1)), "urgent: tier and times"),
        (with_priority(Priority.URGENT, PriorityRule(1, 1, 0)), "urgent: tier and times"),
        (with_priority(Priority.RAISED, PriorityRule(2, 1, 1, (SOON,))), "sv is not a service"),
        (with_service(PriorityRule(2, 1, 1, (SOON, SOON))), "raised: sv is given more than once"),
        (
            with_service(PriorityRule(2, 1, 1, (BEFORE,))),
            "raised: sv: times",
        ),
        (with_priority(Priority.EMERGENCY, PriorityRule(2, 0, 1)), "must not have a later tier"),
        (replace(POLICY, regions=(HOME, HOME)), "22 is given 2 times"),
        (replace(POLICY, services=(SV, SV)), "'sv' is more than one of these"),
        (replace(POLICY, services=(SV,), languages=(SV,)), "'sv' is more than one of these"),
        (replace(POLICY, languages=(INTERPRETER,)), "'interpreter' is more than one of these"),
        (with_home(code=UNKNOWN_REGION), "is not a region's code"),
        (with_home(share_rules=(WAITED, WAITED)), "'waited' is given 2 times"),
        (with_home(share_rules=(replace(WAITED, after_ms=-1),)), "says after how long"),
        (
            with_home(share_rules=(ShareRule("w", ShareCondition.WINDOW, NATIONAL),)),
            "names its window",
        ),
        (
            with_home(
                share_rules=(ShareRule("w", ShareCondition.WINDOW, NATIONAL, during="night"),)
            ),
            "has its hours already",
        ),
        (with_home(share_rules=(replace(WAITED, services=(SV,)),)), "no such service: 'sv'"),
        (
            with_home(share_rules=(replace(WAITED, ring=Ring(RingKind.REGIONS, ("99",))),)),
            "no such regions: '99'",
        ),
        (
            with_home(share_rules=(replace(WAITED, ring=Ring(RingKind.CLUSTER, ("south",))),)),
            "no such cluster: 'south'",
        ),
        (
            with_home(share_rules=(ShareRule("l", ShareCondition.EXPECTED_WAIT, NATIONAL),)),
            "limits belong to own_wait",
        ),
        (with_home(share_rules=(replace(WAITED, own_wait=Levels(2, 1)),)), "limits belong to"),
        (with_home(share_rules=(replace(LONG, own_wait=Levels(1, 1)),)), "off must be below on"),
        (with_home(share_rules=(replace(LONG, own_wait=Levels(1, 0)),)), "off must be below on"),
        (with_home(takes_part=False, takes_part_in=("night",)), "names windows in which it does"),
        (with_home(units=(UNIT, UNIT)), "a unit is given twice"),
        (
            with_home(units=(UNIT,), share_rules=(WAITED,)),
            "u1: share rule 'waited' is given 2",
        ),
        (
            with_home(share_rules=(replace(WAITED, ring=Ring(RingKind.UNITS, ("u2",))),)),
            "no such unit: 'u2'",
        ),
        (
            with_home(units=(UNIT,), share_rules=(replace(WAITED, units=(UnitId("u2"),)),)),
            "no such unit",
        ),
        (
            with_home(
                units=(
                    replace(
                        UNIT,
                        share_rules=(replace(WAITED, condition=ShareCondition.EXPECTED_WAIT),),
                    ),
                )
            ),
            "own_wait is measured for whole regions",
        ),
        (
            with_home(share_rules=(ShareRule("q", ShareCondition.QUEUE_LENGTH, NATIONAL),)),
            "belongs to queue_length",
        ),
        (with_home(share_rules=(replace(WAITED, ring=CROWDED),)), "belongs to queue_length"),
        (
            with_home(share_rules=(replace(OVERFLOW, ring=Ring(RingKind.REGION, (), 2)),)),
            "queue_length shares with other regions",
        ),
        (
            with_home(units=(replace(UNIT, share_rules=(OVERFLOW,)),)),
            "u1: queue_length is counted for whole regions",
        ),
        (with_home(buys=(Purchase(SV, HOME.code),)), "buys sv from 22, which does not sell it"),
        (with_home(sells=(Sale(SV, (HOME.code,)),)), "it sells sv to itself"),
        (with_home(sells=(Sale(SV, (RegionCode("99"),)),)), "no such regions: '99'"),
        (with_home(lend=LendRule(-1, 0)), "lend reserve"),
        (with_home(lend=LendRule(0, 1001)), "lend reserve"),
        (strained(unbroken_work_ms_max=-1), "strain: limits must not be negative"),
        (strained(rest_ms=0), "strain: rest_ms must be more than 0"),
        (strained(others_permille_max=1001), "strain: others_permille_max goes from 0 to 1000"),
        (strained(others_of=101), "strain: others_of goes from 1 to 100, is 101"),
        (replace(POLICY, rooms=RoomPolicy(0)), "rooms: chats_max goes from 1 to 20, is 0"),
        (replace(POLICY, preferred_wait_ms=-1), "preferred_wait_ms: must not be negative"),
        (with_home(lend=LendRule(reserves=(PartReserve(agents=-1),))), "lend reserve"),
        (with_home(lend=LendRule(reserves=(PartReserve(SV),))), "no such service: 'sv'"),
        (with_home(lend=LendRule(reserves=(PartReserve(language=SV),))), "no such language: 'sv'"),
        (with_home(lend=LendRule(own_wait=Levels(1, 1))), "lend own_wait: off must be below"),
        (with_home(lend=LendRule(own_wait=Levels(1, 0))), "lend own_wait: off must be below"),
        (with_home(lend=replace(BALANCED, balance=Levels(1, 1))), "lend balance: off must be"),
        (with_home(lend=replace(BALANCED, balance_window_ms=0)), "whole quarters of an hour"),
        (with_home(lend=replace(BALANCED, balance_window_ms=1)), "whole quarters of an hour"),
        (with_home(lend=replace(BALANCED, balance_window_ms=97 * QUARTER_MS)), "at most 24 h"),
        (replace(POLICY, loss_tolerance=LossTolerance(-1, 0)), "loss_tolerance: a time from 0"),
        (replace(POLICY, loss_tolerance=LossTolerance(0, 1001)), "loss_tolerance: a time from 0"),
        (replace(POLICY, ring_ms=0), "ring_ms: must be more than 0"),
        (replace(POLICY, failures_max=11), "failures_max: must be at most 10"),
        (replace(POLICY, failures_max=0), "failures_max: must be more than 0"),
        (replace(POLICY, home_advantage_ms=-1), "home_advantage_ms: must not be negative"),
    ],
)
def test_each_fault_is_named(policy: Policy, sentence: str) -> None:
    assert any(sentence in problem for problem in policy.problems()), list(policy.problems())


def test_a_rule_speaks_of_all_priorities_or_of_those_it_names() -> None:
    assert all(WAITED.speaks_of(priority) for priority in Priority)
    only = replace(WAITED, priorities=(Priority.RAISED,))
    assert [priority for priority in Priority if only.speaks_of(priority)] == [Priority.RAISED]
