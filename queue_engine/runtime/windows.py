"""Named parts of the day, and whether they are on at a moment.

House rules: pure. Moments are aware datetimes; what is compared is UTC, since two local times of
one zone are compared by what the clocks show, which is wrong in the night that has an hour twice.

A window is named by the day on which it begins: one of weekdays from 22 to 07 that begins on
Friday goes on until Saturday morning. It begins and ends at the first moment at which the clocks
in Sweden show its time *or a later one*. So on the night of 23 hours a time that is skipped comes
with the change of the clocks, on the night of 25 hours a time that comes twice counts once, and a
window that begins where another ends always does so without gap or overlap.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, assert_never

from queue_engine.runtime.swedish_days import is_non_holiday_weekday, sweden

HORIZON_DAYS: Final = 14
"""Well over the five days that the longest row of days without a weekday has."""
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)


class WindowDays(StrEnum):
    """The days on which a time window opens."""

    EVERY_DAY = "every_day"
    NON_HOLIDAY_WEEKDAY = "non_holiday_weekday"
    """Monday to Friday, except Swedish public holidays and the eves equal to Sundays."""


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A named part of the day; the calendar tells the core when it is on."""

    name: str
    days: WindowDays
    """The days on which it begins."""
    start_minute: int
    """Local time, in minutes from midnight."""
    end_minute: int
    """Not in the window any more; at or before the start: on the next day."""


def windows_on(windows: Iterable[TimeWindow], moment: datetime) -> dict[str, bool]:
    """Whether each window is on, by its name.

    Args:
        moment: aware, of any zone.
    """
    moment = _in_utc(moment)
    return {window.name: _is_on(window, moment) for window in windows}


def next_change(windows: Iterable[TimeWindow], moment: datetime) -> datetime | None:
    """The first moment (UTC) after this one at which some window goes on or off; None: none ever.

    Args:
        moment: aware, of any zone.
    """
    moment = _in_utc(moment)
    changes = (_next_change(window, moment) for window in windows)
    return min((change for change in changes if change is not None), default=None)


def _in_utc(moment: datetime) -> datetime:
    assert moment.tzinfo is not None, moment
    return moment.astimezone(UTC)


def _is_on(window: TimeWindow, moment: datetime) -> bool:
    today = moment.astimezone(sweden()).date()
    for day in (today - _DAY, today):
        if _opens_on(window.days, day):
            begin, end = _span(window, day)
            if begin <= moment < end:
                return True
    return False


def _next_change(window: TimeWindow, moment: datetime) -> datetime | None:
    is_on = _is_on(window, moment)
    today = moment.astimezone(sweden()).date()
    for days in range(-1, HORIZON_DAYS):
        day = today + timedelta(days=days)
        if not _opens_on(window.days, day):
            continue
        for edge in _span(window, day):
            # An end at which the next day's window begins is no change.
            if edge > moment and _is_on(window, edge) != is_on:
                return edge
    return None


def _opens_on(days: WindowDays, day: date) -> bool:
    match days:
        case WindowDays.EVERY_DAY:
            return True
        case WindowDays.NON_HOLIDAY_WEEKDAY:
            return is_non_holiday_weekday(day)
        case _:
            assert_never(days)


def _span(window: TimeWindow, day: date) -> tuple[datetime, datetime]:
    """From when until when it is on if it begins on this day."""
    last_day = day if window.start_minute < window.end_minute else day + _DAY
    return _first_shown(day, window.start_minute), _first_shown(last_day, window.end_minute)


def _first_shown(day: date, minute: int) -> datetime:
    """The first moment (UTC) at which the clocks show this minute of the day, or a later one."""
    wanted = datetime.combine(day, time()) + minute * _MINUTE
    # Of a time that comes twice, this is the first; one that is skipped comes out too late, by
    # less than an hour.
    moment = wanted.replace(tzinfo=sweden()).astimezone(UTC)
    while _shown(moment - _MINUTE) >= wanted:
        moment -= _MINUTE
    return moment


def _shown(moment: datetime) -> datetime:
    return moment.astimezone(sweden()).replace(tzinfo=None)
