"""Commands of other nodes, at the node that decides: taken in their order, each decided once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Never, Protocol

from queue_engine.core.codec import decode_command
from queue_engine.core.commands import Command
from queue_engine.core.errors import AppendRefused, BadInput, JournalError, Refused
from queue_engine.core.record import Origin, Record
from queue_engine.journal.redis_commands import FIRST, CommandAnswer, SentCommand
from queue_engine.runtime.asking import ANSWER_S

_log = logging.getLogger(__name__)

BLOCK_MS: Final = 500
"""So long one look at the stream waits. Where the way to Redis takes long, it stands there most of
the time and not on its way."""
AGE_MS_MAX: Final = round((ANSWER_S - 1) * 1000)
"""Whoever sent an older one has given it up, or will before he is answered."""
RETRY_S: Final = 0.2


class SubmitFor(Protocol):
    """Has a command decided that another node was given; `Driver.submit` is one."""

    def __call__(self, command: Command, origin: Origin) -> Awaitable[Record | None]:
        """See `Driver.submit`."""


class Answering:
    """Takes commands while this node decides.

    Args:
        read: the commands that are in the stream; waits so many milliseconds for one.
        answer: answers, and lets all commands go up to an entry.
        submit: has one decided.
        number: the last record now.
        told: called with each answer, and with each record that answers a command, before others
            are told: this node may have asked itself, before it decided.
    """

    def __init__(
        self,
        *,
        read: Callable[[int], Awaitable[Sequence[SentCommand]]],
        answer: Callable[[str, Sequence[CommandAnswer]], Awaitable[None]],
        submit: SubmitFor,
        number: Callable[[], int],
        told: Callable[[CommandAnswer | Record], None],
    ) -> None:
        self._read = read
        self._answer = answer
        self._submit = submit
        self._number = number
        self._told = told
        self._decided: dict[str, int] = {}
        """Of each start the last one that was decided here, in a record or not."""

    async def run(self) -> Never:
        """Takes them until cancelled.

        Raises:
            AppendRefused: another node decides.
            EngineStopped: nothing is decided here any more.
        """
        is_away = False
        while True:
            try:
                sent = await self._read(BLOCK_MS)
            except JournalError as fault:
                if not is_away:
                    _log.error("commands of other nodes are not heard: %s", fault)
                is_away = True
                await asyncio.sleep(RETRY_S)
                continue
            is_away = False
            if sent:
                # Each goes into the inbox before the next one begins: their order is kept.
                decided = await asyncio.gather(*(self._decide(one) for one in sent))
                await self._tell(sent[-1].entry, [one for one in decided if one is not None])

    def claim(self, origin: Origin) -> bool:
        """Whether whoever asks is to decide this command: it has not been taken from the stream,
        and nothing comes of it, or of an earlier one, if it is found there later."""
        if origin.count <= self._decided.get(origin.start, 0):
            return False
        self._decided[origin.start] = origin.count
        return True

    async def _decide(self, sent: SentCommand) -> CommandAnswer | None:
        """What to answer; None: a record says it, or it has been said."""
        origin = sent.origin
        if not self.claim(origin):
            return None
        if sent.age_ms > AGE_MS_MAX:
            return self._refused(origin, Refused("too_late", "nobody decided in time"))
        try:
            record = await self._submit(decode_command(sent.data), origin)
        except BadInput as fault:
            return self._refused(origin, Refused("unknown_command", str(fault)))
        except Refused as refused:
            return self._refused(origin, refused)
        if record is None:
            return CommandAnswer(origin, self._number())
        self._told(record)
        return None

    def _refused(self, origin: Origin, why: Refused) -> CommandAnswer:
        return CommandAnswer(origin, self._number(), why.code, str(why))

    async def _tell(self, until: str, answers: Sequence[CommandAnswer]) -> None:
        for answer in answers:
            self._told(answer)
        is_told = False
        while True:
            try:
                await self._answer(until, answers)
            except AppendRefused:
                raise
            except JournalError as fault:
                if not is_told:
                    _log.error("answers wait here: %s", fault)
                is_told = True
                # Redis may have been emptied, with its clock behind: then what is there up to that
                # entry is new. What is there still of these is found again, and is in `_decided`.
                until = FIRST
                await asyncio.sleep(RETRY_S)
            else:
                return
