"""Rules on callers who come back: after a misused emergency key.

House rules: those of `policy`, whose part this is; a rule that is left out is as if there were
none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from routing.vocabulary import Priority


@dataclass(frozen=True, slots=True)
class ReturnPolicy:
    """What becomes of those who come back."""

    misuse_priority: Priority = Priority.STANDARD
    """Of an emergency that was none, unless the nurse gives another."""


NO_RETURNS: Final = ReturnPolicy()
"""As if there were no such rules."""


def return_problems(returns: ReturnPolicy) -> Iterator[str]:
    """Yields every fault of these rules as a sentence; none: they may be loaded."""
    if returns.misuse_priority is Priority.EMERGENCY:
        yield "returns: misuse_priority: what is no emergency needs another priority"
