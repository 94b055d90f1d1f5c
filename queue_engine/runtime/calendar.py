"""Tells the core which time windows are on and which lines are open.

The only place where time zones and holidays count. The contract:

1. Levels, not edges: all are told at the start, to each state that is another one (`forget`) and
   again in each new hour, the others as soon as they change. A level that the core has already is
   no event, so repeating is free.
2. What goes on or opens is told before what goes off or closes at the same moment: a ring that one
   window hands to another is not closed in between. A line is open in any of its hours.
3. The calendar follows the wall clock, not the engine's, which takes hours to follow a step (a
   machine that was suspended, a clock that was wrong at boot). It looks at least once a minute,
   so that it is right again within a minute of any step, in either direction.
4. A refused command is repeated a second later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from queue_engine.core.commands import CloseLine, Command, OpenLine, SetWindow
from queue_engine.core.errors import Refused
from queue_engine.runtime.windows import TimeWindow, next_change, windows_on
from routing.vocabulary import LineId

_log = logging.getLogger(__name__)

HOUR_MS: Final = 3_600_000
LOOK_MS_MAX: Final = 60_000
RETRY_MS: Final = 1_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


Hours = Mapping[LineId, Iterable[TimeWindow]]
"""When lines are open; the windows' names are nothing to anybody."""


class _Level(NamedTuple):
    """What is told of."""

    is_line: bool
    name: str

    def command(self, is_on: bool) -> Command:
        if not self.is_line:
            return SetWindow(self.name, is_on)
        line_id = LineId(self.name)
        return OpenLine(line_id) if is_on else CloseLine(line_id)


class Calendar:
    """Keeps the core's windows and lines as the calendar says, until `run` is cancelled.

    Args:
        windows: of different names.
        submit: has a command decided; without a deadline, because the next look waits for it
            anyway and then goes by the clock as it is.
        now_ms: the wall clock, in milliseconds since 1970.
        hours: of the lines that are not always open.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        windows: Iterable[TimeWindow],
        submit: Callable[[Command], Awaitable[object]],
        now_ms: Callable[[], int],
        *,
        hours: Hours | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._windows = tuple(windows)
        self._hours = _tuples(hours or {})
        self._submit = submit
        self._now_ms = now_ms
        self._sleep = sleep
        self._left_out: dict[_Level, bool] = {}
        """What former configurations had, as it is without them: windows off, lines open."""
        self._told: dict[_Level, bool] = {}
        self._told_hour: int | None = None

    def renew(self, windows: Iterable[TimeWindow], hours: Hours | None = None) -> None:
        """Goes by these from the next `tell` on.

        A window that is left out goes off; a line whose hours are left out is open.
        """
        self._left_out |= {_Level(False, window.name): False for window in self._windows}
        self._left_out |= {_Level(True, line_id): True for line_id in self._hours}
        self._windows, self._hours = tuple(windows), _tuples(hours or {})
        self.forget()

    def forget(self) -> None:
        """Another state is told from the next `tell` on: all, for nobody knows what it has."""
        self._told = {}

    async def run(self) -> None:
        """Tells now, and whenever there is something to tell.

        Raises:
            EngineStopped: by `submit`.
            SamkoError: this machine has no time zone data.
        """
        while True:
            next_look_ms = await self.tell()
            wait_ms = min(max(0, next_look_ms - self._now_ms()), LOOK_MS_MAX)
            await self._sleep(wait_ms / 1000)

    async def tell(self) -> int:
        """Tells what the core does not know; the first time, all. When to look again.

        Await it once before `run` to have all windows right before anything else begins.

        Raises:
            EngineStopped: by `submit`.
            SamkoError: this machine has no time zone data.
        """
        now_ms = self._now_ms()
        moment = _EPOCH + now_ms * _MILLISECOND
        levels = self._left_out | self._levels(moment)
        # Unequal rather than past: a clock set back makes a new hour too.
        if now_ms // HOUR_MS != self._told_hour:
            self._told_hour = now_ms // HOUR_MS
            self.forget()
        news = [level for level, is_on in levels.items() if self._told.get(level) is not is_on]
        for level in sorted(news, key=lambda level: not levels[level]):
            await self._tell_one(level, levels[level])
        if self._told != levels:
            return now_ms + RETRY_MS
        hours = (window for windows in self._hours.values() for window in windows)
        change = next_change((*self._windows, *hours), moment)
        latest_ms = now_ms + LOOK_MS_MAX
        return latest_ms if change is None else min(latest_ms, (change - _EPOCH) // _MILLISECOND)

    def _levels(self, moment: datetime) -> dict[_Level, bool]:
        windows = windows_on(self._windows, moment)
        levels = {_Level(False, name): is_on for name, is_on in windows.items()}
        for line_id, hours in self._hours.items():
            is_open = any(windows_on([part], moment)[part.name] for part in hours)
            levels[_Level(True, line_id)] = is_open
        return levels

    async def _tell_one(self, level: _Level, is_on: bool) -> None:
        told = self._told  # an answer that comes once another state is told is not of that one
        try:
            await self._submit(level.command(is_on))
        except Refused as refused:
            what = "line" if level.is_line else "window"
            _log.warning("%s %s is not told, it will be again: %s", what, level.name, refused)
        else:
            told[level] = is_on


def _tuples(hours: Hours) -> dict[LineId, tuple[TimeWindow, ...]]:
    return {line_id: tuple(windows) for line_id, windows in hours.items()}
