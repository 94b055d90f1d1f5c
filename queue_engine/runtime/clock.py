"""The engine's clock: never steps, never goes back, slews at most 1 % towards the wall.

At start it is the larger of the wall clock and the last record. A wall clock that is set anew
while the engine runs is followed slowly; waits and deadlines stay true to what people felt.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

SLEW_MAX: Final = 100
"""One part in so many."""


class Clock:
    """Milliseconds since 1970.

    Args:
        floor_ms: the moment of the last record: the clock starts no earlier.
        wall_ns, monotonic_ns: where the time comes from.
    """

    def __init__(
        self,
        floor_ms: int = 0,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall_ns = wall_ns
        self._monotonic_ns = monotonic_ns
        self._read_ns = monotonic_ns()
        self._now_ns = max(floor_ms * 1_000_000, wall_ns())

    def now_ms(self) -> int:
        """The moment now; never less than what was said before."""
        read_ns = self._monotonic_ns()
        passed_ns = read_ns - self._read_ns
        self._read_ns = read_ns
        slew_max_ns = passed_ns // SLEW_MAX
        behind_ns = self._wall_ns() - (self._now_ns + passed_ns)
        self._now_ns += passed_ns + max(-slew_max_ns, min(slew_max_ns, behind_ns))
        return self._now_ns // 1_000_000


def wall_ms() -> int:
    """The wall clock, for what hangs on the hours of the day; it may be set at any time."""
    return time.time_ns() // 1_000_000
