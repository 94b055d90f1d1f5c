"""Who has the lease and cannot open the journal lets others decide, and tries again in his turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from queue_engine.core.errors import JournalError
from queue_engine.serve.journal import OpenedJournal
from tests.faults.members import engines, hand_over, level, until
from tests.redis_server import RedisServer
from tests.runtime.driver_world import enqueue

pytestmark = pytest.mark.redis


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path, "--appendfsync", "always") as server:
        yield server


async def test_who_has_it_in_vain_lets_another_decide_and_may_decide_later(
    server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with engines(server, tmp_path, 2) as (first, second):
        assert await first.member.submit(enqueue("c1")) is not None
        await level([first, second])
        tried: list[str] = []

        def fails(holder: str) -> OpenedJournal:
            tried.append(holder)
            raise JournalError("Redis cannot be opened: too many open files")

        with monkeypatch.context() as no_more:
            no_more.setattr(second.member, "_open_journal", fails)
            with server.client() as client:
                client.set("{samko}:hand_over", second.start, px=10_000)
            await until(lambda: bool(tried), "the second has the lease")
            await until(lambda: first.decides, "the first decides again")
            assert len(tried) == 1
            assert await second.member.submit(enqueue("c2")) is not None
        await hand_over(server, second)
        assert await first.member.submit(enqueue("c3")) is not None
        await level([first, second])


async def test_who_has_it_in_vain_and_is_alone_goes_on_trying(
    server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with engines(server, tmp_path, 2) as found:
        first, second = found
        await level(found)
        opens, tried = second.member._open_journal, 0

        def fails_once(holder: str) -> OpenedJournal:
            nonlocal tried
            tried += 1
            if tried == 1:
                raise JournalError("Redis cannot be opened: too many open files")
            return opens(holder)

        monkeypatch.setattr(second.member, "_open_journal", fails_once)
        await first.end()
        found[:1] = []
        await until(lambda: second.decides, "it decides")
        assert tried == 2
