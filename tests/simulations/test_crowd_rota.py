"""How many call, how many nurses that takes, and who of them works when."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from queue_engine.config.load import Configuration
from routing.policy import MINUTE_MS
from routing.vocabulary import AgentId, RegionCode
from simulations.crowd.nurses import HANDLE_MS
from simulations.crowd.rota import (
    SHIFT_HOURS_MAX,
    Inhabited,
    Shift,
    day_begins_ms,
    rota_day,
    shifts_on,
)
from simulations.crowd.seats import RESERVED, crowd_region, reserved_seats, seat_of
from simulations.erlang import chance_of_waiting, mean_wait_ms, nurses_needed
from simulations.volumes import DayKind, calls_on, kind_of

HOUR_MS = 3_600_000
TUESDAY = date(2026, 11, 24)
WEEK = [TUESDAY + timedelta(days=days) for days in range(7)]


def everywhere(country: Configuration, day: date) -> list[Shift]:
    return [
        shift
        for region in country.regions
        for shift in shifts_on(Inhabited(region.code, region.population), day, HANDLE_MS)
    ]


@pytest.mark.parametrize(
    ("erlangs", "nurses", "expected"), [(2, 3, 0.4444), (8, 10, 0.4092), (20, 24, 0.2981)]
)
def test_erlang_c_is_as_in_the_tables(erlangs: float, nurses: int, expected: float) -> None:
    assert chance_of_waiting(erlangs, nurses) == pytest.approx(expected, abs=1e-4)


def test_the_least_number_of_nurses_is_the_least() -> None:
    needed = nurses_needed(10.0, 600_000, 2 * MINUTE_MS, 0.9)
    assert needed == 13
    assert mean_wait_ms(10.0, needed, 600_000) < 2 * MINUTE_MS < mean_wait_ms(10.0, 12, 600_000)
    assert nurses_needed(0.0, 600_000, MINUTE_MS, 0.9) == 1
    assert mean_wait_ms(3.0, 3, 600_000) == float("inf")


def test_a_year_has_about_as_many_calls_as_were_counted() -> None:
    by_kind = {kind: sum(calls_on(kind, 10_450_000)) for kind in DayKind}
    days = [date(2026, 1, 1) + timedelta(days=day) for day in range(365)]
    assert sum(by_kind[kind_of(day)] for day in days) == pytest.approx(4_900_000, rel=0.02)


def test_the_first_weekday_after_days_off_is_a_monday() -> None:
    assert kind_of(date(2026, 4, 7)) is DayKind.MONDAY  # a Tuesday: Easter Monday was before it
    assert kind_of(date(2026, 4, 6)) is DayKind.DAY_OFF
    assert kind_of(TUESDAY) is DayKind.WEEKDAY


def test_somebody_is_at_work_in_every_region_and_at_every_hour(country: Configuration) -> None:
    for day in WEEK:
        manned = Counter[tuple[RegionCode, int]]()
        for shift in everywhere(country, day):
            hours = range(shift.from_ms // HOUR_MS, shift.to_ms // HOUR_MS)
            assert 0 < len(hours) <= SHIFT_HOURS_MAX
            manned.update((shift.seat.region, hour) for hour in hours)
        begin = day_begins_ms(day) // HOUR_MS
        assert set(manned) == {
            (region.code, hour) for region in country.regions for hour in range(begin, begin + 24)
        }


def test_by_day_nurses_are_about_as_busy_as_planned(country: Configuration) -> None:
    nurse_hours = [
        hour
        for shift in everywhere(country, TUESDAY)
        for hour in range(shift.from_ms // HOUR_MS, shift.to_ms // HOUR_MS)
    ]
    begin = day_begins_ms(TUESDAY) // HOUR_MS
    population = sum(region.population for region in country.regions)
    calls = calls_on(DayKind.WEEKDAY, population)
    for hour in range(8, 20):
        at_work = nurse_hours.count(begin + hour - 6)
        assert 0.75 < calls[hour] * HANDLE_MS / HOUR_MS / at_work < 0.95, hour


def test_nobody_works_twice_a_day_or_two_days_running(country: Configuration) -> None:
    days = [[shift.seat.agent_id for shift in everywhere(country, day)] for day in WEEK]
    for agents in days:
        assert len(agents) == len(set(agents))
    for before, after in pairwise(days):
        assert not set(before) & set(after)


def test_the_seats_of_people_stay_free(country: Configuration) -> None:
    reserved = {seat.phone_id for region in country.regions for seat in reserved_seats(region.code)}
    assert len(reserved) == RESERVED * len(country.regions)
    for day in WEEK:
        assert not reserved & {shift.seat.phone_id for shift in everywhere(country, day)}


def test_a_seat_of_the_crowd_is_known_by_its_agent() -> None:
    region = RegionCode("14")
    assert seat_of(region, 3).agent_id == "n14-003"
    assert crowd_region(AgentId("n14-003")) == crowd_region(AgentId("n14-1203")) == region
    for somebody in ("n14-001", "n14-002", "n1401", "x14-003"):
        assert crowd_region(AgentId(somebody)) is None


def test_in_every_region_somebody_can_everything_at_every_hour(country: Configuration) -> None:
    best = seat_of(RegionCode("14"), 1).skills
    assert {skill.skill for skill in best} == {"advice", "child", "admin", "sv", "en"}
    shifts = list(shifts_on(Inhabited(RegionCode("09"), 61_001), TUESDAY, HANDLE_MS))
    able = [shift for shift in shifts if shift.seat.skills == best]
    hours = {hour for shift in able for hour in range(shift.from_ms, shift.to_ms, HOUR_MS)}
    assert len(hours) == 24


def test_before_six_it_is_still_yesterdays_rota() -> None:
    six_ms = day_begins_ms(TUESDAY)
    assert datetime.fromtimestamp(six_ms / 1000, UTC).hour == 5  # in Sweden 6, in winter
    assert rota_day(six_ms) == TUESDAY
    assert rota_day(six_ms - 1) == TUESDAY - timedelta(days=1)


def test_shifts_follow_the_clocks_on_the_wall_when_these_change() -> None:
    night_of_25_hours = date(2026, 10, 24)
    region = Inhabited(RegionCode("01"), 2_400_000)
    last = max(shift.to_ms for shift in shifts_on(region, night_of_25_hours, HANDLE_MS))
    assert last == day_begins_ms(night_of_25_hours + timedelta(days=1))
    assert last - day_begins_ms(night_of_25_hours) == 25 * HOUR_MS
