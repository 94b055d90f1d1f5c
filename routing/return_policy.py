"""Rules on callers who come back: after a misused emergency key, a lost call, again and again.

House rules: those of `policy`, whose part this is; a rule that is left out is as if there were
none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from routing.vocabulary import Priority

REDIAL_MS_MAX: Final = 15 * 60 * 1000
"""So long an ended contact is kept."""
REPEAT_CALLS_MAX: Final = 10
REPEAT_MS_MAX: Final = 96 * 60 * 60 * 1000
"""So long it can be known that the same caller rang."""


@dataclass(frozen=True, slots=True)
class ReturnPolicy:
    """What becomes of those who come back."""

    misuse_priority: Priority = Priority.STANDARD
    """Of an emergency that was none, unless the nurse gives another."""
    redial_within_ms: int = 0
    """A new call so soon after one that ended without help continues it; 0: none does."""
    repeat_calls: int = 0
    """Whoever rings so often within `repeat_within_ms` is raised; 0: nobody is."""
    repeat_within_ms: int = REPEAT_MS_MAX


NO_RETURNS: Final = ReturnPolicy()
"""As if there were no such rules."""


def return_problems(returns: ReturnPolicy) -> Iterator[str]:
    """Yields every fault of these rules as a sentence; none: they may be loaded."""
    if returns.misuse_priority is Priority.EMERGENCY:
        yield "returns: misuse_priority: what is no emergency needs another priority"
    if not 0 <= returns.redial_within_ms <= REDIAL_MS_MAX:
        yield f"returns: redial_within_ms: must be 0 to {REDIAL_MS_MAX}"
    if not 0 <= returns.repeat_calls <= REPEAT_CALLS_MAX or returns.repeat_calls == 1:
        yield f"returns: repeat_calls: must be 0, or 2 to {REPEAT_CALLS_MAX}"
    if not 0 < returns.repeat_within_ms <= REPEAT_MS_MAX:
        yield f"returns: repeat_within_ms: must be 1 to {REPEAT_MS_MAX}"
