"""Commands of other nodes: each decided once, and none taken away that has not been decided."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest

from queue_engine.core.codec import encode_command
from queue_engine.core.commands import Command, PassTime
from queue_engine.core.errors import JournalError
from queue_engine.core.record import Origin, Record
from queue_engine.journal.redis_commands import FIRST, CommandAnswer, SentCommand
from queue_engine.runtime import answering
from queue_engine.runtime.answering import Answering
from tests.patience import eventually

DATA = encode_command(PassTime())


class Stream:
    """That of commands, and whoever decides them. It is answered once so many tries have failed."""

    def __init__(self, *sent: SentCommand) -> None:
        self.sent = list(sent)
        self.fails = 0
        self.emptied_with: SentCommand | None = None
        """What is there alone after the first try to answer."""
        self.decided: list[Origin] = []
        self.untils: list[str] = []
        self.is_lagging = False
        """Whether a replica takes its place that has not heard of the first answer."""

    async def read(self, block_ms: int) -> Sequence[SentCommand]:
        await asyncio.sleep(0 if self.sent else 1)
        return tuple(self.sent)

    async def answer(self, until: str, answers: Sequence[CommandAnswer]) -> None:
        self.untils.append(until)
        if self.emptied_with is not None:
            self.sent, self.emptied_with = [self.emptied_with], None
        if self.fails:
            self.fails -= 1
            raise JournalError("nobody has the lease")
        if self.is_lagging:
            self.is_lagging = False
            return
        at = int(until.partition("-")[0])
        self.sent = [one for one in self.sent if int(one.entry.partition("-")[0]) > at]

    async def submit(self, command: Command, origin: Origin) -> Record | None:
        self.decided.append(origin)
        return None


def sent(at: int, count: int) -> SentCommand:
    return SentCommand(f"{at}-0", Origin("n1", count), 0, DATA)


async def taken(stream: Stream) -> None:
    """Runs until nothing is left in it."""
    found = Answering(
        read=stream.read,
        answer=stream.answer,
        submit=stream.submit,
        number=lambda: 0,
        told=lambda _: None,
    )
    running = asyncio.create_task(found.run())
    await eventually(lambda: not stream.sent, "nothing is left in it")
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_what_is_found_again_is_not_decided_again_and_leaves_the_stream() -> None:
    stream = Stream(sent(7, 1), sent(8, 2))
    stream.is_lagging = True
    await taken(stream)
    assert stream.decided == [Origin("n1", 1), Origin("n1", 2)]
    assert stream.untils == ["8-0", "8-0"]


async def test_what_comes_while_an_answer_is_not_taken_is_decided_in_any_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Redis was emptied, and numbers it from before what was decided."""
    monkeypatch.setattr(answering, "RETRY_S", 0)
    stream = Stream(sent(7, 1))
    stream.fails, stream.emptied_with = 1, sent(3, 2)
    await taken(stream)
    assert stream.decided == [Origin("n1", 1), Origin("n1", 2)]
    assert stream.untils == ["7-0", FIRST, "3-0"]
