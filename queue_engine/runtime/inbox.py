"""What was handed to the deciding loop and is not answered yet."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from queue_engine.core.commands import Command
from queue_engine.core.errors import Refused
from queue_engine.core.record import Origin, Record


@dataclass(slots=True)
class Asked:
    """One command, and who waits for what comes of it."""

    command: Command
    answer: asyncio.Future[Record | None]
    origin: Origin | None = None
    result: Record | Refused | None = None

    def give(self) -> None:
        """What came of it, to whoever waits still."""
        if self.answer.done():
            return
        if isinstance(self.result, Refused):
            self.answer.set_exception(self.result)
        else:
            self.answer.set_result(self.result)
