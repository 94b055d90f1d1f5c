"""Personal numbers from a keypad; all from Skatteverket's published test numbers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, strategies as st

from ivr.personal_number import read_personal_number

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize("digits", ["191212121212", "201212121212"])
def test_twelve_digits_with_a_right_check_digit_are_a_number(digits: str) -> None:
    found = read_personal_number(digits, TODAY)
    assert found is not None
    assert found.digits == digits
    assert found.is_century_certain
    assert not found.is_coordination


def test_ten_digits_mean_the_latest_day_that_is_not_to_come() -> None:
    now = read_personal_number("1212121212", TODAY)
    before = read_personal_number("1212121212", date(2012, 12, 11))
    assert now is not None
    assert before is not None
    assert (now.digits, before.digits) == ("201212121212", "191212121212")
    assert not now.is_century_certain


def test_a_coordination_number_has_sixty_added_to_its_day() -> None:
    found = read_personal_number("197010632391", TODAY)
    assert found is not None
    assert found.is_coordination
    assert read_personal_number("197010632392", TODAY) is None


@pytest.mark.parametrize(
    "digits",
    [
        "",
        "1",
        "19121212121",
        "1912121212123",
        "191212121213",
        "191213121212",
        "191202301212",
        "191200121212",
        "191212001212",
        "191212931212",
        "181212121212",
        "203012121212",
        "000000000000",
        "999999999999",
        "١٩١٢١٢١٢١٢١٢",
        "19121212-1212",
        "1912121212\n",
    ],
)
def test_what_cannot_be_a_number_is_none(digits: str) -> None:
    assert read_personal_number(digits, TODAY) is None


def test_it_is_not_shown() -> None:
    assert "1212" not in repr(read_personal_number("191212121212", TODAY))


@given(st.text(alphabet="0123456789", max_size=14))
def test_digits_never_crash_it_and_what_is_read_is_not_to_come(digits: str) -> None:
    found = read_personal_number(digits, TODAY)
    if found is not None:
        day = int(found.digits[6:8]) - 60 * found.is_coordination
        born = date(int(found.digits[:4]), int(found.digits[4:6]), day)
        assert born <= TODAY
        assert found.digits.endswith(digits)
