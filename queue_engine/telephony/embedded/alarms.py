"""Many alarms on one clock: a heap and one task, however many calls there are."""

from __future__ import annotations

import asyncio
import heapq
import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

_log = logging.getLogger(__name__)

_SWEEP_FROM: Final = 1_000
"""So many alarms that were called off are worth a sweep, if they are most of the heap."""
_TURN_EVERY: Final = 64


@dataclass(slots=True, eq=False)
class Alarm:
    """One call of a function at a moment to come."""

    call: Callable[[], None] | None
    """None: it has gone off, or was called off."""
    of: Alarms


def call_off(alarm: Alarm | None) -> None:
    """The alarm will not go off. Harmless if it has, or if there is none."""
    if alarm is not None and alarm.call is not None:
        alarm.call = None
        alarm.of.note_called_off()


class Alarms:
    """Calls functions at moments of one clock.

    Args:
        now_ms: the clock.
        sleep_ms: waits so long by the same clock; may wake late, never early for good.
    """

    def __init__(
        self, now_ms: Callable[[], int], sleep_ms: Callable[[int], Awaitable[None]]
    ) -> None:
        self.now_ms: Final = now_ms
        self._sleep_ms = sleep_ms
        self._heap: list[tuple[int, int, Alarm]] = []
        """By moment; alarms of the same moment go off in the order in which they were set."""
        self._number = 0
        self._called_off = 0
        self._sleep: asyncio.Future[None] | None = None
        self._runner: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """How many are set."""
        return len(self._heap) - self._called_off

    def after(self, wait_ms: int, call: Callable[[], None]) -> Alarm:
        """Has `call` called in `wait_ms`, in the running event loop. It must not wait."""
        self._number += 1
        alarm = Alarm(call, self)
        heapq.heappush(self._heap, (self.now_ms() + max(0, wait_ms), self._number, alarm))
        if self._runner is None:
            self._runner = asyncio.create_task(self._run(), name="alarms")
        elif self._heap[0][2] is alarm and self._sleep is not None:
            self._sleep.cancel()  # earlier than all others
        return alarm

    def note_called_off(self) -> None:
        """For `call_off` alone."""
        self._called_off += 1
        if self._called_off > _SWEEP_FROM and 2 * self._called_off > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].call is not None]
            heapq.heapify(self._heap)
            self._called_off = 0

    async def close(self) -> None:
        """No alarm goes off any more."""
        self._heap.clear()
        self._called_off = 0
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.wait({self._runner})
            self._runner = None

    async def _run(self) -> None:
        while self._heap:
            wait_ms = self._heap[0][0] - self.now_ms()
            if wait_ms > 0:
                await self._until_woken(wait_ms)
                continue
            _, number, alarm = heapq.heappop(self._heap)
            self._go_off(alarm)
            if number % _TURN_EVERY == 0:
                await asyncio.sleep(0)  # everybody else's turn, should very many be due
        self._runner = None

    async def _until_woken(self, wait_ms: int) -> None:
        self._sleep = asyncio.ensure_future(self._sleep_ms(wait_ms))
        try:
            await asyncio.wait({self._sleep})
            if not self._sleep.cancelled():
                self._sleep.result()
        finally:
            self._sleep.cancel()
            self._sleep = None

    def _go_off(self, alarm: Alarm) -> None:
        call, alarm.call = alarm.call, None
        if call is None:
            self._called_off -= 1
            return
        try:
            call()
        except Exception as exc:  # noqa: BLE001 - one call's fault must not stop another's alarm
            where = "".join(traceback.format_tb(exc.__traceback__))
            _log.critical("an alarm failed: %s at\n%s", type(exc).__name__, where)
