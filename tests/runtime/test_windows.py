"""Time windows: edges, nights of 23 and 25 hours, holidays, year ends, and a brute force."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate

import pytest
from hypothesis import example, given, settings, strategies as st

from queue_engine.runtime.swedish_days import is_non_holiday_weekday, sweden
from queue_engine.runtime.windows import (
    HORIZON_DAYS,
    TimeWindow,
    WindowDays,
    next_change,
    windows_on,
)
from tests.forms import examples

EVERY_DAY = WindowDays.EVERY_DAY
WEEKDAY = WindowDays.NON_HOLIDAY_WEEKDAY
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def window(clock: str, days: WindowDays = EVERY_DAY, name: str = "w") -> TimeWindow:
    """From `22:00-07:00`."""
    start, end = (time.fromisoformat(text) for text in clock.split("-"))
    return TimeWindow(name, days, start.hour * 60 + start.minute, end.hour * 60 + end.minute)


NIGHT = window("22:00-07:00")
OFFICE = window("07:00-16:00", WEEKDAY)


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=sweden(), fold=fold)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def is_on(one: TimeWindow, moment: datetime) -> bool:
    return windows_on([one], moment)[one.name]


def changes(one: TimeWindow, begin: datetime, end: datetime) -> list[str]:
    """What `next_change` leads through, in local time with the offset from UTC."""
    found = []
    moment = next_change([one], begin)
    while moment is not None and moment < end:
        told = moment.astimezone(sweden()).isoformat(timespec="minutes")
        found.append(f"{'on' if is_on(one, moment) else 'off'} {told}")
        moment = next_change([one], moment)
    return found


# --- edges ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-20 06:59:59.999", False),
        ("2026-11-20 07:00", True),
        ("2026-11-20 15:59:59.999", True),
        ("2026-11-20 16:00", False),
    ],
)
def test_a_window_is_on_from_its_start_until_just_before_its_end(at: str, expected: bool) -> None:
    assert is_on(OFFICE, local(at)) is expected


def test_each_window_is_told_by_its_name() -> None:
    three = [window("22:00-07:00", name="night"), window("07:00-16:00", WEEKDAY, "office")]
    assert windows_on(three, local("2026-11-20 12:00")) == {"night": False, "office": True}
    assert windows_on([], local("2026-11-20 12:00")) == {}


def test_moments_may_be_of_any_zone_but_not_of_none() -> None:
    moment = local("2026-07-01 22:00")
    assert moment.astimezone(UTC) == utc("2026-07-01 20:00")
    assert is_on(NIGHT, moment)
    assert is_on(NIGHT, moment.astimezone(UTC))
    assert not is_on(NIGHT, utc("2026-07-01 19:59"))
    with pytest.raises(AssertionError):
        windows_on([NIGHT], datetime(2026, 7, 1, 22))  # noqa: DTZ001  just this is wrong
    with pytest.raises(AssertionError):
        next_change([NIGHT], datetime(2026, 7, 1, 22))  # noqa: DTZ001


def test_a_window_of_24_hours_on_every_day_never_changes() -> None:
    always = window("08:00-08:00")
    for at in ("2026-11-20 08:00", "2026-11-20 07:59", "2026-10-25 02:30", "2026-12-31 23:59"):
        assert is_on(always, local(at))
        assert next_change([always], local(at)) is None


def test_a_window_of_24_hours_on_weekdays_rests_at_weekends() -> None:
    assert changes(window("08:00-08:00", WEEKDAY), local("2026-11-17 00:00"), local("2026-11-25"))[
        :2
    ] == ["off 2026-11-21T08:00+01:00", "on 2026-11-23T08:00+01:00"]


def test_the_next_change_is_that_of_the_window_that_changes_first() -> None:
    at = local("2026-11-20 12:00")
    assert next_change([NIGHT, OFFICE], at) == local("2026-11-20 16:00")
    assert next_change([OFFICE, NIGHT], local("2026-11-20 16:00")) == local("2026-11-20 22:00")
    assert next_change([], at) is None


# --- nights of 23 and 25 hours --------------------------------------------------------------


def test_the_night_of_the_long_day_lasts_ten_hours() -> None:
    assert changes(NIGHT, local("2026-10-24 12:00"), local("2026-10-25 12:00")) == [
        "on 2026-10-24T22:00+02:00",
        "off 2026-10-25T07:00+01:00",
    ]
    assert utc("2026-10-25 06:00") - utc("2026-10-24 20:00") == timedelta(hours=10)
    assert is_on(NIGHT, local("2026-10-25 02:30", fold=0))
    assert is_on(NIGHT, local("2026-10-25 02:30", fold=1))


def test_the_night_of_the_short_day_lasts_eight_hours() -> None:
    assert changes(NIGHT, local("2027-03-27 12:00"), local("2027-03-28 12:00")) == [
        "on 2027-03-27T22:00+01:00",
        "off 2027-03-28T07:00+02:00",
    ]
    assert utc("2027-03-28 05:00") - utc("2027-03-27 21:00") == timedelta(hours=8)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("02:30-05:00", ["on 2026-10-25T02:30+02:00", "off 2026-10-25T05:00+01:00"]),
        ("01:00-02:30", ["on 2026-10-25T01:00+02:00", "off 2026-10-25T02:30+02:00"]),
        ("02:15-02:45", ["on 2026-10-25T02:15+02:00", "off 2026-10-25T02:45+02:00"]),
        ("02:00-03:00", ["on 2026-10-25T02:00+02:00", "off 2026-10-25T03:00+01:00"]),
        ("03:00-04:00", ["on 2026-10-25T03:00+01:00", "off 2026-10-25T04:00+01:00"]),
    ],
)
def test_a_time_that_comes_twice_counts_once(clock: str, expected: list[str]) -> None:
    assert changes(window(clock), local("2026-10-25"), local("2026-10-26")) == expected


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("02:30-05:00", ["on 2027-03-28T03:00+02:00", "off 2027-03-28T05:00+02:00"]),
        ("01:00-02:30", ["on 2027-03-28T01:00+01:00", "off 2027-03-28T03:00+02:00"]),
        ("02:30-03:15", ["on 2027-03-28T03:00+02:00", "off 2027-03-28T03:15+02:00"]),
        ("02:00-03:00", []),
        ("03:00-04:00", ["on 2027-03-28T03:00+02:00", "off 2027-03-28T04:00+02:00"]),
    ],
)
def test_a_time_that_is_skipped_comes_with_the_change_of_the_clocks(
    clock: str, expected: list[str]
) -> None:
    assert changes(window(clock), local("2027-03-28"), local("2027-03-29")) == expected


# --- days -----------------------------------------------------------------------------------


def test_a_night_of_weekdays_is_named_by_the_day_on_which_it_begins() -> None:
    nights = window("22:00-07:00", WEEKDAY)
    # Good Friday is 3 April, Easter Monday the 6th.
    assert changes(nights, local("2026-04-01 12:00"), local("2026-04-08 12:00")) == [
        "on 2026-04-01T22:00+02:00",
        "off 2026-04-02T07:00+02:00",
        "on 2026-04-02T22:00+02:00",
        "off 2026-04-03T07:00+02:00",
        "on 2026-04-07T22:00+02:00",
        "off 2026-04-08T07:00+02:00",
    ]


def test_a_night_that_begins_on_friday_goes_on_until_saturday_morning() -> None:
    nights = window("22:00-07:00", WEEKDAY)
    assert is_on(nights, local("2026-11-21 06:59"))
    assert not is_on(nights, local("2026-11-22 06:59"))
    assert not is_on(nights, local("2026-11-22 22:00"))


def test_the_cooperation_hours_around_new_year() -> None:
    assert changes(OFFICE, local("2026-12-30"), local("2027-01-08")) == [
        "on 2026-12-30T07:00+01:00",
        "off 2026-12-30T16:00+01:00",
        "on 2027-01-04T07:00+01:00",
        "off 2027-01-04T16:00+01:00",
        "on 2027-01-05T07:00+01:00",
        "off 2027-01-05T16:00+01:00",
        "on 2027-01-07T07:00+01:00",
        "off 2027-01-07T16:00+01:00",
    ]


def test_the_cooperation_hours_around_midsummer() -> None:
    assert changes(OFFICE, local("2026-06-18 12:00"), local("2026-06-22 12:00")) == [
        "off 2026-06-18T16:00+02:00",
        "on 2026-06-22T07:00+02:00",
    ]


def test_the_new_years_night_goes_on_into_the_new_year() -> None:
    assert changes(NIGHT, local("2026-12-31 12:00"), local("2027-01-01 12:00")) == [
        "on 2026-12-31T22:00+01:00",
        "off 2027-01-01T07:00+01:00",
    ]
    nights = window("22:00-07:00", WEEKDAY)
    assert is_on(nights, local("2026-12-31 03:00"))
    assert not is_on(nights, local("2027-01-01 03:00"))


def test_the_next_change_is_found_over_the_longest_row_of_closed_days() -> None:
    # 24 December 2025 was a Wednesday: five days without a weekday.
    assert next_change([OFFICE], local("2025-12-23 16:00")) == local("2025-12-29 07:00")
    longest = row = 0
    day = date(2005, 1, 1)
    while day.year < 2105:
        row = 0 if is_non_holiday_weekday(day) else row + 1
        longest = max(longest, row)
        day += DAY
    assert longest == 5 < HORIZON_DAYS


# --- against a brute force ------------------------------------------------------------------


def watched(one: TimeWindow, first: datetime, minutes: int) -> list[bool]:
    """The level at each minute, found by watching a clock on a wall from three hours before on.

    What counts is the latest time that the clock has shown: set back, it says nothing new.
    """
    spans = []
    for days in range(-3, minutes // 1440 + 3):
        day = first.date() + days * DAY
        if one.days is EVERY_DAY or is_non_holiday_weekday(day):
            midnight = datetime.combine(day, time())
            length = (one.end_minute - one.start_minute - 1) % 1440 + 1
            begin = midnight + one.start_minute * MINUTE
            spans.append((begin, begin + length * MINUTE))
    shown = [
        (first + minute * MINUTE).astimezone(sweden()).replace(tzinfo=None)
        for minute in range(-180, minutes)
    ]
    latest = list(accumulate(shown, max))[180:]
    return [any(begin <= at < end for begin, end in spans) for at in latest]


LONG_NIGHT = utc("2026-10-24 12:00")
SHORT_NIGHT = utc("2027-03-27 12:00")
EASTER = utc("2026-04-02 00:00")
CHRISTMAS = utc("2026-12-23 00:00")
some_windows = st.builds(
    TimeWindow,
    st.just("w"),
    st.sampled_from(WindowDays),
    st.integers(0, 1439),
    st.integers(0, 1439),
)
night_windows = st.builds(
    TimeWindow, st.just("w"), st.just(EVERY_DAY), st.integers(60, 240), st.integers(60, 240)
)
some_days = st.one_of(
    st.sampled_from([LONG_NIGHT, SHORT_NIGHT, EASTER, CHRISTMAS]),
    st.datetimes(
        datetime(2026, 1, 1),  # noqa: DTZ001  hypothesis wants it so
        datetime(2040, 12, 31),  # noqa: DTZ001
        timezones=st.just(UTC),
    ).map(lambda moment: moment.replace(second=0, microsecond=0)),
)


@settings(max_examples=examples(5), deadline=None)
@given(st.one_of(some_windows, night_windows), some_days)
@example(window("22:00-07:00"), LONG_NIGHT)
@example(window("22:00-07:00"), SHORT_NIGHT)
@example(window("02:30-02:30"), LONG_NIGHT)
@example(window("02:30-02:30"), SHORT_NIGHT)
@example(window("02:30-02:15"), LONG_NIGHT)
@example(window("02:30-02:15"), SHORT_NIGHT)
@example(window("00:00-00:00", WEEKDAY), CHRISTMAS)
def test_levels_and_changes_are_those_of_a_watched_clock(one: TimeWindow, first: datetime) -> None:
    minutes = 30 * 60
    levels = watched(one, first, minutes)
    found = [is_on(one, first + minute * MINUTE) for minute in range(minutes)]
    assert found == levels

    turns = [minute for minute in range(1, minutes) if levels[minute] != levels[minute - 1]]
    for minute in {0, *(turn - 1 for turn in turns), *turns, *range(0, minutes, 317)}:
        later = next((turn for turn in turns if turn > minute), None)
        change = next_change([one], first + minute * MINUTE)
        if later is None:
            assert change is None or change >= first + minutes * MINUTE
        else:
            assert change == first + later * MINUTE


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([LONG_NIGHT, SHORT_NIGHT, EASTER]),
    st.integers(0, 1439),
    st.lists(st.integers(0, 1439), min_size=2, max_size=5, unique=True),
)
def test_windows_that_share_their_edges_leave_no_gap_and_no_overlap(
    first: datetime, minute: int, edges: list[int]
) -> None:
    edges.sort()
    ring = [
        TimeWindow(str(number), EVERY_DAY, start, end)
        for number, (start, end) in enumerate(zip(edges, edges[1:] + edges[:1], strict=True))
    ]
    levels = windows_on(ring, first + minute * MINUTE)
    assert sum(levels.values()) == 1
