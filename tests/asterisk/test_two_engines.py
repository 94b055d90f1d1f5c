"""Two engines on one journal in Redis: one serves, the other stands by and takes over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from queue_engine.core import events as ev
from queue_engine.core.contact import ContactState
from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk import fault_lab as lab
from tests.asterisk.engine import EngineFiles, EngineHere, EngineProcess, agent_at
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse
from tests.redis_server import RedisServer

pytestmark = [pytest.mark.asterisk, pytest.mark.redis]

SKILLS = "advice admin sv"
WAITING, OFFERED, CONNECTED = (
    ContactState.WAITING,
    ContactState.OFFERED,
    ContactState.CONNECTED,
)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    folder = tmp_path / "redis"
    folder.mkdir()
    with RedisServer(folder, "--appendfsync", "always") as server:
        yield server


async def test_the_one_who_stands_by_takes_over_and_nobody_is_lost(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch = patient_asterisk
    files = EngineFiles(tmp_path, switch, redis=redis.place())
    await files.sign_on_before_start(agent_at("nurse1", skills=SKILLS))
    async with (
        Ami(switch) as ami,
        Nurse(switch, "nurse1", voice="always") as nurse,
        EngineProcess(files) as first,
    ):
        await lab.beating(switch)
        async with EngineProcess(files) as second, Callers(switch, count=5, rate=20):
            await lab.are_waiting(ami, 5)
            await lab.talks(ami, 1)

            async def stands_by() -> bool:
                return "standing by" in second.log

            await lab.until(stands_by, "the second engine stands by")
            await first.kill()
            before = files.state()
            await lab.beating(switch)
            assert "this engine decides" in second.log
            await second.stop()
            async with EngineHere(files) as engine, lab.always_ready(engine):
                in_line = lab.in_state(before, WAITING, OFFERED)
                assert len(in_line) == 4
                assert lab.places(lab.in_state(engine.state, WAITING)) == lab.places(in_line)
                assert len(lab.in_state(engine.state, CONNECTED)) == 1
                await nurse.hang_up()
                for answered in range(2, 6):
                    await engine.happened(ev.ContactConnected, answered - 1)
                    await nurse.hang_up()
                await engine.happened(ev.ContactEnded, 5)
    records = lab.records_of(files)
    state = lab.audit(records, callers=5)
    assert not lab.in_state(state, WAITING, OFFERED, CONNECTED)
    assert len(lab.connections(records)) == 5
