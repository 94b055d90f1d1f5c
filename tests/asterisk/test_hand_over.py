"""An engine hands over to another one beside a real Asterisk, and comes back as the standby."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from queue_engine.cli.serve import EXIT_HANDED_OVER
from queue_engine.journal.redis_nodes import RedisNodes
from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk import fault_lab as lab
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.test_two_engines import all_are_answered, said, two
from tests.redis_server import RedisServer

pytestmark = [pytest.mark.asterisk, pytest.mark.redis]


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    folder = tmp_path / "redis"
    folder.mkdir()
    with RedisServer(folder, "--appendfsync", "always") as server:
        yield server


async def test_handed_over_nobody_is_lost_and_the_talk_goes_on(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch, nodes = patient_asterisk, RedisNodes(redis.place())
    async with (
        Ami(switch) as ami,
        Nurse(switch, "nurse1", voice="always") as nurse,
        two(switch, tmp_path, redis.port) as both,
        Callers(switch, count=4, rate=20) as callers,
    ):
        await lab.are_waiting(ami, 4)
        await lab.talks(ami, 1)
        found = nodes.picture()
        (to,) = (node.note.start for node in found.nodes if node.note.start != found.holder)
        nodes.wish(to)
        assert await both.first.ended() == EXIT_HANDED_OVER
        await said(both.second, "folded while standing by")
        await said(both.second, "ast1: live, 4 callers")
        assert not any(callers.was_dropped(number) for number in range(1, 5))
        await both.first.start()
        await lab.until(lambda: _is_there(nodes, to), "the former one stands by")
        await both.first.stop()
        await both.second.stop()
        await all_are_answered(both.files, switch, nurse, callers=4)
    nodes.close()


async def _is_there(nodes: RedisNodes, decider: str) -> bool:
    found = nodes.picture()
    return found.holder == decider and len(found.nodes) == 2
