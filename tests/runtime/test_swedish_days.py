"""Easter, red days and `helgfri vardag`, against dates that are in every printed almanac."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfoNotFoundError

import pytest

from queue_engine.core.errors import SamkoError
from queue_engine.runtime import swedish_days
from queue_engine.runtime.swedish_days import (
    all_saints_day,
    easter_day,
    eves_like_sundays,
    is_non_holiday_weekday,
    midsummer_day,
    public_holidays,
    sweden,
)

EASTER_DAYS = """
    1818-03-22 1943-04-25 1954-04-18 1961-04-02 1974-04-14 1981-04-19 1999-04-04 2000-04-23
    2001-04-15 2002-03-31 2003-04-20 2004-04-11 2005-03-27 2006-04-16 2007-04-08 2008-03-23
    2009-04-12 2010-04-04 2011-04-24 2012-04-08 2013-03-31 2014-04-20 2015-04-05 2016-03-27
    2017-04-16 2018-04-01 2019-04-21 2020-04-12 2021-04-04 2022-04-17 2023-04-09 2024-03-31
    2025-04-20 2026-04-05 2027-03-28 2028-04-16 2029-04-01 2030-04-21 2031-04-13 2032-03-28
    2033-04-17 2034-04-09 2035-03-25 2036-04-13 2037-04-05 2038-04-25 2039-04-10 2040-04-01
    2049-04-18 2076-04-19 2100-03-28 2285-03-22
"""

RED_DAYS = {
    2026: """
        2026-01-01 2026-01-06 2026-04-03 2026-04-05 2026-04-06 2026-05-01 2026-05-14
        2026-05-24 2026-06-06 2026-06-20 2026-10-31 2026-12-25 2026-12-26
    """,
    2027: """
        2027-01-01 2027-01-06 2027-03-26 2027-03-28 2027-03-29 2027-05-01 2027-05-06
        2027-05-16 2027-06-06 2027-06-26 2027-11-06 2027-12-25 2027-12-26
    """,
    2035: """
        2035-01-01 2035-01-06 2035-03-23 2035-03-25 2035-03-26 2035-05-01 2035-05-03
        2035-05-13 2035-06-06 2035-06-23 2035-11-03 2035-12-25 2035-12-26
    """,
    2038: """
        2038-01-01 2038-01-06 2038-04-23 2038-04-25 2038-04-26 2038-05-01 2038-06-03
        2038-06-13 2038-06-06 2038-06-26 2038-11-06 2038-12-25 2038-12-26
    """,
}

# Of Monday to Friday only: these weekdays are none.
CLOSED_WEEKDAYS = {
    2026: """
        2026-01-01 2026-01-06 2026-04-03 2026-04-06 2026-05-01 2026-05-14 2026-06-19
        2026-12-24 2026-12-25 2026-12-31
    """,
    2027: """
        2027-01-01 2027-01-06 2027-03-26 2027-03-29 2027-05-06 2027-06-25 2027-12-24 2027-12-31
    """,
}


def dates(text: str) -> set[date]:
    return {date.fromisoformat(word) for word in text.split()}


def days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def test_easter_days() -> None:
    known = dates(EASTER_DAYS)
    assert len(known) == 52
    assert {easter_day(day.year) for day in known} == known


def test_easter_is_a_sunday_from_22_march_to_25_april() -> None:
    found = [easter_day(year) for year in range(1583, 3000)]
    assert all(day.isoweekday() == 7 for day in found)
    assert {min((d.month, d.day) for d in found), max((d.month, d.day) for d in found)} == {
        (3, 22),
        (4, 25),
    }


@pytest.mark.parametrize("year", RED_DAYS)
def test_public_holidays(year: int) -> None:
    assert public_holidays(year) == dates(RED_DAYS[year])


def test_holidays_that_fall_on_one_day_are_one() -> None:
    assert easter_day(2008) + timedelta(days=39) == date(2008, 5, 1)
    assert len(public_holidays(2008)) == 12


def test_midsummer_and_all_saints_are_saturdays_at_both_ends_of_their_weeks() -> None:
    assert midsummer_day(2026) == date(2026, 6, 20)
    assert midsummer_day(2027) == date(2027, 6, 26)
    assert midsummer_day(2028) == date(2028, 6, 24)
    assert all_saints_day(2026) == date(2026, 10, 31)
    assert all_saints_day(2027) == date(2027, 11, 6)
    assert all_saints_day(2028) == date(2028, 11, 4)


@pytest.mark.parametrize("year", CLOSED_WEEKDAYS)
def test_of_monday_to_friday_all_others_are_weekdays(year: int) -> None:
    closed = {
        day for day in days_of(year) if day.isoweekday() <= 5 and not is_non_holiday_weekday(day)
    }
    assert closed == dates(CLOSED_WEEKDAYS[year])


def test_saturdays_and_sundays_never_are() -> None:
    weekends = [day for day in days_of(2026) if day.isoweekday() > 5]
    assert len(weekends) == 104
    assert not any(is_non_holiday_weekday(day) for day in weekends)


def test_eves_that_the_law_equals_to_sundays_and_no_others() -> None:
    assert eves_like_sundays(2026) == dates("2026-06-19 2026-12-24 2026-12-31")
    shortened_by_agreement = dates("2026-01-05 2026-04-02 2026-04-30 2026-05-13 2026-10-30")
    assert all(is_non_holiday_weekday(day) for day in shortened_by_agreement)


def test_whit_monday_is_a_weekday_and_the_national_day_is_not() -> None:
    assert is_non_holiday_weekday(date(2026, 5, 25))
    assert not is_non_holiday_weekday(date(2025, 6, 6))


def test_the_zone_is_sweden() -> None:
    assert sweden().key == "Europe/Stockholm"


def test_missing_time_zone_data_are_told_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(key: str) -> None:
        raise ZoneInfoNotFoundError(key)

    monkeypatch.setattr(swedish_days, "ZoneInfo", missing)
    with pytest.raises(SamkoError, match=r"no time zone data for Europe/Stockholm.*tzdata"):
        sweden.__wrapped__()
