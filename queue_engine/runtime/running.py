"""What edges ask of the engine of this process, whether it decides or another node does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from queue_engine.core.commands import Command
from queue_engine.core.record import Record
from queue_engine.core.state import State
from queue_engine.runtime.feed import FEED_RECORDS_MAX, Feed


class RunningEngine(Protocol):
    """`Driver` is one; of several on one journal `serve.member.Member`."""

    @property
    def state(self) -> State:
        """To be read only, anew each time. Of the engine that decides it may be one append ahead
        of the journal."""

    async def journaled(self, record: int | None = None) -> bool:
        """Waits until the journal has all of `state`, or that record; False: not in time.

        Until whoever asked awaits something else, `state` stays as the journal has it.
        """

    def now_ms(self) -> int:
        """The moment now, by the engine's clock."""

    def beat(self) -> int:
        """A number that changes as long as some engine decides."""

    async def submit(self, command: Command) -> Record | None:
        """Has the command decided; its record once `state` holds it, None if nothing came of it.

        Raises:
            Refused: it cannot be carried out, or too much is waiting.
            EngineStopped: nobody decides.
        """

    def follow(self, name: str = "feed", records_max: int = FEED_RECORDS_MAX) -> Feed:
        """The records from now on."""

    def on_stall(self, call: Callable[[], None]) -> None:
        """`call` is called at each stall of this process, before anything is decided."""
