"""Callers come as they should, and nurses work their shifts."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import pytest

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.record import Record
from routing.policy import MINUTE_MS, SECOND_MS
from routing.vocabulary import NotReadyReason
from simulations.callers import CallerHabits
from simulations.day import DailyWindow, Plan, run
from simulations.draws import Shape, Spread
from simulations.nurses import SHIFT_HOURS, NurseHabits, Shift, rota
from simulations.volumes import calls_per_hour
from simulations.world import HOUR_MS, MIDNIGHT_MS
from tests.simulations.scene import POLICY, REGION

PUNCTUAL = NurseHabits(misses=0, lateness=Spread(Shape.FIXED, 0))


def test_a_year_of_days_is_what_so_many_people_call() -> None:
    assert sum(calls_per_hour(1_000_000)) * 365 == pytest.approx(470_000)
    assert calls_per_hour(1_000, load=1.5)[9] == pytest.approx(1.5 * calls_per_hour(1_000)[9])


def test_calls_come_by_the_hour_of_the_day() -> None:
    rates = tuple(240.0 if hour in (9, 11) else 0.0 for hour in range(24))
    arrived_ms = list[int]()

    def follow(record: Record) -> None:
        if isinstance(record.command, cmd.EnqueueContact):
            arrived_ms.append(record.command.arrived_ms)

    habits = CallerHabits(menu=Spread(Shape.FIXED, 0))
    run(Plan(POLICY, {REGION: rates}, (), callers=habits), 1, 4, follow=[follow])
    by_hour = [(at_ms - MIDNIGHT_MS) // HOUR_MS for at_ms in arrived_ms]
    assert sorted(set(by_hour)) == [9, 11]
    assert len(by_hour) == pytest.approx(480, abs=4 * sqrt(480))


def test_who_gives_up_in_the_menu_never_had_a_place() -> None:
    habits = CallerHabits(patience=Spread(Shape.FIXED, 10), menu=Spread(Shape.FIXED, 10))
    report = run(Plan(POLICY, {REGION: (60.0,) * 24}, (), callers=habits), 1, 1)
    assert report.total.contacts_entered == 0


def test_a_rota_mans_every_hour_and_gives_the_busy_ones_more() -> None:
    shifts = rota({REGION: calls_per_hour(1_500_000)}, range(3, 30), 10 * MINUTE_MS, 30 * MINUTE_MS)
    manned = {
        hour: sum(shift.nurses for shift in shifts if shift.from_hour <= hour < shift.to_hour)
        for hour in range(3, 30)
    }
    assert all(manned.values())
    assert manned[3] == manned[27] < manned[9] < manned[18]
    assert [(shift.from_hour, shift.to_hour) for shift in shifts] == [(-2, 6), *SHIFT_HOURS]


def test_a_nurse_comes_rests_once_and_goes() -> None:
    told = list[tuple[int, str]]()

    def follow(record: Record) -> None:
        for event in record.events:
            if isinstance(event, ev.AgentSignedOn | ev.AgentBecameReady | ev.AgentSignedOff):
                told.append((record.at_ms, type(event).__name__))
            elif isinstance(event, ev.AgentBecameNotReady):
                assert event.reason is NotReadyReason.BREAK
                told.append((record.at_ms, "break"))

    shift = Shift(REGION, 9, 17, 1)
    run(Plan(POLICY, {REGION: (0.0,) * 24}, (shift,), nurses=PUNCTUAL), 1, 12, follow=[follow])
    assert [what for _, what in told] == [
        "AgentSignedOn",
        "AgentBecameReady",
        "break",
        "AgentBecameReady",
        "AgentSignedOff",
    ]
    at_ms = [moment_ms - MIDNIGHT_MS for moment_ms, _ in told]
    assert at_ms[0] == at_ms[1] == 9 * HOUR_MS
    assert 11 * HOUR_MS <= at_ms[2] <= 15 * HOUR_MS
    assert at_ms[3] - at_ms[2] == PUNCTUAL.break_ms
    assert at_ms[4] == 17 * HOUR_MS


def test_busy_nurses_rest_and_go_home_only_when_what_they_have_is_done() -> None:
    wrap_up_ms = 100 * SECOND_MS
    busy, rests = set[str](), list[str]()

    def follow(record: Record) -> None:
        for event in record.events:
            match event:
                case ev.ContactOffered():
                    busy.add(event.agent_id)
                case ev.WrapUpStarted() | ev.OfferRevoked():
                    busy.discard(event.agent_id)
                case ev.WrapUpEnded():
                    assert event.wrap_up_ms == wrap_up_ms, "what she wrote was cut short"
                case ev.AgentBecameNotReady():
                    assert event.agent_id not in busy
                    rests.append(event.agent_id)

    habits = replace(PUNCTUAL, wrap_up=Spread(Shape.FIXED, wrap_up_ms))
    shifts = (Shift(REGION, 8, 12, 4), Shift(REGION, 12, 16, 4))
    plan = Plan(POLICY, {REGION: (60.0,) * 24}, shifts, nurses=habits)
    report = run(plan, 2, 9, follow=[follow])
    assert len(rests) == len(set(rests)) == 8
    assert report.total.connected > 150
    assert report.total.abandoned > 0


def test_a_nurse_who_misses_rings_heals_once_and_later_has_to_notice_herself() -> None:
    told = list[tuple[int, str]]()

    def follow(record: Record) -> None:
        for event in record.events:
            if isinstance(event, ev.AgentBecameReady | ev.AgentBecameNotReady):
                told.append((record.at_ms, type(event).__name__))

    notices_ms = 130 * SECOND_MS
    habits = replace(PUNCTUAL, misses=1, notices=Spread(Shape.FIXED, notices_ms), break_ms=0)
    plan = Plan(POLICY, {REGION: (600.0,) * 24}, (Shift(REGION, 8, 12, 1),), nurses=habits)
    run(plan, 1, 1, follow=[follow])
    assert [what for _, what in told[1:6]] == ["AgentBecameNotReady", "AgentBecameReady"] * 2 + [
        "AgentBecameNotReady"
    ]
    away_ms = [told[2][0] - told[1][0], told[4][0] - told[3][0]]
    assert away_ms == [POLICY.no_answer_heals_ms, notices_ms]


@pytest.mark.parametrize(
    ("start", "end", "on", "off"),
    [(420, 960, (420, 700, 959), (419, 960, 0)), (1320, 420, (1320, 0, 419), (420, 1319))],
)
def test_a_window_is_on_from_its_start_until_its_end(
    start: int, end: int, on: tuple[int, ...], off: tuple[int, ...]
) -> None:
    window = DailyWindow("w", start, end)
    assert all(window.is_on(minute) for minute in on)
    assert not any(window.is_on(minute) for minute in off)


def test_windows_are_told_on_time_and_what_begins_comes_before_what_ends() -> None:
    told = list[tuple[int, str, bool]]()

    def follow(record: Record) -> None:
        for event in record.events:
            if isinstance(event, ev.WindowSet):
                told.append(((record.at_ms - MIDNIGHT_MS) // HOUR_MS, event.window, event.is_on))

    windows = (DailyWindow("night", 22 * 60, 7 * 60), DailyWindow("day", 7 * 60, 22 * 60))
    plan = Plan(POLICY, {REGION: (0.0,) * 24}, (), windows=windows, from_hour=6)
    run(plan, 1, 26, follow=[follow])
    assert told == [
        (6, "night", True),
        (7, "day", True),
        (7, "night", False),
        (22, "night", True),
        (22, "day", False),
        (31, "day", True),
        (31, "night", False),
    ]
