"""Every fault of a policy is a sentence; the shipped defaults have none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.callback_policy import CallbackPolicy
from routing.guard_policy import GuardRule
from routing.lend_policy import QUARTER_MS, PartReserve
from routing.limits import Levels
from routing.policy import (
    DEFAULT_PRIORITIES,
    MINUTE_MS,
    LossTolerance,
    Policy,
    PriorityRule,
    ServiceTimes,
)
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
from routing.relaxing import RelaxRule
from routing.return_policy import ReturnPolicy
from routing.room_policy import RoomPolicy
from routing.strain_policy import NO_STRAIN
from routing.talk_policy import TalkPolicy
from routing.vocabulary import INTERPRETER, UNKNOWN_REGION, Priority, RegionCode, Skill, UnitId

HOME = RegionPolicy(RegionCode("22"), "Väst", clusters=("north",))
POLICY = Policy("test", DEFAULT_PRIORITIES, (HOME,))
SV = Skill("sv")
LONG = ShareRule("long", ShareCondition.EXPECTED_WAIT, NATIONAL, own_wait=Levels(2, 1))
SOON = ServiceTimes(SV, 1, 1)
BEFORE = ServiceTimes(SV, -1, 1)
NEVER = ServiceTimes(SV, 1, 0)
BALANCED = LendRule(balance=Levels(2, 1), balance_window_ms=QUARTER_MS)
WAITED = ShareRule("waited", ShareCondition.WAITED, NATIONAL, after_ms=1)
CROWDED = NATIONAL._replace(waiting_min=2)
OVERFLOW = ShareRule("overflow", ShareCondition.QUEUE_LENGTH, CROWDED)
NIGHT = ShareRule("night", ShareCondition.WINDOW, NATIONAL, window="night")
EAST = RegionPolicy(RegionCode("23"), "Jämt")
SALE = Sale(SV, (EAST.code,))
UNIT = UnitPolicy(UnitId("u1"), "Hamnen", share_rules=(WAITED,))


def with_home(**change: object) -> Policy:
    return replace(POLICY, regions=(replace(HOME, **change),))  # type: ignore[arg-type]


def with_priority(priority: Priority, rule: PriorityRule) -> Policy:
    rules = {**dict(DEFAULT_PRIORITIES), priority: rule}
    return replace(POLICY, priorities=tuple(rules.items()))


def with_service(rule: PriorityRule) -> Policy:
    return replace(with_priority(Priority.RAISED, rule), services=(SV,))


def dealing(**change: object) -> Policy:
    """With somebody to sell to and to buy from, and something to be sold."""
    policy = with_home(**change)
    return replace(policy, services=(SV,), regions=(*policy.regions, EAST))


def strained(**change: int) -> Policy:
    return replace(POLICY, strain=replace(NO_STRAIN, **change))


def test_the_defaults_have_no_fault() -> None:
    assert list(POLICY.problems()) == []
    assert list(with_home(share_rules=(WAITED, OVERFLOW)).problems()) == []


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        (replace(POLICY, priorities=DEFAULT_PRIORITIES[1:]), "emergency must be given once"),
        (
            replace(POLICY, priorities=DEFAULT_PRIORITIES * 2),
            "must be given once, is given 2 times",
        ),
        (with_priority(Priority.URGENT, PriorityRule(1, -1, 1)), "urgent: tier and times"),
        (with_priority(Priority.URGENT, PriorityRule(1, 1, 0)), "urgent: tier and times"),
        (with_priority(Priority.RAISED, PriorityRule(2, 1, 1, (SOON,))), "sv is not a service"),
        (with_service(PriorityRule(2, 1, 1, (SOON, SOON))), "raised: sv is given more than once"),
        (with_service(PriorityRule(2, 1, 1, (BEFORE,))), "raised: sv: times"),
        (with_service(PriorityRule(2, 1, 1, (NEVER,))), "sv: times"),
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
            with_home(share_rules=(replace(NIGHT, during="night"),)),
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
            with_home(units=(UNIT,), share_rules=(replace(OVERFLOW, units=(UnitId("u2"),)),)),
            "no such unit",
        ),
        (
            with_home(
                units=(
                    replace(
                        UNIT,
                        share_rules=(LONG, WAITED),
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
            with_home(units=(replace(UNIT, share_rules=(OVERFLOW, WAITED)),)),
            "u1: queue_length is counted for whole regions",
        ),
        (dealing(buys=(Purchase(SV, EAST.code),)), "buys sv from 23, which does not sell it"),
        (dealing(sells=(Sale(SV, (HOME.code,)),)), "it sells sv to itself"),
        (dealing(sells=(Sale(SV, (RegionCode("99"),)),)), "no such regions: '99'"),
        (replace(dealing(sells=(SALE,)), services=()), "22: no such service: 'sv'"),
        (with_home(lend=LendRule(-1, 0)), "lend reserve"),
        (with_home(lend=LendRule(0, 1001)), "lend reserve"),
        (strained(unbroken_work_ms_max=-1), "strain: limits must not be negative"),
        (strained(emergencies_max=-1), "strain: limits must not be negative"),
        (strained(others_permille_max=-1), "strain: others_permille_max goes from 0 to 1000"),
        (strained(others_of=0), "strain: others_of goes from 1 to 100, is 0"),
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
        (replace(POLICY, loss_tolerance=LossTolerance(0, -1)), "loss_tolerance: a time from 0"),
        (replace(POLICY, relax_rules=(RelaxRule("less", SV, 1),)), "relax"),
        (replace(POLICY, ring_ms=0), "ring_ms: must be more than 0"),
        (replace(POLICY, failures_max=11), "failures_max: must be at most 10"),
        (replace(POLICY, failures_max=0), "failures_max: must be more than 0"),
        (replace(POLICY, home_advantage_ms=-1), "home_advantage_ms: must not be negative"),
        (replace(POLICY, wrap_up_ms_max=-1), "wrap_up_ms_max: must not be negative"),
        (replace(POLICY, interpreter_languages=(SV,)), "interpreter_languages: 'sv' is not a lang"),
        (replace(POLICY, returns=ReturnPolicy(repeat_calls=1)), "returns: repeat_calls: must be"),
        (replace(POLICY, returns=ReturnPolicy(repeat_calls=-1)), "returns: repeat_calls: must be"),
        (replace(POLICY, returns=ReturnPolicy(repeat_calls=11)), "returns: repeat_calls: must be"),
        (replace(POLICY, callbacks=CallbackPolicy(dial_ms=0)), "callbacks: dial_ms: must be more"),
        (replace(POLICY, talks=TalkPolicy(hold_recall_ms=0)), "talks: hold_recall_ms: must be"),
        (with_home(guard=GuardRule(waiting_max=-1)), "22: guard: waiting_max: must not be"),
        (with_priority(Priority.EMERGENCY, PriorityRule(-1, 0, 1)), "emergency: tier and times"),
        (with_home(lend=LendRule(0, -1)), "lend reserve"),
    ],
)
def test_each_fault_is_named(policy: Policy, sentence: str) -> None:
    problems = list(policy.problems())
    assert {sentence in problem for problem in problems} == {True}, problems


@pytest.mark.parametrize(
    "policy",
    [
        with_priority(Priority.URGENT, PriorityRule(1, 0, 1)),
        with_service(PriorityRule(2, 1, 1, (ServiceTimes(SV, 0, 1),))),
        replace(POLICY, ring_ms=1, failures_max=1, wrap_up_ms_max=0, home_advantage_ms=0),
        replace(POLICY, failures_max=10, loss_tolerance=LossTolerance(0, 1000)),
        replace(POLICY, loss_tolerance=LossTolerance(0, 0)),
        strained(rest_ms=1, others_permille_max=1000, others_of=1),
        strained(others_of=100),
        replace(POLICY, rooms=RoomPolicy(20)),
        replace(POLICY, callbacks=CallbackPolicy(24 * 60 * MINUTE_MS, 1, (1,) * 9)),
        replace(POLICY, returns=ReturnPolicy(redial_within_ms=15 * MINUTE_MS, repeat_calls=10)),
        replace(POLICY, returns=ReturnPolicy(repeat_calls=2, repeat_within_ms=1)),
        replace(POLICY, talks=TalkPolicy(hold_recall_ms=1, causes=("a", "b"))),
        with_home(guard=GuardRule(Levels(2, 1), 1), takes_part_in=("night",)),
        with_home(share_rules=(replace(WAITED, after_ms=0), LONG, NIGHT)),
        with_home(share_rules=(replace(WAITED, units=(UNIT.unit,), during="night"),)),
        with_home(share_rules=(replace(OVERFLOW, ring=NATIONAL._replace(waiting_min=1)),)),
        with_home(takes_part=False),
        replace(POLICY, languages=(SV,), interpreter_languages=(SV,)),
        with_home(lend=LendRule(0, 1000, (PartReserve(permille=1000),), Levels(2, 1))),
        with_home(lend=replace(BALANCED, balance_window_ms=96 * QUARTER_MS)),
    ],
)
def test_the_utmost_is_no_fault(policy: Policy) -> None:
    assert list(policy.problems()) == []


def test_what_is_bought_is_a_service_and_is_sold() -> None:
    assert list(with_home(buys=(Purchase(SV, HOME.code),)).problems()) == [
        "regions: 22: no such service: 'sv'",
        "regions: 22: it buys sv from 22, which does not sell it to it",
    ]
    sold = dealing(sells=(SALE,))
    buyer = replace(EAST, buys=(Purchase(SV, HOME.code),))
    assert list(replace(sold, regions=(*sold.regions[:1], buyer)).problems()) == []


def test_a_wrap_up_may_last_as_long_as_it_may_be_prolonged_or_longer() -> None:
    prolonged = replace(POLICY, talks=TalkPolicy(wrap_up_prolonged_ms_max=6 * MINUTE_MS))
    assert POLICY.wrap_up_longest_ms == 5 * MINUTE_MS
    assert prolonged.wrap_up_longest_ms == 6 * MINUTE_MS


def test_a_rule_speaks_of_all_priorities_or_of_those_it_names() -> None:
    assert all(WAITED.speaks_of(priority) for priority in Priority)
    only = replace(WAITED, priorities=(Priority.RAISED,))
    assert [priority for priority in Priority if only.speaks_of(priority)] == [Priority.RAISED]


def test_a_rule_is_timed_if_its_moment_is_yet_to_come() -> None:
    assert WAITED.is_timed
    assert not replace(WAITED, after_ms=0).is_timed
    assert ShareRule("late", ShareCondition.PAST_DUE, NATIONAL).is_timed
    assert not NIGHT.is_timed


def test_what_is_shared_by_a_rule_ends_with_its_window_or_not_at_all() -> None:
    assert (NIGHT.ends_with, WAITED.ends_with) == ("night", "")
    assert replace(WAITED, during="day").ends_with == "day"


def test_a_ring_says_how_far_it_reaches() -> None:
    rings = (NATIONAL, Ring(RingKind.REGIONS, ("22", "23")), CROWDED)
    assert [str(ring) for ring in rings] == ["national", "regions:22+23", "national from 2 waiting"]


@pytest.mark.parametrize("name", ["unbroken_work_ms_max", "emergencies_max", "others_permille_max"])
def test_each_limit_of_strain_is_one(name: str) -> None:
    assert strained(**{name: 1}).strain.has_limits
    assert not NO_STRAIN.has_limits
