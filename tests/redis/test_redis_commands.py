"""Commands of other nodes are answered by whoever has the lease, and by nobody else."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from queue_engine.core.errors import AppendRefused, JournalError
from queue_engine.journal.redis_commands import FIRST, CommandAnswer, RedisCommands
from queue_engine.journal.redis_lease import RedisLease
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis


def test_while_nobody_has_the_lease_it_is_tried_again_and_while_another_has_it_not(
    server: RedisServer,
) -> None:
    commands = RedisCommands(server.place())
    first, second = (RedisLease(server.place(), who, 60_000) for who in ("a", "b"))
    commands.send("c", [(1, b"command")])
    (sent,) = commands.read(FIRST, 1)
    with pytest.raises(JournalError, match="nobody has the lease on journal") as lost:
        commands.answer("a", sent.entry, ())
    assert not isinstance(lost.value, AppendRefused), "Redis may have lost it, and a take it again"
    assert second.take()
    with pytest.raises(AppendRefused, match="another node decides"):
        commands.answer("a", sent.entry, ())
    assert [one.data for one in commands.read(FIRST, 1)] == [b"command"], "nothing is answered yet"
    assert second.give("a")
    assert first.take()
    commands.answer("a", sent.entry, ())
    assert commands.read(FIRST, 1) == []
    for each in (commands, first, second):
        each.close()


def test_half_a_character_that_is_shown_in_an_answer_does_no_harm(server: RedisServer) -> None:
    """Else the command would stay, and end each engine that decides, one after the other."""
    with closing(RedisCommands(server.place())) as commands:
        with closing(RedisLease(server.place(), "a", 60_000)) as lease:
            assert lease.take()
        commands.send("c", [(1, b"command")])
        (sent,) = commands.read(FIRST, 1)
        refused = CommandAnswer(sent.origin, 7, "not_signed_on", "agent å\ud83c is not signed on")
        commands.answer("a", sent.entry, [refused])
        assert commands.read(FIRST, 1) == []
        _, answers = commands.wait(0, FIRST, 1)
        assert answers == [replace(refused, message="agent å? is not signed on")]
