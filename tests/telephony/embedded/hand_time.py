"""Time in a test's hands."""

from __future__ import annotations

import asyncio
import heapq


class HandTime:
    """A clock that goes to the next sleeper's moment whenever everybody sleeps."""

    def __init__(self) -> None:
        self.ms = 0
        self.slept: list[int] = []
        self._sleepers: list[tuple[int, int, asyncio.Event]] = []

    async def sleep_ms(self, wait_ms: int) -> None:
        """Until `pass_ms` has come so far."""
        self.slept.append(wait_ms)
        woken = asyncio.Event()
        heapq.heappush(self._sleepers, (self.ms + wait_ms, len(self.slept), woken))
        await woken.wait()

    async def pass_ms(self, wait_ms: int) -> None:
        """Time passes, sleeper by sleeper."""
        until_ms = self.ms + wait_ms
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= until_ms:
            self.ms, _, woken = heapq.heappop(self._sleepers)
            woken.set()
            await self._settle()
        self.ms = until_ms

    async def _settle(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)
