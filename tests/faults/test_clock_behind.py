"""Redis's clock is set back, or another Redis with one that is behind takes its place."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from queue_engine.core import commands as cmd
from queue_engine.core.errors import Refused
from queue_engine.runtime import asking
from routing.vocabulary import AgentId
from tests.faults.members import engines, level, until
from tests.redis_server import RedisServer
from tests.runtime.driver_world import enqueue

pytestmark = pytest.mark.redis

BEHIND_MS = 60_000
NOBODY = AgentId("nobody")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path, "--appendfsync", "always") as server:
        yield server


async def test_the_lease_and_the_note_of_who_has_died_are_over_in_time(
    server: RedisServer, tmp_path: Path
) -> None:
    async with engines(server, tmp_path, 2) as (first, second):
        await first.member.submit(enqueue("c1"))
        await level([first, second])
        first.relay.cut()
        first.task.cancel()
        await asyncio.wait([first.task])
        with server.client() as client:
            client.pexpireat("{samko}:lease", round(time.time() * 1000) + BEHIND_MS)
            noted = client.hget("{samko}:nodes", first.start)
            assert noted is not None
            at_ms, last, said = noted.split(b" ", 2)
            said = said.replace(b'"number": ', b'"number": 99')  # it wrote more than Redis kept
            ahead = b"%d %s %s" % (int(at_ms) + BEHIND_MS, last, said)
            client.hset("{samko}:nodes", first.start, ahead)
        await until(lambda: second.decides, "the next one decides")


async def test_commands_and_answers_are_heard_after_redis_was_emptied(
    server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their streams begin with smaller numbers than those that were heard last."""
    monkeypatch.setattr(asking, "ANSWER_S", 5.0)
    async with engines(server, tmp_path, 2) as (first, second):
        with server.client() as client:
            ahead = f"{round(time.time() * 1000) + BEHIND_MS}-0"
            command = {"s": "x", "n": 1, "d": b"{}"}
            answer = {"s": "x", "n": 1, "r": 0, "c": "", "m": ""}
            client.xadd("{samko}:commands", command, id=ahead)
            client.xadd("{samko}:answers", answer, id=ahead)
            assert await second.member.submit(enqueue("c1")) is not None
            with pytest.raises(Refused):
                await second.member.submit(cmd.SetAgentReady(NOBODY))
            client.flushall()
        assert await first.member.submit(enqueue("c2")) is not None
        await level([first, second])
        assert await second.member.submit(enqueue("c3")) is not None
        with pytest.raises(Refused, match="nobody"):
            await second.member.submit(cmd.SetAgentReady(NOBODY))
        with server.client() as client:
            await until(lambda: client.xlen("{samko}:commands") == 0, "nothing is left over")
