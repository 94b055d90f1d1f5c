"""The calendar's contract, with a clock that only moves when the calendar sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from queue_engine.core.commands import CloseLine, Command, OpenLine, SetWindow
from queue_engine.core.engine import Engine
from queue_engine.core.errors import EngineStopped, Refused
from queue_engine.runtime.calendar import HOUR_MS, LOOK_MS_MAX, RETRY_MS, Calendar
from queue_engine.runtime.windows import TimeWindow, WindowDays
from routing.vocabulary import LineId

NIGHT = TimeWindow("night", WindowDays.EVERY_DAY, 22 * 60, 7 * 60)
OFFICE = TimeWindow("office", WindowDays.NON_HOLIDAY_WEEKDAY, 7 * 60, 16 * 60)
BOTH = (NIGHT, OFFICE)
SWEDEN = ZoneInfo("Europe/Stockholm")


def ms(text: str) -> int:
    moment = datetime.fromisoformat(text).replace(tzinfo=SWEDEN)
    return round(moment.timestamp() * 1000)


def level_of(command: Command) -> tuple[str, bool]:
    if isinstance(command, SetWindow):
        return command.window, command.is_on
    assert isinstance(command, OpenLine | CloseLine)
    return f"line {command.line_id}", isinstance(command, OpenLine)


class Enough(Exception):
    """The world has run for as long as the test wants."""


class World:
    """A wall clock, and a core that notes what it is told and when."""

    def __init__(self, begin: str, end: str) -> None:
        self.now = ms(begin)
        self.end = ms(end)
        self.waits: list[int] = []
        self.told: list[tuple[str, str, bool]] = []
        self.levels: dict[str, bool] = {}
        self.on_wait: Callable[[int], None] = lambda number: None
        self.on_submit: Callable[[int], None] = lambda number: None
        self._submits = 0

    def now_ms(self) -> int:
        return self.now

    async def sleep(self, seconds: float) -> None:
        wait_ms = round(seconds * 1000)
        self.waits.append(wait_ms)
        self.now += wait_ms
        self.on_wait(len(self.waits))
        if self.now >= self.end:
            raise Enough

    async def submit(self, command: Command) -> None:
        name, is_on = level_of(command)
        self._submits += 1
        self.on_submit(self._submits)
        local = datetime.fromtimestamp(self.now / 1000, UTC).astimezone(SWEDEN)
        self.told.append((f"{local:%d %H:%M:%S}", name, is_on))
        self.levels[name] = is_on

    def calendar(self, *windows: TimeWindow) -> Calendar:
        return Calendar(windows, self.submit, self.now_ms, sleep=self.sleep)

    async def run(self, *windows: TimeWindow) -> None:
        with pytest.raises(Enough):
            await self.calendar(*windows).run()

    async def run_lines(self, *windows: TimeWindow, **hours: tuple[TimeWindow, ...]) -> None:
        lines = {LineId(line): each for line, each in hours.items()}
        with pytest.raises(Enough):
            await Calendar(windows, self.submit, self.now_ms, hours=lines, sleep=self.sleep).run()

    def news(self) -> list[tuple[str, str, bool]]:
        """What was told and differed from what had been told before."""
        known: dict[str, bool] = {}
        found = []
        for at, name, is_on in self.told:
            if known.get(name) is not is_on:
                found.append((at, name, is_on))
            known[name] = is_on
        return found


async def test_all_levels_are_told_at_the_start() -> None:
    world = World("2026-11-20 12:34:56", "2026-11-20 12:40")
    await world.run(*BOTH)
    assert world.told == [("20 12:34:56", "office", True), ("20 12:34:56", "night", False)]


async def test_changes_are_told_on_time_and_on_comes_before_off() -> None:
    world = World("2026-11-20 05:59:30.250", "2026-11-20 22:30")
    await world.run(*BOTH)
    assert world.news() == [
        ("20 05:59:30", "night", True),
        ("20 05:59:30", "office", False),
        ("20 07:00:00", "office", True),
        ("20 07:00:00", "night", False),
        ("20 16:00:00", "office", False),
        ("20 22:00:00", "night", True),
    ]


async def test_a_change_between_two_full_hours_is_told_at_its_minute_and_alone() -> None:
    lunch = TimeWindow("lunch", WindowDays.EVERY_DAY, 11 * 60 + 17, 12 * 60 + 40)
    world = World("2026-11-20 11:10:00", "2026-11-20 11:50")
    await world.run(lunch, NIGHT)
    assert world.told == [
        ("20 11:10:00", "lunch", False),
        ("20 11:10:00", "night", False),
        ("20 11:17:00", "lunch", True),
    ]


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        ("2026-11-20 00:00", "2026-11-21 00:00", 24),
        ("2026-10-25 00:00", "2026-10-26 00:00", 25),
        ("2027-03-28 00:00", "2027-03-29 00:00", 23),
    ],
)
async def test_all_levels_are_told_anew_each_hour(begin: str, end: str, hours: int) -> None:
    world = World(begin, end)
    await world.run(*BOTH)
    told_full = [at for at, _, _ in world.told if at.endswith(":00:00")]
    assert len(told_full) == len(world.told) == hours * len(BOTH)
    assert (world.end - ms(begin)) == hours * HOUR_MS


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("2026-10-24 21:30", "2026-10-25 07:30", ["24 22:00:00", "25 07:00:00"]),
        ("2027-03-27 21:30", "2027-03-28 07:30", ["27 22:00:00", "28 07:00:00"]),
        ("2026-12-31 21:30", "2027-01-01 07:30", ["31 22:00:00", "01 07:00:00"]),
    ],
)
async def test_nights_of_all_lengths(begin: str, end: str, expected: list[str]) -> None:
    world = World(begin, end)
    await world.run(NIGHT)
    assert [at for at, _, _ in world.news()][1:] == expected


async def test_no_wait_is_longer_than_a_minute_or_goes_past_a_change() -> None:
    world = World("2026-11-20 06:58:30", "2026-11-20 07:10")
    await world.run(NIGHT)
    assert world.waits[:3] == [LOOK_MS_MAX, 30_000, LOOK_MS_MAX]
    assert max(world.waits) == LOOK_MS_MAX


@pytest.mark.parametrize(
    ("begin", "stepped_to", "is_night"),
    [
        ("2026-11-20 12:00", "2026-11-20 23:15", True),
        ("2026-11-20 23:00", "2026-11-20 12:15", False),
        ("2026-11-20 12:00", "2026-11-25 03:15", True),
        ("2026-11-20 23:00", "1970-01-01 12:15", False),
    ],
)
async def test_a_step_of_the_wall_clock_is_followed_within_a_minute(
    begin: str, stepped_to: str, is_night: bool
) -> None:
    world = World(begin, "2026-11-30 00:00")
    seen: list[bool] = []

    def step(number: int) -> None:
        if number == 5:
            seen.append(world.levels["night"])
            world.now = ms(stepped_to)
        if number == 6:
            assert world.waits[-1] <= LOOK_MS_MAX
            seen.append(world.levels["night"])
            raise Enough

    world.on_wait = step
    await world.run(NIGHT)
    assert seen == [not is_night, is_night]


async def test_after_a_step_back_all_levels_are_told_anew() -> None:
    world = World("2026-11-20 12:30", "2026-11-20 12:40")

    def step(number: int) -> None:
        if number == 2:
            world.now = ms("2026-11-20 11:45")
        if number == 3:
            raise Enough

    world.on_wait = step
    await world.run(NIGHT)
    assert world.told == [("20 12:30:00", "night", False), ("20 11:45:00", "night", False)]


async def test_a_step_back_while_the_core_is_asked_does_not_prolong_the_wait() -> None:
    world = World("2026-11-20 12:00", "2026-11-20 12:05")

    def step(number: int) -> None:
        if number == 1:
            world.now = ms("2026-11-20 03:00")

    def stop(number: int) -> None:
        if number == 2:
            raise Enough

    world.on_submit = step
    world.on_wait = stop
    await world.run(NIGHT)
    assert world.waits[0] == LOOK_MS_MAX
    assert world.levels == {"night": True}


async def test_a_change_while_the_core_is_asked_is_told_next_without_a_wait() -> None:
    world = World("2026-11-20 06:59:59", "2026-11-20 07:05")

    def slow(number: int) -> None:
        if number == 1:
            world.now += 10_000

    world.on_submit = slow
    await world.run(NIGHT)
    assert world.waits[0] == 0
    assert world.told[:2] == [("20 07:00:09", "night", True), ("20 07:00:09", "night", False)]


async def test_a_timer_that_is_early_does_not_turn_a_window_early() -> None:
    world = World("2026-11-20 06:59:30", "2026-11-20 07:05")

    def early(number: int) -> None:
        if number == 1:
            world.now -= 3

    world.on_wait = early
    await world.run(NIGHT)
    assert world.waits[:2] == [30_000, 3]
    assert world.news() == [("20 06:59:30", "night", True), ("20 07:00:00", "night", False)]


async def test_what_is_refused_is_told_again_a_second_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World("2026-11-20 12:00", "2026-11-20 12:10")

    def refuse(number: int) -> None:
        if number in (1, 3):
            raise Refused("overloaded", "too many commands are waiting")

    world.on_submit = refuse
    await world.run(*BOTH)
    assert world.told == [("20 12:00:00", "night", False), ("20 12:00:02", "office", True)]
    assert world.waits[:3] == [RETRY_MS, RETRY_MS, LOOK_MS_MAX]
    assert caplog.messages == 2 * [
        "window office is not told, it will be again: too many commands are waiting"
    ]


async def test_the_end_of_the_engine_is_passed_on() -> None:
    world = World("2026-11-20 12:00", "2026-11-20 12:10")

    def stop(number: int) -> None:
        raise EngineStopped("the engine has stopped")

    world.on_submit = stop
    with pytest.raises(EngineStopped):
        await world.calendar(NIGHT).run()


async def test_it_can_be_cancelled_while_it_waits() -> None:
    world = World("2026-11-20 12:00", "2026-11-20 12:10")
    waits = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.set()
        await asyncio.Event().wait()

    calendar = Calendar([NIGHT], world.submit, world.now_ms, sleep=sleep)
    task = asyncio.create_task(calendar.run())
    async with asyncio.timeout(5):
        await waits.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_told_once_before_it_runs_it_does_not_repeat_itself() -> None:
    world = World("2026-11-20 12:00", "2026-11-20 12:10")
    calendar = world.calendar(*BOTH)
    await calendar.tell()
    assert world.levels == {"night": False, "office": True}
    with pytest.raises(Enough):
        await calendar.run()
    assert len(world.told) == len(BOTH)


async def test_without_windows_it_waits_and_tells_nothing() -> None:
    world = World("2026-11-20 12:00", "2026-11-20 14:00")
    await world.run()
    assert world.told == []
    assert len(world.waits) == 120


async def test_the_core_journals_changes_only() -> None:
    world = World("2026-11-20 21:30", "2026-11-21 07:30")
    engine = Engine()
    records = []

    async def submit(command: Command) -> None:
        if (record := engine.handle(command, world.now)) is not None:
            records.append((record.command, engine.state.windows["night"]))

    calendar = Calendar([NIGHT], submit, world.now_ms, sleep=world.sleep)
    with pytest.raises(Enough):
        await calendar.run()
    calendar.forget()  # whoever decides anew tells all, and nothing comes of what is known
    await calendar.tell()
    assert records == [(SetWindow("night", True), True), (SetWindow("night", False), False)]


async def test_new_windows_hold_from_the_next_look_and_one_left_out_goes_off() -> None:
    world = World("2026-11-20 12:00", "2026-11-20 12:10")
    calendar = world.calendar(OFFICE)
    await calendar.tell()
    assert world.levels == {"office": True}
    calendar.renew([NIGHT])
    await calendar.tell()
    assert world.levels == {"office": False, "night": False}
    calendar.renew(BOTH)
    await calendar.tell()
    assert world.levels == {"office": True, "night": False}


LUNCH_APART = (
    TimeWindow("", WindowDays.NON_HOLIDAY_WEEKDAY, 8 * 60, 12 * 60),
    TimeWindow("", WindowDays.NON_HOLIDAY_WEEKDAY, 13 * 60, 17 * 60),
)


async def test_a_line_is_open_in_any_of_its_hours_and_each_change_is_told_on_time() -> None:
    world = World("2026-11-20 07:00", "2026-11-20 18:00")
    await world.run_lines(hamnen=LUNCH_APART)
    assert world.news() == [
        ("20 07:00:00", "line hamnen", False),
        ("20 08:00:00", "line hamnen", True),
        ("20 12:00:00", "line hamnen", False),
        ("20 13:00:00", "line hamnen", True),
        ("20 17:00:00", "line hamnen", False),
    ]
    assert len(world.told) == 11, "told again in each new hour"


async def test_a_line_stays_closed_on_a_holiday_and_opens_by_the_clocks_after_their_change() -> (
    None
):
    world = World("2026-12-24 06:00", "2026-12-28 09:00")
    await world.run_lines(hamnen=LUNCH_APART)
    assert [at for at, _, is_open in world.news() if is_open] == ["28 08:00:00"]
    spring = World("2026-03-27 18:00", "2026-03-30 09:00")
    await spring.run_lines(hamnen=LUNCH_APART)
    assert [at for at, _, is_open in spring.news() if is_open] == ["30 08:00:00"]


async def test_what_opens_is_told_before_what_closes_windows_and_lines_alike() -> None:
    world = World("2026-11-20 06:59", "2026-11-20 07:01")
    early = TimeWindow("", WindowDays.EVERY_DAY, 7 * 60, 8 * 60)
    late = TimeWindow("", WindowDays.EVERY_DAY, 6 * 60, 7 * 60)
    await world.run_lines(NIGHT, first=(early,), last=(late,))
    assert world.told[-3:] == [
        ("20 07:00:00", "line first", True),
        ("20 07:00:00", "night", False),
        ("20 07:00:00", "line last", False),
    ]


async def test_a_line_whose_hours_are_left_out_is_open_again() -> None:
    world = World("2026-11-21 12:00", "2026-11-22 12:00")
    hours = {LineId("hamnen"): LUNCH_APART, LineId("kullen"): LUNCH_APART}
    calendar = Calendar((), world.submit, world.now_ms, hours=hours, sleep=world.sleep)
    await calendar.tell()
    assert world.levels == {"line hamnen": False, "line kullen": False}
    calendar.renew((), {LineId("kullen"): LUNCH_APART})
    await calendar.tell()
    assert world.levels == {"line hamnen": True, "line kullen": False}
    calendar.renew(())
    await calendar.tell()
    assert world.levels == {"line hamnen": True, "line kullen": True}
