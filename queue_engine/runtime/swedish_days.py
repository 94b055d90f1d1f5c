"""What Swedish law says of a day, and Sweden's time zone.

House rules: pure, of dates alone. The law is that of 2005 and later: since then 6 June is a
public holiday and Whit Monday is not.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from queue_engine.core.errors import SamkoError

SATURDAY: Final = 6
"""As `date.isoweekday` counts."""
_ZONE: Final = "Europe/Stockholm"


@cache
def sweden() -> ZoneInfo:
    """Sweden's time zone.

    Raises:
        SamkoError: this machine has no time zone data; says what to install.
    """
    try:
        return ZoneInfo(_ZONE)
    except ZoneInfoNotFoundError as exc:
        raise SamkoError(
            f"no time zone data for {_ZONE}: install the package tzdata (of the system or of pip)"
        ) from exc


def easter_day(year: int) -> date:
    """Easter Day: the first Sunday after the church's full moon on or next after 21 March.

    Args:
        year: of the Gregorian calendar, 1583 or later.
    """
    golden_number = year % 19 + 1  # the moon's phases return to the same dates after 19 years,
    century = year // 100 + 1  # but for what the calendar drops and the moon drifts
    dropped_leap_days = 3 * century // 4 - 12
    drift_of_moon = (8 * century + 5) // 25 - 5
    age_of_moon = (11 * golden_number + 20 + drift_of_moon - dropped_leap_days) % 30
    # Two full moons of one cycle would else fall on one date.
    if age_of_moon == 24 or (age_of_moon == 25 and golden_number > 11):
        age_of_moon += 1
    days_after_february = 44 - age_of_moon
    if days_after_february < 21:
        days_after_february += 30
    full_moon = date(year, 3, 1) + timedelta(days=days_after_february - 1)
    return full_moon + timedelta(days=7 - full_moon.isoweekday() % 7)


def midsummer_day(year: int) -> date:
    """The Saturday of 20 to 26 June."""
    return _saturday_from(date(year, 6, 20))


def all_saints_day(year: int) -> date:
    """The Saturday of 31 October to 6 November."""
    return _saturday_from(date(year, 10, 31))


@lru_cache(maxsize=16)
def public_holidays(year: int) -> frozenset[date]:
    """All that the Act on Public Holidays (1989:253) names; ordinary Sundays are not listed."""
    easter = easter_day(year)
    return frozenset(
        (
            date(year, 1, 1),
            date(year, 1, 6),
            easter - timedelta(days=2),  # Good Friday
            easter,
            easter + timedelta(days=1),
            date(year, 5, 1),
            easter + timedelta(days=39),  # Ascension: the sixth Thursday after
            easter + timedelta(days=49),  # Whit Sunday: the seventh Sunday after
            date(year, 6, 6),
            midsummer_day(year),
            all_saints_day(year),
            date(year, 12, 25),
            date(year, 12, 26),
        )
    )


@lru_cache(maxsize=16)
def eves_like_sundays(year: int) -> frozenset[date]:
    """Midsummer Eve, Christmas Eve and New Year's Eve."""
    midsummer_eve = midsummer_day(year) - timedelta(days=1)
    return frozenset((midsummer_eve, date(year, 12, 24), date(year, 12, 31)))


def is_non_holiday_weekday(day: date) -> bool:
    """Whether the day is a *helgfri vardag*: Monday to Friday, no holiday and no eve like Sunday.

    The Annual Leave Act (1977:480, 7 §) equals the three eves to Sundays, and the Act on Statutory
    Time (1930:173, 2 §) equals them and Saturdays to public holidays: offices are closed on just
    these days everywhere in the country. Other eves (Maundy Thursday, 30 April, the eve of
    Ascension...) are shortened or not by local agreement, so they count as weekdays.
    """
    return (
        day.isoweekday() < SATURDAY
        and day not in public_holidays(day.year)
        and day not in eves_like_sundays(day.year)
    )


def _saturday_from(day: date) -> date:
    return day + timedelta(days=(SATURDAY - day.isoweekday()) % 7)
