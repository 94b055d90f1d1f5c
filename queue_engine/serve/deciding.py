"""What only the engine that decides does: it writes the journal, loads rules, tells the time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from queue_engine.core.commands import LoadPolicy
from queue_engine.core.snapshot import write_snapshot
from queue_engine.journal.base import Snapshot
from queue_engine.runtime.calendar import Calendar
from queue_engine.runtime.driver import Driver
from queue_engine.runtime.measuring import keep_measuring
from queue_engine.runtime.standby import Held
from queue_engine.serve.journal import OpenedJournal

RETRY_S: Final = 1.0


class Deciding:
    """The loop over an opened journal, and what goes on beside it.

    Args:
        kept: the journal.
        make_driver: makes the loop over it.
    """

    def __init__(self, kept: OpenedJournal, make_driver: Callable[[OpenedJournal], Driver]) -> None:
        self.kept = kept
        self.driver: Final = make_driver(kept)
        kept.journal.state_now = self._state_now
        kept.journal.moment_ms = lambda: self.driver.state.now_ms

    def _state_now(self) -> Snapshot:
        state = self.driver.state
        return Snapshot(state.record_number, write_snapshot(state))

    @property
    def is_degraded(self) -> bool:
        """Whether the last records are in memory only."""
        return self.kept.journal.is_degraded

    @property
    def degraded_since_ms(self) -> int | None:
        """The engine's moment since which records are in memory only; None: they are not."""
        degradation = self.kept.journal.degradation
        return None if degradation is None else degradation.since_ms

    async def start(self, held: Held | None = None) -> bool:
        """Makes the state whole.

        Args:
            held: what was folded while another engine decided.

        Returns:
            Whether it was gone on from there.

        Raises:
            JournalError: the journal cannot be read, or given what it lacks.
        """
        folded = None
        if held is not None:
            folded = await self.driver.hand.call(self.kept.resume, held)
        await self.driver.start(folded)
        return folded is not None

    async def settle_in(self, rules: LoadPolicy, calendar: Calendar) -> None:
        """Once the loop runs: nobody is offered under the wrong rules, windows or hours.

        Raises:
            Refused: the rules are not to be had.
            EngineStopped: the loop has ended.
        """
        await self.driver.submit(rules)
        calendar.forget()  # others may have told this state something else since, or an island
        await calendar.tell()

    def beside(self, calendar: Calendar) -> list[tuple[str, Coroutine[Any, Any, None]]]:
        """What must go on as long as the loop does, by name."""
        measuring = keep_measuring(self.driver.submit, self.driver.clock.sleep_ms)
        return [
            ("the calendar", calendar.run()),
            ("the measuring", measuring),
            ("the journal's retry", self._retry_journal()),
        ]

    async def _retry_journal(self) -> None:
        while True:
            await asyncio.sleep(RETRY_S)
            if self.is_degraded:
                await self.driver.hand.call(self.kept.retry)
