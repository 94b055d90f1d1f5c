"""Commands of a node that does not decide: sent on in their order, and answered.

A record that names the command answers it; what is in no record is answered by a word of the
decider, which counts once this node holds all that the decider held then, so that whoever asks
next sees what he was told of.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Never

from queue_engine.core.codec import encode_command
from queue_engine.core.commands import Command
from queue_engine.core.errors import EngineStopped, JournalError, Refused
from queue_engine.core.record import Origin, Record
from queue_engine.journal.redis_commands import CommandAnswer

_log = logging.getLogger(__name__)

ASKED_MAX: Final = 20_000
SEND_MAX: Final = 500
"""At a time."""
ANSWER_S: Final = 15.0
"""Longer than nobody decides after a decider has died. A command without an answer by then is not
decided any more: its caller has been told."""
RETRY_S: Final = 0.2
AWAY_LOOK_S: Final = 0.05

Send = Callable[[Sequence[tuple[int, bytes]]], Awaitable[None]]
Submit = Callable[[Command, Origin], Awaitable[Record | None]]


@dataclass(frozen=True, slots=True)
class _Asked:
    command: Command
    answer: asyncio.Future[Record | None]


class Asking:
    """Asks for one start of a node.

    Args:
        start: the node's start.
        send: has these commands decided, each with its count; raises `JournalError` if it is not
            known whether they will be.
        number: the last record that this node holds.
    """

    def __init__(self, start: str, send: Send, number: Callable[[], int]) -> None:
        self.start: Final = start
        self._send = send
        self._number = number
        self._count = 0
        self._asked: dict[int, _Asked] = {}
        self._unsent: deque[tuple[int, bytes, float]] = deque()
        self._early: deque[CommandAnswer] = deque()
        """Answers to what was decided after records that are not here yet."""
        self._arrived = asyncio.Event()

    @property
    def is_asking(self) -> bool:
        """Whether anybody waits for an answer."""
        return bool(self._asked)

    async def ask(self, command: Command) -> Record | None:
        """Has the command decided elsewhere; its record, None if nothing came of it.

        Raises:
            Refused: it cannot be carried out, or too many are asked.
            EngineStopped: nobody has answered in time.
        """
        if len(self._asked) >= ASKED_MAX:
            raise Refused("overloaded", f"{ASKED_MAX} commands are asked already")
        self._count += 1
        count, loop = self._count, asyncio.get_running_loop()
        answer: asyncio.Future[Record | None] = loop.create_future()
        self._asked[count] = _Asked(command, answer)
        self._unsent.append((count, encode_command(command), loop.time()))
        self._arrived.set()
        try:
            async with asyncio.timeout(ANSWER_S):
                return await answer
        except TimeoutError:
            raise EngineStopped(f"no engine has decided in {ANSWER_S:g} s") from None
        finally:
            del self._asked[count]

    async def run(self) -> None:
        """Sends on until cancelled."""
        is_away = False
        while True:
            await self._arrived.wait()
            self._drop_old()
            batch = [(count, data) for count, data, _ in islice(self._unsent, SEND_MAX)]
            if not batch:
                self._arrived.clear()
                continue
            try:
                await self._send(batch)
            except JournalError as fault:
                if not is_away:
                    _log.error("commands wait here: %s", fault)
                is_away = True
                await asyncio.sleep(RETRY_S)
                continue
            is_away = False
            while self._unsent and self._unsent[0][0] <= batch[-1][0]:
                self._unsent.popleft()

    async def take_back(
        self, submit: Submit, is_left: Callable[[Origin], bool] = lambda origin: True
    ) -> bool:
        """Has all that nobody has answered decided by `submit`, in its order; none of it is sent.

        What was sent before may be decided elsewhere as well: nobody has heard of it.

        Args:
            is_left: asked of each, in their order; False: it is being decided already, and is
                answered as ever.

        Returns:
            Whether there was anything.
        """
        self._unsent.clear()
        self._early.clear()
        asked = [
            (origin, one.command)
            for count, one in self._asked.items()
            if not one.answer.done() and is_left(origin := Origin(self.start, count))
        ]
        await asyncio.gather(*(self._decide_here(*one, submit) for one in asked))
        return bool(asked)

    async def take_back_when(
        self, is_away: Callable[[], bool], submit: Submit, is_left: Callable[[Origin], bool]
    ) -> Never:
        """At a node that decides: what it asked before does not wait until whoever has it can be
        reached again, and neither does what it asks after that.

        Args:
            is_away: whether it cannot be reached.
            submit, is_left: see `take_back`.
        """
        while True:
            if not (is_away() and self._asked and await self.take_back(submit, is_left)):
                await asyncio.sleep(AWAY_LOOK_S)

    def folded(self, records: Iterable[Record]) -> None:
        """These records are here now."""
        for record in records:
            origin = record.origin
            if origin is not None and origin.start == self.start:
                self._settle(origin.count, record)
        while self._early and self._early[0].number <= self._number():
            self._take(self._early.popleft())

    def answered(self, answers: Iterable[CommandAnswer]) -> None:
        """The decider has said this, in this order."""
        for answer in answers:
            if answer.origin.start != self.start:
                continue
            if self._early or answer.number > self._number():
                self._early.append(answer)
            else:
                self._take(answer)

    async def _decide_here(self, origin: Origin, command: Command, submit: Submit) -> None:
        result: Record | Refused | EngineStopped | None
        try:
            result = await submit(command, origin)
        except (Refused, EngineStopped) as fault:
            result = fault
        self._settle(origin.count, result)

    def _take(self, answer: CommandAnswer) -> None:
        refused = Refused(answer.code, answer.message) if answer.code else None
        self._settle(answer.origin.count, refused)

    def _settle(self, count: int, result: Record | Refused | EngineStopped | None) -> None:
        asked = self._asked.get(count)
        if asked is None or asked.answer.done():
            return
        if isinstance(result, Refused | EngineStopped):
            asked.answer.set_exception(result)
        else:
            asked.answer.set_result(result)

    def _drop_old(self) -> None:
        oldest_s = asyncio.get_running_loop().time() - ANSWER_S
        while self._unsent and self._unsent[0][2] < oldest_s:
            self._unsent.popleft()
