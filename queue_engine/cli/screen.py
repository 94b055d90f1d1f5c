"""What the terminal can show: how wide it is, and whether in colour.

House rules: colour only says again what the words say; none when the output is piped, or where
`NO_COLOR` is set (no-color.org).
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import Final, Self, TextIO

COLUMNS_MAX: Final = 100
"""Wider lines are not easier to read."""
_COLUMNS_MIN: Final = 40


class Paint:
    """Puts words in colour, or leaves them as they are.

    Args:
        is_on: whether to.
    """

    def __init__(self, is_on: bool) -> None:
        self._is_on = is_on

    @classmethod
    def of_stdout(cls) -> Self:
        """As stdout can show it."""
        return cls(has_colour(sys.stdout))

    def bold(self, text: str) -> str:
        """A heading."""
        return self._in("1", text)

    def name(self, text: str) -> str:
        """What is to be typed as it stands."""
        return self._in("36", text)

    def good(self, text: str) -> str:
        """All is well."""
        return self._in("32", text)

    def doubtful(self, text: str) -> str:
        """Somebody should think about it."""
        return self._in("1;33", text)

    def bad(self, text: str) -> str:
        """Somebody must act."""
        return self._in("1;31", text)

    def _in(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._is_on else text


def can_draw(out: TextIO) -> bool:
    """Whether `out` is a terminal on which something can be drawn anew at the same place."""
    return out.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def has_colour(out: TextIO) -> bool:
    """Whether to write to `out` in colour."""
    return can_draw(out) and not os.environ.get("NO_COLOR")


def columns() -> int:
    """How wide text may be: the terminal, but at most `COLUMNS_MAX`; 80 when there is none."""
    return max(_COLUMNS_MIN, min(shutil.get_terminal_size().columns, COLUMNS_MAX))
