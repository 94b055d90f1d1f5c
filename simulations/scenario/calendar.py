"""Which days a scenario's days are: weekdays, holidays, seasons.

Without dates a scenario begins on a Monday and knows no holiday. With them its weekly figures go by
the days' names, but for Swedish holidays and the eves like them, which are as Sundays, and the
first weekday after days off, which is as a Monday. All days have 24 hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from queue_engine.config.source import Item, Section
from routing.policy import MINUTE_MS
from simulations.volumes import DayKind, kind_of

MONTHS: Final = 12
YEARS: Final = range(2005, 2201)
"""In which the law on holidays is as it is."""
_DAY_MS: Final = 24 * 60 * MINUTE_MS
_MONDAY: Final = 0
_SUNDAY: Final = 6
_EVEN: Final = (1.0,) * MONTHS


@dataclass(frozen=True, slots=True)
class ScenarioCalendar:
    """From which day on a scenario is, and how the seasons differ."""

    starts: date | None = None
    """None: a Monday of no year."""
    months: tuple[float, ...] = _EVEN
    """So many times as many call in January, February, ..."""

    @property
    def first_weekday(self) -> int:
        """Of its first day: 0 for Monday."""
        return _MONDAY if self.starts is None else self.starts.weekday()

    def like_ms(self, at_ms: int) -> int:
        """The moment of a week without holidays, from its Monday's midnight on, that is like this.

        Args:
            at_ms: from the scenario's first midnight.
        """
        if self.starts is None:
            return at_ms
        return _like(self.starts, at_ms // _DAY_MS) * _DAY_MS + at_ms % _DAY_MS

    def times(self, at_ms: int) -> float:
        """So many times as many call at this season as in the mean of the year."""
        if self.starts is None:
            return 1.0
        return self.months[(self.starts + timedelta(days=at_ms // _DAY_MS)).month - 1]


NO_CALENDAR: Final = ScenarioCalendar()


def read_calendar(section: Section) -> ScenarioCalendar:
    """`calendar: {starts: 2026-12-21, months: [1.1, ...]}`."""
    months = section.may("months")
    figures = tuple(each.decimal(most=100.0) for each in months.items())
    if months.is_given and len(figures) != MONTHS:
        months.fault(f"expected {MONTHS} numbers, January first, found {len(figures)}")
    return ScenarioCalendar(_date(section.need("starts")), figures or _EVEN)


def _date(item: Item) -> date | None:
    try:
        found = date.fromisoformat(item.plain_text)
    except ValueError:
        found = date.min
    if found.year in YEARS:
        return found
    if item.is_given:
        item.expected(f"a day such as 2026-12-21, from {YEARS[0]} to {YEARS[-1]}")
    return None


@lru_cache(maxsize=4096)
def _like(starts: date, day: int) -> int:
    """The weekday, 0 for Monday, that the scenario's day is like."""
    today = starts + timedelta(days=day)
    kind = kind_of(today)
    if kind is DayKind.MONDAY:
        return _MONDAY
    if kind is DayKind.DAY_OFF and today.weekday() < _SUNDAY - 1:
        return _SUNDAY
    return today.weekday()
