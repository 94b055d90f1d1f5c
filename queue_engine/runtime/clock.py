"""The engine's clock: never steps, never goes back, slews at most 1 % towards the wall.

At start it is the larger of the wall clock and the last record. A wall clock that is set anew
while the engine runs is followed slowly; waits and deadlines stay true to what people felt.

With the embedded telephone network it may go faster than the wall, up to `SPEED_MAX` times: then it
follows no wall, and whoever waits for a moment of it asks it how long that is in real seconds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

SLEW_MAX: Final = 100
"""One part in so many."""
SPEED_MAX: Final = 60.0
_LOOK_S: Final = 0.25
"""So soon at the latest a sleeper notices that the speed has changed."""


class Clock:
    """Milliseconds since 1970.

    Args:
        floor_ms: the moment of the last record: the clock starts no earlier.
        wall_ns, monotonic_ns: where the time comes from.
        speed: as `set_speed`, which see for what it raises.
    """

    def __init__(
        self,
        floor_ms: int = 0,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
        *,
        speed: float = 1.0,
    ) -> None:
        self._wall_ns = wall_ns
        self._monotonic_ns = monotonic_ns
        self._read_ns = monotonic_ns()
        self._now_ns = max(floor_ms * 1_000_000, wall_ns())
        self._speed = _checked(speed)

    @property
    def speed(self) -> float:
        """How much faster it goes than the wall."""
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Goes so many times as fast from now on.

        Raises:
            ValueError: not between 1 and `SPEED_MAX`.
        """
        _checked(speed)
        self.now_ms()
        self._speed = speed

    def now_ms(self) -> int:
        """The moment now; never less than what was said before."""
        read_ns = self._monotonic_ns()
        passed_ns = read_ns - self._read_ns
        self._read_ns = read_ns
        if self._speed == 1.0:
            slew_max_ns = passed_ns // SLEW_MAX
            behind_ns = self._wall_ns() - (self._now_ns + passed_ns)
            passed_ns += max(-slew_max_ns, min(slew_max_ns, behind_ns))
        else:
            passed_ns = int(passed_ns * self._speed)
        self._now_ns += passed_ns
        return self._now_ns // 1_000_000

    def real_seconds(self, wait_ms: int) -> float:
        """How long `wait_ms` of this clock take at the present speed."""
        return wait_ms / 1000 / self._speed

    async def sleep_ms(self, wait_ms: int) -> None:
        """Waits so many milliseconds of this clock, whatever the speed becomes meanwhile."""
        until_ms = self.now_ms() + wait_ms
        left_ms = max(0, wait_ms)
        while True:
            await asyncio.sleep(min(self.real_seconds(left_ms), _LOOK_S))
            left_ms = until_ms - self.now_ms()
            if left_ms <= 0:
                return


def wall_ms() -> int:
    """The wall clock, for what hangs on the hours of the day; it may be set at any time."""
    return time.time_ns() // 1_000_000


def uptime_s() -> float:
    """Seconds since boot, those included in which the machine was suspended."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _checked(speed: float) -> float:
    if not 1.0 <= speed <= SPEED_MAX:
        raise ValueError(f"speed {speed:g}: expected 1 to {SPEED_MAX:g}")
    return speed
