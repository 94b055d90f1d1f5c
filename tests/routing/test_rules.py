"""Who takes part, whose nobody is, how far a ring reaches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.lend_policy import QUARTER_MS, LendRule
from routing.limits import Levels
from routing.order import EMERGENCY_TIER
from routing.policy import DEFAULT_PRIORITIES, Policy, PriorityRule, ServiceTimes
from routing.region_policy import (
    NATIONAL,
    Purchase,
    Ring,
    RingKind,
    Sale,
    ShareCondition,
    ShareRule,
    UnitPolicy,
)
from routing.rules import Rules, Seller
from routing.vocabulary import UNKNOWN_REGION, Priority, RegionCode, Requirement, Skill, UnitId
from tests.routing.floors import CODES, REGIONS

RULES = Rules(Policy("test", DEFAULT_PRIORITIES, REGIONS))


@pytest.mark.parametrize(
    ("ring", "reached"),
    [
        (Ring(RingKind.REGION), {"22"}),
        (Ring(RingKind.REGIONS, ("23", "24")), {"23", "24"}),
        (Ring(RingKind.REGIONS, ("01",)), set()),
        (Ring(RingKind.CLUSTER, ("north",)), {"22", "23"}),
        (Ring(RingKind.CLUSTER, ("south", "north")), {"22", "23"}),
        (NATIONAL, {"22", "23", "24"}),
        (Ring(RingKind.UNITS, ("22", "u1")), set()),
    ],
)
def test_a_ring_reaches_those_who_take_part(ring: Ring, reached: set[str]) -> None:
    home = RegionCode("22")
    for _ in range(2):  # the second time from memory
        found = {code for code in CODES if RULES.covers(ring, home, RegionCode(code))}
        assert found == reached
    assert not RULES.covers(ring, home, RegionCode("99"))


def test_who_takes_part_and_who_is_nobodys() -> None:
    assert [RULES.takes_part(RegionCode(code)) for code in (*CODES, "99")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert RULES.is_nobodys(UNKNOWN_REGION)
    assert RULES.is_nobodys(RegionCode("99"))
    assert not RULES.is_nobodys(RegionCode("01"))


def test_services_and_languages_are_told_apart() -> None:
    services, languages = (Skill("advice"), Skill("child")), (Skill("sv"), Skill("ar"))
    rules = Rules(Policy("1", DEFAULT_PRIORITIES, services=services, languages=languages))
    needs = tuple(Requirement(Skill(skill)) for skill in ("ar", "child"))
    assert (rules.service_of(needs), rules.language_of(needs)) == ("child", "ar")
    assert rules.part_of(needs) == "child/ar", "waits are measured for each of both"
    assert (rules.part_of(needs[1:]), rules.part_of(())) == ("child", "")
    assert (rules.service_of(()), rules.language_of(())) == ("", "")
    assert (RULES.service_of(needs), RULES.language_of(needs)) == ("", "")


def test_a_region_with_hours_takes_part_while_one_of_its_windows_is_on() -> None:
    day_and_night = replace(REGIONS[0], takes_part_in=("day", "night"))
    policy = Policy("test", DEFAULT_PRIORITIES, (day_and_night, REGIONS[1]))
    assert Rules(policy).members == {"23"}
    assert Rules(policy, {"day": False, "night": True}).members == {"22", "23"}
    assert Rules(policy, {"day": False, "noon": True}).members == {"23"}
    outside = replace(day_and_night, takes_part=False)
    policy = replace(policy, regions=(outside, REGIONS[1]))
    assert Rules(policy, {"night": True}).members == {"23"}, "its windows make no member of it"


def test_a_unit_keeps_a_contact_with_those_it_is_shared_with_until_it_is_all_of_the_region() -> (
    None
):
    unit, other = UnitPolicy(UnitId("u1"), "U", keeps_own=True), UnitPolicy(UnitId("u2"), "V")
    regions = (replace(REGIONS[0], units=(unit, other)), REGIONS[1])
    rules = Rules(Policy("test", DEFAULT_PRIORITIES, regions))
    home, to_other = RegionCode("22"), Ring(RingKind.UNITS, ("u2",))
    while_long = NATIONAL._replace(waiting_min=5)
    assert rules.keepers(home, unit.unit, 2, ()) == ("u1",)
    assert rules.keepers(home, unit.unit, 2, (while_long, to_other)) == ("u1", "u2")
    assert rules.keepers(home, unit.unit, 2, (to_other, Ring(RingKind.REGION))) == ()
    assert rules.keepers(home, unit.unit, EMERGENCY_TIER, ()) == ()
    assert rules.keepers(home, other.unit, 2, ()) == ()


def test_a_rule_that_is_not_there_is_named() -> None:
    with pytest.raises(LookupError, match="region 22 has no share rule 'gone'"):
        RULES.share_rule(RegionCode("22"), None, "gone")
    with pytest.raises(LookupError, match="region 99 has no share rule 'gone'"):
        RULES.share_rule(RegionCode("99"), None, "gone")
    with pytest.raises(LookupError, match="no relax rule 'gone'"):
        RULES.relax_rule("gone")


def test_balances_are_kept_where_a_balance_is_a_limit_and_only_there() -> None:
    by_balance = LendRule(balance=Levels(200, 100), balance_window_ms=QUARTER_MS)
    by_wait = LendRule(own_wait=Levels(480_000, 120_000))
    for lend, keeps in ((by_balance, True), (by_wait, False), (LendRule(), False)):
        regions = (replace(REGIONS[0], lend=lend), REGIONS[1])
        assert Rules(Policy("test", DEFAULT_PRIORITIES, regions)).keeps_balances is keeps


def test_a_service_may_have_times_of_its_own() -> None:
    child = Skill("child")
    rule = PriorityRule(2, 1_000, 2_000, (ServiceTimes(child, 5, 7),))
    priorities = {**dict(DEFAULT_PRIORITIES), Priority.RAISED: rule}
    rules = Rules(Policy("1", tuple(priorities.items()), services=(child, Skill("advice"))))
    found = rules.priority_rule(Priority.RAISED, (Requirement(child),))
    assert (found.tier, found.due_after_ms, found.answer_within_ms) == (2, 5, 7)
    for needs in ((), (Requirement(Skill("advice")),), (Requirement(Skill("sv")),)):
        assert rules.priority_rule(Priority.RAISED, needs) is rule
    urgent = rules.priorities[Priority.URGENT]
    assert rules.priority_rule(Priority.URGENT, (Requirement(child),)) is urgent


def test_rings_say_what_they_are() -> None:
    assert str(NATIONAL) == "national"
    assert str(Ring(RingKind.REGIONS, ("22", "23"))) == "regions:22+23"


CHILD, ADVICE = (Requirement(Skill("child")),), (Requirement(Skill("advice")),)


def test_what_is_sold_is_that_service_to_that_buyer_while_one_of_its_windows_is_on() -> None:
    here, there, other = RegionCode("22"), RegionCode("23"), RegionCode("24")
    child, advice, unit = Skill("child"), Skill("advice"), UnitId("u1")
    sells = (
        Sale(child, (here,), during=("evening", "night")),
        Sale(child, (there,), units=(UnitId("u8"),)),
        Sale(advice, (here,), units=(UnitId("u9"),)),
    )
    regions = (
        replace(REGIONS[0], buys=(Purchase(child, other, units=(unit,)),)),
        replace(REGIONS[1], buys=(Purchase(child, other),)),
        replace(REGIONS[2], sells=sells),
    )
    policy = Policy("1", DEFAULT_PRIORITIES, regions, services=(child, advice))
    by_night = Rules(policy, {"evening": False, "night": True})
    assert by_night.sellers(here, unit, CHILD) == (Seller(other),)
    assert by_night.sellers(here, unit, ADVICE) == ()
    assert by_night.sellers(here, UnitId("u2"), CHILD) == by_night.sellers(here, None, CHILD) == ()
    assert by_night.sellers(there, None, CHILD) == (Seller(other, (UnitId("u8"),)),)
    assert list(by_night.buyers(other)) == [here, there]
    assert list(Rules(policy).buyers(other)) == [there]


def test_the_regions_of_a_window_are_those_of_which_some_rule_hangs_on_it_units_as_well() -> None:
    waited = ShareRule("waited", ShareCondition.WAITED, NATIONAL, 60_000)
    night = ShareRule("night", ShareCondition.WINDOW, NATIONAL, window="night")
    for_urgent = replace(waited, name="urgent", priorities=(Priority.URGENT,))
    unit = UnitPolicy(UnitId("u1"), "U", share_rules=(night,))
    regions = (
        replace(REGIONS[0], share_rules=(waited, night)),
        replace(REGIONS[1], share_rules=(waited,), units=(unit,)),
        replace(REGIONS[2], share_rules=(waited, for_urgent)),
    )
    rules = Rules(Policy("test", DEFAULT_PRIORITIES, regions))
    assert rules.regions_hanging_on("night") == ["22", "23"]
    assert rules.regions_hanging_on("noon") == []
    there = RegionCode("23")
    owns = [rules.is_units_own(there, each, night) for each in (unit.unit, UnitId("none"), None)]
    assert owns == [True, False, False]
    assert not rules.is_units_own(there, unit.unit, waited)
    assert rules.timed(RegionCode("24"), None, Priority.STANDARD) == (waited,)
    assert rules.timed(RegionCode("24"), None, Priority.URGENT) == (waited, for_urgent)
    assert rules.factual(RegionCode("22"), None, Priority.STANDARD) == (night,)
