"""Rules on talks and the work after them.

House rules: those of `policy`, whose part this is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class TalkPolicy:
    """What agents may do with a talk, and what they may say of it afterwards."""

    wrap_up_prolonged_ms_max: int = 0
    """So long a wrap-up may last if its agent asks for more time; 0: none is given."""
    hold_recall_ms: int = 2 * 60_000
    """A caller on hold is called to mind after this, again and again."""
    care_levels: tuple[str, ...] = ()
    """The codes that a disposition may have; where none are given any code may stand."""
    urgencies: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()


AS_EVER: Final = TalkPolicy()
"""What holds if nothing is said of talks."""


def talk_problems(talks: TalkPolicy) -> Iterator[str]:
    """Yields every fault of these rules as a sentence; none: they may be loaded."""
    if talks.wrap_up_prolonged_ms_max < 0:
        yield "talks: wrap_up_prolonged_ms_max: must not be negative"
    if talks.hold_recall_ms <= 0:
        yield "talks: hold_recall_ms: must be more than 0"
    for name in ("care_levels", "urgencies", "causes"):
        codes: tuple[str, ...] = getattr(talks, name)
        if len(set(codes)) != len(codes):
            yield f"talks: {name}: a code is given twice"
