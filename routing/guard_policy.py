"""When a region's queue is too long to take one more: the overload guard.

House rules: those of `policy`, whose part this is. Refusing is the last resort: what is not
medical is refused first, by the region's own expected wait; only a queue of `waiting_max` refuses
others too, and never one who is more pressing than most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from routing.limits import Levels


@dataclass(frozen=True, slots=True)
class GuardRule:
    """What closes a region's queue."""

    own_wait: Levels | None = None
    """The region's own expected wait: above it what is not medical is refused; None: nothing."""
    waiting_max: int = 0
    """With so many waiting whatever is not pressing is refused; 0: nothing."""


NO_GUARD: Final = GuardRule()


def guard_problems(guard: GuardRule, where: str) -> Iterator[str]:
    """Yields every fault as a sentence; none: it may be loaded."""
    if guard.own_wait is not None:
        yield from guard.own_wait.problems(f"{where}: guard", least=1)
    if guard.waiting_max < 0:
        yield f"{where}: guard: waiting_max: must not be negative"
