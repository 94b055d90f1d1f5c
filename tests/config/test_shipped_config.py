"""The files under `config/`: they load, and say what is known of the country."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from ivr.home_region import region_of_number
from ivr.line import DEFAULT_SERVICE
from ivr.prompts import DEFAULT_LANGUAGE
from queue_engine.config.load import Configuration, load_all
from queue_engine.core.policy_codec import read_policy, write_policy
from routing.policy import DEFAULT_PRIORITIES, Order
from routing.region_policy import RegionPolicy, RingKind, ShareCondition

POPULATION_2021 = 10_452_326
AREA_CODES = 264
NOT_A_COUNTY = {2, 11, 15, 16}
"""Numbers of counties that have been merged into others."""
COUNTY_CODES = [f"{number:02}" for number in range(1, 26) if number not in NOT_A_COUNTY]


@pytest.fixture(scope="module")
def configuration(shipped: Path) -> Configuration:
    return load_all(shipped)


@pytest.fixture(scope="module")
def regions(configuration: Configuration) -> dict[str, RegionPolicy]:
    return {region.code: region for region in configuration.policy.regions}


def test_all_regions_are_there(configuration: Configuration) -> None:
    assert [region.code for region in configuration.regions] == COUNTY_CODES
    assert sum(region.population for region in configuration.regions) == POPULATION_2021


def test_each_area_code_has_one_region(configuration: Configuration) -> None:
    given = Counter(code for region in configuration.regions for code in region.area_codes)
    assert len(given) == AREA_CODES
    assert set(given.values()) == {1}
    assert configuration.area_codes["08"] == "01"
    assert configuration.area_codes["0980"] == "25"


def test_no_area_code_begins_with_another(configuration: Configuration) -> None:
    codes = sorted(configuration.area_codes)
    # Sorted, a code would come right before those that begin with it.
    assert not [a for a, b in pairwise(codes) if b.startswith(a)]


def test_fixed_phones_are_placed_by_their_area_code(configuration: Configuration) -> None:
    for area_code, region in configuration.area_codes.items():
        number = area_code + "1" * (9 - len(area_code))
        assert region_of_number(number, configuration.area_codes) == region, area_code


def test_the_shipped_rules_are_the_design(configuration: Configuration) -> None:
    policy = configuration.policy
    assert policy.order is Order.DUE
    assert policy.home_advantage_ms is None
    assert policy.priorities == DEFAULT_PRIORITIES
    assert list(policy.problems()) == []
    assert read_policy(write_policy(policy)) == policy
    assert policy.services[0] == DEFAULT_SERVICE
    assert DEFAULT_LANGUAGE in policy.languages
    assert configuration.warnings == ()


def test_every_region_shares_at_last_with_the_nation_and_keeps_a_reserve(
    regions: dict[str, RegionPolicy],
) -> None:
    for region in regions.values():
        assert region.takes_part
        national = {
            rule.condition
            for rule in region.share_rules
            if rule.ring.kind is RingKind.NATIONAL and not rule.priorities
        }
        assert national == {ShareCondition.PAST_DUE, ShareCondition.UNSTAFFED}
        assert region.lend.reserve_permille == 200


def test_clusters_are_those_that_have_been_told_of(regions: dict[str, RegionPolicy]) -> None:
    clusters: dict[str, set[str]] = {}
    for code, region in regions.items():
        for cluster in region.clusters:
            clusters.setdefault(cluster, set()).add(code)
    assert clusters == {
        "north": {"22", "23", "24", "25"},
        "round_the_clock_2018": {"05", "06", "13", "20"},
        "common_2017": {"05", "06", "12", "14", "18", "19", "20"},
    }


def test_windows_are_only_for_those_whose_hours_have_been_told(
    regions: dict[str, RegionPolicy],
) -> None:
    by_window: dict[str, set[str]] = {}
    for code, region in regions.items():
        for rule in region.share_rules:
            if rule.condition is ShareCondition.WINDOW:
                by_window.setdefault(rule.window, set()).add(code)
    common = {"05", "06", "12", "14", "18", "19", "20"}
    assert by_window == {
        "non_holiday_weekday_07_16": common,
        "night_22_07": common | {"22", "23", "24", "25"},
    }


def test_numbers_that_are_not_1177_are_reserved_for_fiction(configuration: Configuration) -> None:
    national, *others = configuration.lines
    assert national.numbers == ("1177",)
    assert national.region is None
    numbers = [number for line in others for number in line.numbers]
    assert numbers
    assert all(number.startswith("031-390 06 ") for number in numbers)


def test_the_demonstration_staff_can_sign_on_with_the_pins_in_the_file(
    configuration: Configuration, shipped: Path
) -> None:
    text = (shipped / "staff.yaml").read_text(encoding="utf-8")
    pins = [line.split()[-1] for line in text.splitlines() if line.strip().startswith("# PIN")]
    profiles = list(configuration.staff)
    assert len(profiles) == len(pins) == 10
    for profile, pin in zip(profiles, pins, strict=True):
        assert configuration.staff.authenticate(profile.agent_number, pin) is profile


def test_what_nobody_has_published_is_marked(shipped: Path) -> None:
    for path in [shipped / "national.yaml", *sorted((shipped / "regions").glob("*.yaml"))]:
        assert "# assumption: " in path.read_text(encoding="utf-8"), path
