"""Parts of the day as the files write them: days, `from` and `to`, in Swedish local time."""

from __future__ import annotations

import re
from typing import Final

from queue_engine.config.source import Item
from queue_engine.runtime.windows import TimeWindow, WindowDays

TIME_OF_DAY: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


def read_window(name: str, item: Item) -> TimeWindow:
    """One part of the day."""
    window = item.section()
    return TimeWindow(
        name=name,
        days=window.need("days").choice(WindowDays),
        start_minute=_minute_of_day(window.need("from")),
        end_minute=_minute_of_day(window.need("to")),
    )


def _minute_of_day(item: Item) -> int:
    clock = item.matching(TIME_OF_DAY, 'a time of day such as "07:00"')
    return int(clock[:2]) * 60 + int(clock[3:]) if clock else 0
