"""Redis answers what is read and takes no writes: each goes on as if it could not be reached."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.world import LINK
from tests.faults.members import LEASE_MS, engines, level, until
from tests.faults.test_island import shown, with_links
from tests.redis_server import RedisServer
from tests.runtime.driver_world import enqueue

pytestmark = pytest.mark.redis


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path, "--appendfsync", "always") as server:
        yield server


async def test_each_goes_on_for_its_own_switch_until_it_takes_writes_again(
    server: RedisServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with engines(server, tmp_path, 2) as (first, second):
        await with_links(first, second)
        with server.client() as client, caplog.at_level(logging.ERROR):
            client.config_set("min-replicas-to-write", 1)
            await until(lambda: second.member.island == (LINK,), "it is an island")
            assert await first.member.submit(enqueue("there")) is not None
            await until(lambda: first.member.is_degraded, "the decider goes on in memory")
            assert await second.member.submit(enqueue("here")) is not None
            await asyncio.sleep(2 * LEASE_MS / 1000)
            assert second.member.island, "that it can be read ends nothing"
            picture = shown(second, "here")
            client.config_set("min-replicas-to-write", 0)
        await until(lambda: not second.member.island, "the island is over")
        assert first.decides, "nobody else has taken the lease meanwhile"
        await until(lambda: not first.member.is_degraded, "Redis has all")
        assert await second.member.submit(picture) is not None
        await level([first, second])
        assert list(first.member.state.contacts) == ["there", "here"]
        told = [one.message for one in caplog.records if "trying on" in one.message]
        assert len(told) == 2, "each says it once"
        assert all("NOREPLICAS" in one for one in told)
