"""Two engines, one Redis, one Asterisk and a stream of calls, while anything of it breaks: see
`weather`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import Outcome
from tests.asterisk import fault_lab as lab
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.weather import CALLS_PER_FAULT, FAULTS, SETTINGS, TALK_MS, at_work, weather
from tests.redis_server import RedisServer

pytestmark = [pytest.mark.asterisk, pytest.mark.redis, pytest.mark.timeout(900)]


@pytest_asyncio.fixture
async def switch(asterisk_tree: Path) -> AsyncIterator[LocalAsterisk]:
    """An Asterisk with room for all who call."""
    async with LocalAsterisk(
        asterisk_tree, phones=lab.CROWD, settings=SETTINGS, channels=FAULTS * CALLS_PER_FAULT
    ) as switch:
        yield switch


@pytest.mark.parametrize("fault", ["kill_redis", "empty_redis", "cut_one_off_from_asterisk"])
async def test_everybody_is_answered_once_though(
    switch: LocalAsterisk, redis: RedisServer, tmp_path: Path, fault: str
) -> None:
    await weather([switch], redis, tmp_path, [fault])


@pytest.mark.soak
async def test_everybody_is_answered_once_in_any_weather(
    switch: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    await weather([switch], redis, tmp_path, [""] * FAULTS)


async def test_asterisk_is_restarted_under_both(
    switch: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    async with at_work([switch], redis, tmp_path, nurses=[["nurse1"]]) as nodes:
        files = nodes[1].files
        async with (
            Ami(switch) as ami,
            Nurse(switch, "nurse1", voice="always"),
            Callers(switch, count=3, rate=20),
        ):
            await lab.are_waiting(ami, 3)
            await lab.talks(ami, 1)
            await lab.is_recorded(files, talks=1)
            await switch.kill()
        await switch.start()
        await lab.beating(switch)
        async with Nurse(switch, "nurse1", talk_ms=TALK_MS) as nurse, Callers(switch) as late:
            await late.gone()
            assert late.was_dropped(), "who was served is done"
            assert len(nurse.invites()) == 1
        for node in reversed(nodes):
            assert await node.process.stop() == 0
        records = lab.records_of(files)
    state = lab.audit(records, callers=4)
    assert lab.outcomes(state) == {Outcome.HANDLED: 2, Outcome.LOST: 2}
    assert len(lab.connections(records)) == 2
