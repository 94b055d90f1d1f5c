"""Scenarios with dates: weekdays by name, holidays as Sundays, seasons."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from queue_engine.config.problems import ConfigError
from simulations.scenario.arrivals import calls
from simulations.scenario.calendar import ScenarioCalendar
from simulations.scenario.model import DAY_MS, HOUR_MS
from simulations.scenario.replications import jobs_of, run_all
from simulations.scenario.whole import whole
from simulations.scenario_report.page import report
from tests.simulations.scenario_files import result_of, scenario_of

WEEK = [count for day in range(1, 8) for count in [float(day)] * 24]
DATED = f"""\
length: 21 days
calendar: {{starts: 2026-12-21}}
callers: {{handling: {{exponential: 6 min}}, patience: {{exponential: 10 min}}}}
regions:
  north: {{calls_per_hour: {WEEK}, nurses: {[round(count) for count in WEEK]}}}
"""
MON, WED, SUN = 0, 2, 6


def weekday_like(starts: date, day: date) -> int:
    at_ms = (day - starts).days * DAY_MS + 5 * HOUR_MS
    like_ms = ScenarioCalendar(starts).like_ms(at_ms)
    assert like_ms % DAY_MS == 5 * HOUR_MS
    return like_ms // DAY_MS


@pytest.mark.parametrize(
    ("day", "like"),
    [
        ("2026-12-23", WED),
        ("2026-12-24", SUN),  # Christmas Eve, a Thursday
        ("2026-12-25", SUN),
        ("2026-12-26", 5),  # a Saturday already
        ("2026-12-28", MON),
        ("2026-12-31", SUN),
        ("2027-01-01", SUN),
        ("2027-01-06", SUN),  # Epiphany, a Wednesday
        ("2027-01-07", MON),  # a Thursday after a day off
        ("2027-01-08", 4),
        ("2027-05-06", SUN),  # Ascension
        ("2027-05-17", MON),  # Whit Monday is a weekday
        ("2028-02-29", 1),
    ],
)
def test_each_day_is_like_one_of_a_week_without_holidays(day: str, like: int) -> None:
    assert weekday_like(date(2026, 12, 21), date.fromisoformat(day)) == like


def test_without_dates_a_week_is_a_week() -> None:
    calendar = ScenarioCalendar()
    assert [calendar.like_ms(day * DAY_MS) for day in range(9)] == [d * DAY_MS for d in range(9)]
    assert calendar.times(40 * DAY_MS) == 1.0


def test_calls_and_nurses_go_by_the_days(tmp_path: Path) -> None:
    came = Counter(call.arrived_ms // DAY_MS for call in calls(scenario_of(DATED, tmp_path), 1))
    days = [date(2026, 12, 21) + timedelta(days=number) for number in range(21)]
    expected = [24 * (1 + weekday_like(days[0], day)) for day in days]
    for number, calls_expected in enumerate(expected):
        assert came[number] == pytest.approx(calls_expected, abs=5 * calls_expected**0.5), number
    found = result_of(DATED, tmp_path)
    minutes = sum(calls_expected * 60 for calls_expected in expected)
    assert found["total"]["staffed_minutes"] == pytest.approx(minutes, rel=0.03)


def test_the_report_calls_the_days_by_their_names(tmp_path: Path) -> None:
    text = DATED.replace("21 days", "7 days").replace("2026-12-21", "2026-12-23")
    scenario = scenario_of(text, tmp_path)
    told = whole(scenario, ["alone"], run_all(scenario, jobs_of(["alone"], 1, 1)))
    page = report(told)
    shown = [page.index(f">{day}<") for day in ("ons", "tor", "fre", "lör", "sön", "mån", "tis")]
    assert shown == sorted(shown)


@pytest.mark.parametrize("calls_per_hour", ["20", str([20.0] * 24)])
def test_seasons(calls_per_hour: str, tmp_path: Path) -> None:
    months = [2, 1, 1, 1, 1, 0, 0.5, 1, 1, 1, 1, 1]
    text = f"""\
length: 365 days
calendar: {{starts: 2026-01-01, months: {months}}}
callers: {{handling: {{exponential: 6 min}}}}
regions: {{north: {{calls_per_hour: {calls_per_hour}, nurses: 1}}}}
"""
    came = Counter(
        (date(2026, 1, 1) + timedelta(days=call.arrived_ms // DAY_MS)).month
        for call in calls(scenario_of(text, tmp_path), 1)
    )
    assert came[6] == 0
    for month, times in enumerate(months, 1):
        days = 28 if month == 2 else 30 if month in (4, 6, 9, 11) else 31
        assert came[month] == pytest.approx(20 * 24 * days * times, rel=0.04), month


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("{starts: yesterday}", "expected a day such as 2026-12-21, from 2005 to 2200"),
        ("{starts: 1066-10-14}", "expected a day such as 2026-12-21"),
        ("{months: [1]}", '"starts" is missing'),
        ("{starts: 2026-12-21, months: [1, 2]}", "expected 12 numbers, January first, found 2"),
    ],
)
def test_what_is_no_calendar_is_told(said: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=fault):
        scenario_of(DATED.replace("{starts: 2026-12-21}", said), tmp_path)
