"""The one hand that writes to the journal: in a thread of its own, or at once while that is quick.

A thread costs two wake-ups for each append, and beside an Asterisk that plays to hundreds of
callers each of them waits for a processor: several milliseconds, for a write to the disk that takes
a quarter of one. So a small append is made at once as long as the last one was quick. A disk that
becomes slow delays the loop by one append; all further ones wait for it in the thread. What is
asked over a network is asked in the thread alone: its answer may be lost at any time, and the loop
would stand still until it is given up.

What takes memory alone waits for nothing, whatever the thread is at.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from queue_engine.journal.base import Journal

QUICK_S: Final = 0.002
"""An append that took no longer lets the next one be made without the thread."""
HAS_S: Final = 2.0
"""So long it is waited for a record: an append may be on its way to a far Redis and back."""
AT_ONCE_RECORDS_MAX: Final = 20
"""More of them may take longer than the last append says."""

Keep = Callable[[int, Sequence[bytes]], bool]


class JournalHand:
    """Uses the journal, never twice at a time.

    Args:
        journal: opened; nobody else uses it from now on.
        now_s: by which it is told how long an append took.
        is_near: whether it is on this machine.
        keep: appends if that takes memory alone, and says whether it did; may be called while the
            thread uses the journal.
    """

    def __init__(
        self,
        journal: Journal,
        now_s: Callable[[], float] = time.monotonic,
        *,
        is_near: bool = True,
        keep: Keep = lambda expected_last, data: False,
    ) -> None:
        self._journal = journal
        self._now_s = now_s
        self._is_near = is_near
        self._keep = keep
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._under_way = 0
        self._used = asyncio.Event()
        self._took_s = QUICK_S + 1.0
        self.last = 0
        """The last record that the journal has."""
        self.keeps = False
        """Whether the last append took memory alone."""
        self.at_once = 0
        """Appends that were made without the thread."""

    async def append(self, expected_last: int, data: Sequence[bytes]) -> None:
        """Appends; as `Journal.append`.

        Raises:
            AppendRefused, JournalError: as the journal says.
        """
        self.keeps = self._keep(expected_last, data)
        is_quick = self._took_s <= QUICK_S and len(data) <= AT_ONCE_RECORDS_MAX
        if not self.keeps and not (is_quick and self._is_near and not self._under_way):
            await self.call(self._append, expected_last, data)
            return
        if self.keeps:
            self.last = expected_last + len(data)
        else:
            self.at_once += 1
            self._append(expected_last, data)
        self._tell_used()

    async def has(self, number: Callable[[], int]) -> bool:
        """Waits until the journal has the record of that number, asked for anew after each use of
        the journal; False: not within `HAS_S`.

        Who waited goes on before whoever appended: nothing has been decided since.
        """
        if self.last >= number():
            return True  # nearly always: no timer for it
        try:
            async with asyncio.timeout(HAS_S):
                while self.last < number():
                    await self._used.wait()
        except TimeoutError:
            return False
        return True

    async def call(self, call: Callable[..., Any], *args: object) -> Any:
        """Calls in the thread; waits even when cancelled."""
        self._under_way += 1
        work = asyncio.get_running_loop().run_in_executor(self._thread, call, *args)
        work.add_done_callback(self._done)
        # Cancelling must not let the loop go on while the thread still writes.
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait([work])
            work.exception()  # taken: whoever was cancelled does not ask for it any more
            raise

    def close(self) -> None:
        """Ends the thread; the journal stays as it is."""
        self._thread.shutdown()

    def _append(self, expected_last: int, data: Sequence[bytes]) -> None:
        began_s = self._now_s()
        try:
            self._journal.append(expected_last, data)
        finally:
            self._took_s = self._now_s() - began_s
        self.last = expected_last + len(data)

    def _done(self, _work: object) -> None:
        self._under_way -= 1
        self._tell_used()

    def _tell_used(self) -> None:
        self._used.set()  # wakes those who wait now, and nobody later
        self._used.clear()
