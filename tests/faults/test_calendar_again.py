"""Who decides again within the hour tells the time to the state as it is now, and whoever begins an
island to its own: neither has what was told before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from queue_engine.runtime.calendar import Calendar
from queue_engine.runtime.windows import TimeWindow, WindowDays
from routing.vocabulary import LineId
from tests.faults.members import Engine, engines, hand_over, level, until
from tests.faults.test_island import with_links
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis

NIGHT = TimeWindow("night", WindowDays.EVERY_DAY, 22 * 60, 7 * 60)
HALL = LineId("hall")
HOURS = {HALL: (TimeWindow("hall", WindowDays.EVERY_DAY, 7 * 60, 22 * 60),)}
MINUTE_MS = 60_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path, "--appendfsync", "always") as server:
        yield server


class Wall:
    """A wall clock that stands still until it is set."""

    def __init__(self, at: str) -> None:
        self.ms = 0
        self.set(at)

    def set(self, at: str) -> None:
        day = datetime.fromisoformat(f"2026-11-20T{at}")
        self.ms = round(day.replace(tzinfo=ZoneInfo("Europe/Stockholm")).timestamp() * 1000)

    def tells(self, engine: Engine, behind_ms: int = 0) -> Calendar:
        """From now on the engine has a night and a line with hours, by this clock."""
        submit = engine.member.submit_here
        made = Calendar((NIGHT,), submit, lambda: self.ms - behind_ms, hours=HOURS)
        engine.member.calendar = made
        return made


def is_night(engine: Engine) -> tuple[bool, bool]:
    """Whether the window is on, and the line closed."""
    state = engine.member.state
    return state.is_window_on("night"), not state.is_line_open(HALL)


async def test_an_engine_that_was_an_island_over_a_change_tells_the_nation_too(
    server: RedisServer, tmp_path: Path
) -> None:
    wall = Wall("21:59")
    async with engines(server, tmp_path, 2) as found:
        first, second = found
        calendars = [wall.tells(engine) for engine in found]
        await calendars[0].tell()
        await with_links(first, second)
        assert not any(is_night(first))
        second.relay.cut()
        await first.die()
        found[0:1] = []
        wall.set("22:01")
        await until(lambda: bool(second.member.island), "it is an island")
        await until(lambda: all(is_night(second)), "the island is told of the night")
        second.relay.heal()
        await until(lambda: second.decides, "it decides for all")
        await until(lambda: all(is_night(second)), "the nation is told of the night")


async def test_an_island_is_told_what_the_nation_was_told_before(
    server: RedisServer, tmp_path: Path
) -> None:
    wall = Wall("21:59")
    async with engines(server, tmp_path, 2) as (first, second):
        for engine in (first, second):
            wall.tells(engine)
        await first.member.calendar.tell()
        await hand_over(server, second)  # which tells all in this hour
        await hand_over(server, first)
        await with_links(first, second)
        wall.tells(first, behind_ms=-2 * MINUTE_MS)
        await first.member.calendar.tell()
        await level([first, second])
        assert all(is_night(second)), "by the first one's clock"
        second.relay.cut()
        await until(lambda: bool(second.member.island), "it is an island")
        await until(lambda: not any(is_night(second)), "by its own clock it is 21:59 there")


async def test_who_decides_again_tells_what_another_clock_has_changed_meanwhile(
    server: RedisServer, tmp_path: Path
) -> None:
    wall = Wall("22:00:10")
    async with engines(server, tmp_path, 2) as (first, second):
        calendar = wall.tells(first)
        wall.tells(second, behind_ms=2 * MINUTE_MS)
        await calendar.tell()
        await level([first, second])
        assert all(is_night(first))
        await hand_over(server, second)
        await until(lambda: not any(is_night(second)), "its clock says 21:58")
        await hand_over(server, first)
        await until(lambda: all(is_night(first)), "it tells what is so by its own")
