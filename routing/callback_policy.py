"""Rules on callers who are rung back instead of waiting on the line.

House rules: those of `policy`, whose part this is. Being rung back changes nobody's place: it says
only how long the promise lasts and what becomes of one who does not answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

CALLBACK_WITHIN_MS_MAX: Final = 24 * 60 * 60 * 1000
CALLBACK_TRIES_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class CallbackPolicy:
    """What is promised to one who asks to be rung back, and how he is rung."""

    within_ms: int = 0
    """He is promised an answer within this from asking; 0: nobody is rung back."""
    dial_ms: int = 45_000
    """So long his phone rings and he is asked to press a key, at most."""
    retry_after_ms: tuple[int, ...] = (5 * 60_000, 15 * 60_000)
    """How long he rests after each time that he was not reached; after one more it is over."""


NO_CALLBACKS: Final = CallbackPolicy()
"""Nobody is rung back."""


def callback_problems(callbacks: CallbackPolicy) -> Iterator[str]:
    """Yields every fault of these rules as a sentence; none: they may be loaded."""
    if not 0 <= callbacks.within_ms <= CALLBACK_WITHIN_MS_MAX:
        yield f"callbacks: within_ms: must be 0 to {CALLBACK_WITHIN_MS_MAX}"
    if callbacks.dial_ms <= 0:
        yield "callbacks: dial_ms: must be more than 0"
    if len(callbacks.retry_after_ms) >= CALLBACK_TRIES_MAX:
        yield f"callbacks: retry_after_ms: at most {CALLBACK_TRIES_MAX} tries in all"
    if any(after_ms <= 0 for after_ms in callbacks.retry_after_ms):
        yield "callbacks: retry_after_ms: each must be more than 0"
