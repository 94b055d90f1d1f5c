"""Rules on talks and the work after them.

House rules: those of `policy`, whose part this is; a rule that is left out is as if there were
none.
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
    care_levels: tuple[str, ...] = ()
    """The codes that a disposition may have; where none are given any code may stand."""
    urgencies: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()


AS_EVER: Final = TalkPolicy()
"""As if there were no such rules."""


def talk_problems(talks: TalkPolicy) -> Iterator[str]:
    """Yields every fault of these rules as a sentence; none: they may be loaded."""
    if talks.wrap_up_prolonged_ms_max < 0:
        yield "talks: wrap_up_prolonged_ms_max: must not be negative"
    for name in ("care_levels", "urgencies", "causes"):
        codes: tuple[str, ...] = getattr(talks, name)
        if len(set(codes)) != len(codes):
            yield f"talks: {name}: a code is given twice"
