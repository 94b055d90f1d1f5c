"""The decider's moment, as well as a node that follows can know it.

Two machines never have the same time, and what is decided carries the decider's: how old an offer
is, and whether a caller came before a switch was asked, is told by that one clock only. A record
that is read says how far this node's clock is *ahead*, and by how much too far, namely as long as
it was on its way. So the least of the latest counts; what is said here is the decider's moment or
somewhat earlier, never later: early is harmless, late makes each offer an old one.

A record that may have lain unread for long (this node was cut off, or stood still) says nothing
but that its clock is no further ahead. The latest are few, so that a decider whose clock goes back,
or the next one, whose clock is another, is followed before what it offers would seem too old.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from queue_engine.core.record import Record
from queue_engine.runtime.clock import Clock

LATEST_MS: Final = 3_000
"""The records of so long count; where there was none the last one does."""
UNREAD_MS_MAX: Final = 3_000
"""Longer on its way is no record that is read at once: Redis may be 300 ms away, a wait takes one
second."""


class FollowedClock:
    """Milliseconds since 1970, by the clock of whoever decides.

    It may go back when that one is known better. Before the first record is read it is this
    machine's.

    Args:
        clock: this machine's.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._ahead_ms = 0
        self._latest: deque[tuple[int, int]] = deque()
        """When read and how far ahead then, of those behind which none says less."""
        self._had_all_ms: int | None = None

    def now_ms(self) -> int:
        """The moment now."""
        return self._clock.now_ms() - self._ahead_ms

    def has_all(self) -> None:
        """All that there is has been read: what is read next is written from now on."""
        self._had_all_ms = self._clock.now_ms()

    def read(self, records: Sequence[Record]) -> None:
        """These have just been read, in their order."""
        here_ms = self._clock.now_ms()
        ahead_ms = here_ms - records[-1].at_ms
        is_new = self._had_all_ms is not None and here_ms - self._had_all_ms <= UNREAD_MS_MAX
        if not is_new and ahead_ms >= self._ahead_ms:
            return
        while self._latest and self._latest[-1][1] >= ahead_ms:
            self._latest.pop()
        self._latest.append((here_ms, ahead_ms))
        while here_ms - self._latest[0][0] > LATEST_MS:
            self._latest.popleft()
        self._ahead_ms = self._latest[0][1]
