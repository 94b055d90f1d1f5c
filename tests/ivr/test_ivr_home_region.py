"""A caller's region by its strongest source, and phone numbers in all their forms."""

from __future__ import annotations

import pytest

from ivr.home_region import UNKNOWN, HomeRegion, home_region, region_of_number, region_told
from ivr.line import Line, Lines, problems
from ivr.phone_number import called_number, e164, is_mobile
from queue_engine.config.policy_file import read_agreement
from queue_engine.config.source import Faults
from routing.vocabulary import HomeRegionSource, LineId, RegionCode, Skill
from tests.ivr.fakes import AREA_CODES, CONFIG_DIR

STOCKHOLM, WEST, NORTH = RegionCode("01"), RegionCode("14"), RegionCode("24")


def test_the_strongest_source_wins() -> None:
    fixed = "08-465 004 10"
    assert home_region(
        network=WEST, caller_key=NORTH, caller_number=fixed, area_codes=AREA_CODES
    ) == HomeRegion(WEST, HomeRegionSource.NETWORK)
    assert home_region(caller_key=NORTH, caller_number=fixed, area_codes=AREA_CODES) == HomeRegion(
        NORTH, HomeRegionSource.CALLER_KEY
    )
    assert home_region(caller_number=fixed, area_codes=AREA_CODES) == HomeRegion(
        STOCKHOLM, HomeRegionSource.AREA_CODE
    )
    assert home_region(caller_number="0701740605", area_codes=AREA_CODES) == UNKNOWN
    assert home_region(area_codes=AREA_CODES) == UNKNOWN


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("0846500410", STOCKHOLM),
        ("+46846500410", STOCKHOLM),
        ("0046 8 465 004 10", STOCKHOLM),
        ("46846500410", STOCKHOLM),
        ("+46 (0)8-465 004 10", STOCKHOLM),
        ("0500-12 34 56", WEST),
        ("0910123456", NORTH),
        ("0901234567", NORTH),
        ("0701740699", None),
        ("010-123 45 67", None),
        ("+4790123456", None),
        ("004790123456", None),
        ("anonymous", None),
        ("", None),
        ("1177", None),
        ("0", None),
        ("08" + "1" * 30, None),
        ("٠٨123456", None),
    ],
)
def test_an_area_code_is_the_longest_that_fits(number: str, region: RegionCode | None) -> None:
    assert region_of_number(number, AREA_CODES) == region


def test_of_two_area_codes_the_longer_counts() -> None:
    area_codes = {"09": STOCKHOLM, "090": WEST, "0901": NORTH}
    assert region_of_number("0901234567", area_codes) == NORTH
    assert region_of_number("0902234567", area_codes) == WEST
    assert region_of_number("0912234567", area_codes) == STOCKHOLM


def test_every_region_has_area_codes_in_the_shipped_configuration() -> None:
    area_codes = read_agreement(Faults(), CONFIG_DIR).area_codes
    assert len(set(area_codes.values())) == 21
    assert region_of_number("0980-10 00 00", area_codes) == "25"


@pytest.mark.parametrize(
    ("told", "region"),
    [("14", WEST), (" 14 ", WEST), ("99", None), ("Skåne", None), ("", None), (None, None)],
)
def test_the_network_tells_a_region_by_its_code(
    told: str | None, region: RegionCode | None
) -> None:
    assert region_told(told, AREA_CODES.values()) == region


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("070-174 06 05", "+46701740605"),
        ("+46701740605", "+46701740605"),
        ("0046701740605", "+46701740605"),
        ("46701740605", "+46701740605"),
        ("unknown", None),
        ("+", None),
        ("070174O605", None),
        ('"0701740605"', None),
        ("0701740605\r\n", "+46701740605"),
    ],
)
def test_a_number_has_one_form(number: str, expected: str | None) -> None:
    assert e164(number) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+46701740605", True),
        ("+46846500410", False),
        ("+4790123456", False),
        ("+467017406", False),
    ],
)
def test_only_swedish_mobiles_are_mobiles(number: str, expected: bool) -> None:
    assert is_mobile(number) is expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("1177", "1177"),
        ("+461177", "1177"),
        ("0313900677", "+46313900677"),
        ("+46313900677", "+46313900677"),
        ("s", ""),
        ("", ""),
    ],
)
def test_a_called_number_has_one_form(number: str, expected: str) -> None:
    assert called_number(number) == expected


NATIONAL = Line(LineId("national"), ("1177",), "national")
CENTRE = Line(LineId("centre"), ("031-390 06 77",), "centre", region=WEST)


def test_a_line_is_found_by_any_form_of_its_number() -> None:
    lines = Lines((NATIONAL, CENTRE))
    assert lines.called("0313900677") is lines.called("+46313900677") is CENTRE
    assert lines.called("4711") is None
    assert lines.named("centre") is CENTRE
    assert lines.named("gone") is NATIONAL
    assert lines.default is NATIONAL
    assert list(lines) == [NATIONAL, CENTRE]


@pytest.mark.parametrize(
    ("other", "word"),
    [
        (Line(LineId("national"), ("4711",), "m"), "already"),
        (Line(LineId("other"), ("+461177",), "m"), "is a number of line 'national'"),
        (Line(LineId("other"), (), "m"), "at least one called number"),
        (Line(LineId("other"), ("eleven",), "m"), "expected a called number"),
        (Line(LineId("other"), ("4711",), "m", services=()), "at least one service"),
    ],
)
def test_faults_between_lines_are_told(other: Line, word: str) -> None:
    ((line, message),) = problems((NATIONAL, other))
    assert line is other
    assert word in message


def test_lines_without_faults_have_none() -> None:
    assert list(problems((NATIONAL, CENTRE))) == []
    assert NATIONAL.services == (Skill("advice"),)
