"""What people are going to do, and when: one heap and one task for the whole country.

House rules: people need no better than a quarter of a second. The heap is looked at so often, by
the engine's clock and whatever its speed, so that nothing planned ever has to wake anybody. What
fails in a happening ends `run`: it is our own fault.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from typing import Final, Protocol

TICK_MS: Final = 250
_IN_A_ROW: Final = 50
"""So many are done before others in the process get their turn."""


class Clock(Protocol):
    """The engine's clock."""

    @property
    def speed(self) -> float:
        """How much faster it goes than the wall."""
        ...

    def now_ms(self) -> int:
        """Milliseconds since 1970; never less than what was said before."""
        ...

    async def sleep_ms(self, wait_ms: int, /) -> None:
        """Waits so many milliseconds of this clock."""
        ...


class Happening:
    """Something planned; `cancel` it and it does not happen."""

    __slots__ = ("_act",)

    def __init__(self, act: Callable[[], None]) -> None:
        self._act: Callable[[], None] | None = act

    def cancel(self) -> None:
        """It will not happen. Harmless if it has."""
        self._act = None

    def happen(self) -> None:
        """It happens now, if it was not cancelled; once."""
        act, self._act = self._act, None
        if act is not None:
            act()


class Happenings:
    """Everything planned, by the engine's clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock: Final = clock
        self._heap: list[tuple[int, int, Happening]] = []
        self._planned = 0

    def __len__(self) -> int:
        """How many are planned, those that were cancelled and whose time has not come included."""
        return len(self._heap)

    @property
    def late_ms(self) -> int:
        """How far what should have happened by now is behind; about a tick if all is well."""
        return max(0, self.clock.now_ms() - self._heap[0][0]) if self._heap else 0

    def at(self, at_ms: int, act: Callable[[], None]) -> Happening:
        """It happens then, or at the next look if that is past; of one moment's, the first first.

        `act` must not wait.
        """
        happening = Happening(act)
        self._planned += 1
        heapq.heappush(self._heap, (at_ms, self._planned, happening))
        return happening

    def after(self, wait_ms: int, act: Callable[[], None]) -> Happening:
        """It happens so much later."""
        return self.at(self.clock.now_ms() + wait_ms, act)

    async def run(self) -> None:
        """Lets everything happen at its time, until cancelled.

        Raises:
            Exception: whatever a happening raised.
        """
        while True:
            await self.clock.sleep_ms(TICK_MS)
            done, now_ms = 0, self.clock.now_ms()
            while self._heap and self._heap[0][0] <= now_ms:
                heapq.heappop(self._heap)[2].happen()
                done += 1
                if done % _IN_A_ROW == 0:
                    await asyncio.sleep(0)
