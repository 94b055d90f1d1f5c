"""Who takes part, whose nobody is, how far a ring reaches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.policy import DEFAULT_PRIORITIES, Policy, PriorityRule, ServiceTimes
from routing.region_policy import NATIONAL, Ring, RingKind
from routing.rules import Rules
from routing.vocabulary import UNKNOWN_REGION, Priority, RegionCode, Requirement, Skill
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
    assert (rules.service_of(()), rules.language_of(())) == ("", "")
    assert (RULES.service_of(needs), RULES.language_of(needs)) == ("", "")


def test_a_region_with_hours_takes_part_while_one_of_its_windows_is_on() -> None:
    day_and_night = replace(REGIONS[0], takes_part_in=("day", "night"))
    policy = Policy("test", DEFAULT_PRIORITIES, (day_and_night, REGIONS[1]))
    assert Rules(policy).members == {"23"}
    assert Rules(policy, {"day": False, "night": True}).members == {"22", "23"}
    assert Rules(policy, {"day": False, "noon": True}).members == {"23"}


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
