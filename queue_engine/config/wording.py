"""How problems put things: short, on one line, safe to print on any terminal."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable
from typing import Final

SHOWN_MAX: Final = 40
UNITS_MS: Final[dict[str, int]] = {"ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000}
"""The units that a time may be written in."""

_CLEAR_KEY: Final = re.compile(r"[\w-]{1,40}")
_COMPARED_MAX: Final = 64


def quoted(text: str) -> str:
    """`text` in double quotes, cut to `SHOWN_MAX` characters, without control characters."""
    shortened = text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 3] + "..."
    safe = json.dumps(shortened, ensure_ascii=False)
    return "".join(char if char.isprintable() else "?" for char in safe)


def key_shown(key: str) -> str:
    """A key as it is, or quoted where that would be unclear."""
    return key if _CLEAR_KEY.fullmatch(key) else quoted(key)


def placed(where: str, message: str) -> str:
    """The message after the place in the file that it is about, if it is about one."""
    return f"{where}: {message}" if where else message


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """`; did you mean "after"?` when one of the options is close to `word`, else nothing."""
    # Comparing costs the product of the lengths, and the word comes from outside.
    close = difflib.get_close_matches(word, options, n=1) if len(word) <= _COMPARED_MAX else []
    return f"; did you mean {quoted(close[0])}?" if close else ""


def time_shown(duration_ms: int) -> str:
    """A time in the largest unit that says it exactly, as it is written in a file.

    >>> time_shown(180_000), time_shown(90_000), time_shown(0)
    ('3 min', '90 s', '0 s')
    """
    for unit, unit_ms in reversed(UNITS_MS.items()):
        if duration_ms and duration_ms % unit_ms == 0:
            return f"{duration_ms // unit_ms} {unit}"
    return "0 s"
