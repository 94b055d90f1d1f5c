"""Swedish and English: which text, and how numbers are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
HARD_SPACE: Final = "\N{NO-BREAK SPACE}"
MINUS: Final = "\N{MINUS SIGN}"
NOTHING: Final = "\N{EN DASH}"
"""Where there is nothing to tell."""

_BEFORE_UNIT: Final = re.compile(r"(?<=\d) (?=(?:%|min|s|h)(?!\w))")


@dataclass(frozen=True, slots=True)
class Language:
    """A language that the page is written in."""

    code: str
    name: str
    point: str
    comma: str
    """Between thousands."""

    def say(self, swedish: str, english: str) -> str:
        """The one of these that is in this language; a figure and its unit stay on one line."""
        text = swedish if self.code == "sv" else english
        return _BEFORE_UNIT.sub(HARD_SPACE, text)

    def number(self, value: float, digits: int = 0, *, sign: bool = False) -> str:
        """`12 345,6` or `12,345.6`; with a true minus."""
        text = f"{abs(value):,.{digits}f}"
        text = text.replace(",", "\0").replace(".", self.point).replace("\0", self.comma)
        is_nothing = not text.strip(f"0{self.point}")
        if value < 0 and not is_nothing:
            return MINUS + text
        return f"+{text}" if sign and not is_nothing else text

    def percent(self, share: float | None, width: float | None = None, digits: int = 1) -> str:
        """`84,5 %`, or with the half width of an interval `84,5 ± 1,2 %`."""
        if share is None:
            return NOTHING
        around = self._around(None if width is None else width * 100, digits)
        return f"{self.number(share * 100, digits)}{around}{HARD_SPACE}%"

    def points(self, share: float, width: float | None = None) -> str:
        """A difference of shares: `+3,2 ± 0,4`, in percentage points."""
        around = self._around(None if width is None else width * 100, 1)
        return f"{self.number(share * 100, 1, sign=True)}{around}"

    def clock(self, wait_ms: float | None, width_ms: float | None = None) -> str:
        """`3:25` (minutes, seconds), with its interval `3:25 ± 0:12`."""
        if wait_ms is None:
            return NOTHING
        around = "" if width_ms is None else f"{HARD_SPACE}±{HARD_SPACE}{_clock(width_ms)}"
        return f"{_clock(wait_ms)}{around}"

    def clock_change(self, wait_ms: float) -> str:
        """A difference of waits: `+0:12`."""
        whole = round(abs(wait_ms) / 1000)
        return ("" if not whole else "+" if wait_ms > 0 else MINUS) + _clock(abs(wait_ms))

    def wait(self, wait_ms: float) -> str:
        """In a sentence: `25 s`, `3 min 25 s`."""
        minutes, seconds = divmod(round(wait_ms / 1000), 60)
        parts = ([f"{minutes}{HARD_SPACE}min"] if minutes else []) + (
            [f"{seconds}{HARD_SPACE}s"] if seconds or not minutes else []
        )
        return HARD_SPACE.join(parts)

    def hours(self, minutes: float | None, *, sign: bool = False) -> str:
        """`12,5 h`, without a digit after the point from 100 on."""
        if minutes is None:
            return NOTHING
        digits = 0 if abs(minutes) >= 6_000 else 1
        return f"{self.number(minutes / 60, digits, sign=sign)}{HARD_SPACE}h"

    def listed(self, names: list[str]) -> str:
        """`a, b och c`."""
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self.say('och', 'and')} {names[-1]}"

    def _around(self, width: float | None, digits: int) -> str:
        if width is None:
            return ""
        return f"{HARD_SPACE}±{HARD_SPACE}{self.number(width, digits)}"


def _clock(wait_ms: float) -> str:
    minutes, seconds = divmod(round(wait_ms / 1000), 60)
    return f"{minutes}:{seconds:02}"


SWEDISH: Final = Language("sv", "Svenska", ",", HARD_SPACE)
ENGLISH: Final = Language("en", "English", ".", ",")
LANGUAGES: Final = (SWEDISH, ENGLISH)
