"""The rota: who works when, in each region, made from the calls that are expected.

House rules: pure; a day's rota hangs on the date and the region alone, so that whoever begins in
the middle of it finds the same one. The rota's day goes from 06:00 to 06:00, by the clocks in
Sweden. Nobody works two days running: even and odd days have nurses of their own.

How it is made: Erlang's formula says how many are needed in each hour. The first of them is there
in all hours that need one at least, the second in all that need two, and so on; each such row of
hours, its small gaps filled, is cut into shifts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from math import ceil
from typing import Final

from queue_engine.runtime.swedish_days import sweden
from routing.policy import MINUTE_MS
from routing.vocabulary import RegionCode
from simulations.crowd.seats import RESERVED, Seat, seat_of
from simulations.erlang import nurses_needed
from simulations.volumes import CallsPerHour, DayKind, calls_on, kind_of

DAY_BEGINS_HOUR: Final = 6
OCCUPANCY_MAX: Final = 0.97
WAIT_MS_MAX: Final = 20 * MINUTE_MS
"""Assumption: the mean wait that a rota aims at when a region has only its own nurses."""
MONDAY_PLANNED: Final = 1.05
"""Assumption: what a rota adds for a Monday, beside another weekday; more than that call."""
SHIFT_HOURS_MIN: Final = 4
SHIFT_HOURS_MAX: Final = 9
GAP_HOURS_MAX: Final = 1
"""A gap so short is worked through."""
_DAY_HOURS: Final = 24
_HOUR_MS: Final = 60 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Inhabited:
    """A region and how many live there."""

    code: RegionCode
    population: int


@dataclass(frozen=True, slots=True)
class Shift:
    """One nurse's work of one day."""

    seat: Seat
    from_ms: int
    to_ms: int


def rota_day(at_ms: int) -> date:
    """The rota's day of a moment: before 06:00 it is still yesterday's."""
    local = datetime.fromtimestamp(at_ms / 1000, sweden())
    return local.date() - timedelta(days=local.hour < DAY_BEGINS_HOUR)


def day_begins_ms(day: date) -> int:
    """When the rota's day begins."""
    return _moment_ms(day, 0)


def shifts_on(region: Inhabited, day: date, handle_ms: int, load: float = 1.0) -> Iterator[Shift]:
    """All shifts of a region that begin on the rota's day.

    Args:
        handle_ms: what a call takes a nurse on the mean, breaks included.
        load: of the calls that are expected.
    """
    kinds = kind_of(day), kind_of(day + timedelta(days=1))
    pieces = _pieces(kinds, region.population, handle_ms, load)
    for index, (level, begin, end) in enumerate(pieces):
        number = RESERVED + 1 + 2 * index + day.toordinal() % 2
        seat = seat_of(region.code, number, versatility=level)
        yield Shift(seat, _moment_ms(day, begin), _moment_ms(day, end))


def _moment_ms(day: date, hours: int) -> int:
    """So many hours after the day's beginning, by the clocks on the wall."""
    begin = datetime(day.year, day.month, day.day, DAY_BEGINS_HOUR)  # noqa: DTZ001 - wall time
    local = (begin + timedelta(hours=hours)).replace(tzinfo=sweden())
    return int(local.timestamp()) * 1000


@lru_cache(maxsize=1_000)
def _pieces(
    kinds: tuple[DayKind, DayKind], population: int, handle_ms: int, load: float
) -> tuple[tuple[int, int, int], ...]:
    """Level, first hour and last of each shift, in hours from the day's beginning."""
    first, second = (_planned(kind, population, load) for kind in kinds)
    calls = first[DAY_BEGINS_HOUR:] + second[:DAY_BEGINS_HOUR]
    needed = [
        nurses_needed(rate * handle_ms / _HOUR_MS, handle_ms, WAIT_MS_MAX, OCCUPANCY_MAX)
        for rate in calls
    ]
    return tuple(
        (level, begin, end)
        for level in range(max(needed))
        for row in _rows([hour for hour, nurses in enumerate(needed) if nurses > level])
        for begin, end in _cut(*row)
    )


def _planned(kind: DayKind, population: int, load: float) -> CallsPerHour:
    if kind is DayKind.MONDAY:
        return calls_on(DayKind.WEEKDAY, population, load * MONDAY_PLANNED)
    return calls_on(kind, population, load)


def _rows(hours: list[int]) -> list[tuple[int, int]]:
    """From and to of each row of hours, gaps filled and short rows made longer."""
    rows: list[tuple[int, int]] = []
    for hour in hours:
        if rows and hour - rows[-1][1] <= GAP_HOURS_MAX:
            rows[-1] = (rows[-1][0], hour + 1)
        else:
            # A row cannot be so short that nobody would come for it.
            begin = min(hour, _DAY_HOURS - SHIFT_HOURS_MIN)
            begin = max(begin, rows[-1][1]) if rows else begin
            rows.append((begin, max(hour + 1, begin + SHIFT_HOURS_MIN)))
    return [(begin, min(end, _DAY_HOURS)) for begin, end in rows]


def _cut(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Shifts of about the same length, none too long."""
    parts = ceil((end - begin) / SHIFT_HOURS_MAX)
    edges = [begin + (end - begin) * part // parts for part in range(parts + 1)]
    yield from pairwise(edges)
