"""Commands and answers on their way through Redis, each kind in a thread of its own.

None waits for another: whoever looks for commands waits for the next one most of the time.
"""

from __future__ import annotations

from collections.abc import Sequence

from queue_engine.journal.redis_commands import FIRST, CommandAnswer, RedisCommands, SentCommand
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.runtime.one_thread import OneThread


class RedisPost:
    """One node's.

    All raise `JournalError`: Redis cannot be reached.

    Args:
        place: of the journal.
        start: the node's.
    """

    def __init__(self, place: RedisPlace, start: str) -> None:
        self._start = start
        self._asks, self._takes = RedisCommands(place), RedisCommands(place)
        self._waits = RedisCommands(place)
        self._asking, self._taking = OneThread("asking"), OneThread("taking")
        self._waiting = OneThread("waiting")

    async def send(self, commands: Sequence[tuple[int, bytes]]) -> None:
        """Has these decided, each with its count."""
        await self._asking.call(self._asks.send, self._start, commands)

    async def read(self, block_ms: int) -> Sequence[SentCommand]:
        """The commands that nobody has answered; waits so long for one.

        They are read from the first one each time: what has been answered is there no more, and a
        Redis that was emptied while its clock is behind numbers what comes from before.
        """
        return await self._taking.call(self._takes.read, FIRST, block_ms)

    async def answer(self, until: str, answers: Sequence[CommandAnswer]) -> None:
        """Answers, and lets all commands go up to an entry."""
        await self._taking.call(self._takes.answer, self._start, until, answers)

    async def last_answer(self) -> str:
        """The entry of the last answer there is."""
        return await self._waiting.call(self._waits.last_answer)

    async def wait(
        self, number: int, after: str, block_ms: int
    ) -> tuple[str, Sequence[CommandAnswer]]:
        """Waits for records after that number, or answers after that entry; so long at most.

        Returns:
            the entry of the last answer, and the answers.
        """
        return await self._waiting.call(self._waits.wait, number, after, block_ms)

    def close(self) -> None:
        """Ends it, after what is under way."""
        for thread in (self._asking, self._taking, self._waiting):
            thread.close()
        for commands in (self._asks, self._takes, self._waits):
            commands.close()
