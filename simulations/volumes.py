"""How many call: by year, by the hour of the day, and on which day.

Nobody has published hourly counts. The shapes are assumed, after what is told in words: busiest in
the early morning, at lunch and after work; weekends busier than weekdays; Monday mornings worst.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from queue_engine.runtime.swedish_days import is_non_holiday_weekday

CALLS_PER_INHABITANT_YEAR: Final = 0.47
"""4.9 million calls in 2019, from 10.45 million people."""
HOURLY_WEIGHTS: Final = (
    *(1.6, 1.2, 1.0, 0.9, 1.0, 1.3, 2.4, 5.2, 6.8, 6.4, 5.8, 5.6),
    *(5.4, 4.9, 4.8, 5.2, 6.4, 7.2, 7.4, 6.4, 5.1, 3.8, 2.5, 1.7),
)
"""Assumption: a weekday's calls by hour from midnight."""
WEEKEND_WEIGHTS: Final = (
    *(2.6, 1.9, 1.5, 1.3, 1.2, 1.4, 2.3, 4.0, 6.0, 7.2, 7.2, 6.8),
    *(6.1, 5.6, 5.3, 5.2, 5.7, 6.1, 6.1, 5.5, 4.3, 2.9, 2.1, 1.7),
)
"""Assumption: the same for a day off."""
WEEKEND_LOAD: Final = 1.2
"""Assumption: a day off's calls, beside a weekday's."""
MONDAY_MORNING: Final = range(7, 11)
MONDAY_MORNING_LOAD: Final = 1.3
"""Assumption: what has waited over the weekend comes then, beside the same hours of other days."""

CallsPerHour = tuple[float, ...]
"""How many are expected in each of the day's 24 hours."""


class DayKind(StrEnum):
    """Days that are called on alike."""

    MONDAY = "monday"
    """The first weekday after days off, whatever its name."""
    WEEKDAY = "weekday"
    DAY_OFF = "day_off"


def kind_of(day: date) -> DayKind:
    """What kind of day it is in Sweden."""
    if not is_non_holiday_weekday(day):
        return DayKind.DAY_OFF
    before = day - timedelta(days=1)
    return DayKind.WEEKDAY if is_non_holiday_weekday(before) else DayKind.MONDAY


def calls_per_hour(inhabitants: int, load: float = 1.0) -> CallsPerHour:
    """What so many inhabitants are expected to call on the mean day, shaped as a weekday.

    Args:
        load: 1.5 for half as many again.
    """
    daily = inhabitants * CALLS_PER_INHABITANT_YEAR / 365 * load
    return _spread(daily, HOURLY_WEIGHTS)


def calls_on(kind: DayKind, inhabitants: int, load: float = 1.0) -> CallsPerHour:
    """What so many are expected to call on such a day; a week of them is a year's share.

    Args:
        load: 1.5 for half as many again.
    """
    weekly = inhabitants * CALLS_PER_INHABITANT_YEAR / 365 * 7 * load
    weekday = _spread(weekly / _WEEKDAYS_IN_WEEK, HOURLY_WEIGHTS)
    match kind:
        case DayKind.WEEKDAY:
            return weekday
        case DayKind.MONDAY:
            return tuple(
                calls * (MONDAY_MORNING_LOAD if hour in MONDAY_MORNING else 1.0)
                for hour, calls in enumerate(weekday)
            )
        case DayKind.DAY_OFF:
            return _spread(sum(weekday) * WEEKEND_LOAD, WEEKEND_WEIGHTS)


def _spread(daily: float, weights: tuple[float, ...]) -> CallsPerHour:
    whole = sum(weights)
    return tuple(daily * weight / whole for weight in weights)


_MONDAY_EXTRA: Final = (MONDAY_MORNING_LOAD - 1) * sum(
    HOURLY_WEIGHTS[hour] for hour in MONDAY_MORNING
)
_WEEKDAYS_IN_WEEK: Final = 5 + _MONDAY_EXTRA / sum(HOURLY_WEIGHTS) + 2 * WEEKEND_LOAD
"""A week's calls, counted in plain weekdays."""
