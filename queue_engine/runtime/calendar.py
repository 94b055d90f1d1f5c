"""Tells the core which time windows are on: the only place where time zones and holidays count.

The contract:

1. Levels, not edges: all windows are told at the start and again in each new hour, the others as
   soon as they change. A level that the core has already is no event, so repeating is free.
2. A window that goes on is told before one that goes off at the same moment: a ring that the one
   hands to the other is not closed in between.
3. The calendar follows the wall clock, not the engine's, which takes hours to follow a step (a
   machine that was suspended, a clock that was wrong at boot). It looks at least once a minute,
   so that it is right again within a minute of any step, in either direction.
4. A refused command is repeated a second later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from queue_engine.core.commands import Command, SetWindow
from queue_engine.core.errors import Refused
from queue_engine.runtime.windows import TimeWindow, next_change, windows_on

_log = logging.getLogger(__name__)

HOUR_MS: Final = 3_600_000
LOOK_MS_MAX: Final = 60_000
RETRY_MS: Final = 1_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class Calendar:
    """Keeps the core's windows as the calendar says, until `run` is cancelled.

    Args:
        windows: of different names.
        submit: has a command decided; without a deadline, because the next look waits for it
            anyway and then goes by the clock as it is.
        now_ms: the wall clock, in milliseconds since 1970.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        windows: Iterable[TimeWindow],
        submit: Callable[[Command], Awaitable[object]],
        now_ms: Callable[[], int],
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._windows = tuple(windows)
        self._submit = submit
        self._now_ms = now_ms
        self._sleep = sleep
        self._left_out: set[str] = set()
        """Windows of former configurations."""
        self._told: dict[str, bool] = {}
        self._told_hour: int | None = None

    def renew(self, windows: Iterable[TimeWindow]) -> None:
        """Goes by these windows from the next `tell` on; one that is left out goes off."""
        self._left_out |= {window.name for window in self._windows}
        self._windows = tuple(windows)
        self._told.clear()

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
        levels = dict.fromkeys(self._left_out, False) | windows_on(self._windows, moment)
        # Unequal rather than past: a clock set back makes a new hour too.
        if now_ms // HOUR_MS != self._told_hour:
            self._told_hour = now_ms // HOUR_MS
            self._told.clear()
        news = [name for name, is_on in levels.items() if self._told.get(name) is not is_on]
        for name in sorted(news, key=lambda name: not levels[name]):
            await self._tell_one(name, levels[name])
        if self._told != levels:
            return now_ms + RETRY_MS
        change = next_change(self._windows, moment)
        latest_ms = now_ms + LOOK_MS_MAX
        return latest_ms if change is None else min(latest_ms, (change - _EPOCH) // _MILLISECOND)

    async def _tell_one(self, name: str, is_on: bool) -> None:
        try:
            await self._submit(SetWindow(name, is_on))
        except Refused as refused:
            _log.warning("window %s is not told, it will be again: %s", name, refused)
        else:
            self._told[name] = is_on
