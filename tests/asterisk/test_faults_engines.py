"""Several engines on one journal in Redis: all die at once, or one is frozen in an effect."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import Outcome
from tests.asterisk import fault_lab as lab
from tests.asterisk.engine import EngineFiles, agent_at
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.proxy import Proxy
from tests.asterisk.two_engines import (
    SKILLS,
    all_are_answered,
    started,
    two_at_work,
)
from tests.redis_server import RedisServer

pytestmark = [pytest.mark.asterisk, pytest.mark.redis]


@pytest.mark.parametrize(
    "what", [pytest.param("engines", marks=pytest.mark.soak), "engines and redis"]
)
async def test_all_are_killed_at_once(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path, what: str
) -> None:
    switch = patient_asterisk
    async with two_at_work(switch, tmp_path, redis.port, callers=5) as on:
        if "redis" in what:
            redis.kill()
        await asyncio.gather(on.first.kill(), on.second.kill())
        if "redis" in what:
            redis.start()
        await asyncio.gather(on.first.start(), on.second.start())
        await lab.beating(switch)
        assert not any(on.callers.was_dropped(number) for number in range(1, 6))
        for one in (on.first, on.second):
            assert await one.stop() == 0
        await all_are_answered(on.both.files, switch, on.nurse, callers=5)


async def test_frozen_between_its_record_and_its_redirect(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch = patient_asterisk
    async with Proxy(switch.ami_port) as proxy, Ami(switch) as ami:
        first, second = (
            EngineFiles(tmp_path / name, switch, redis=redis.place(), host=host, ami_port=port)
            for name, host, port in (("e1", "127.0.0.1", proxy.port), ("e2", "127.0.0.2", None))
        )
        await first.sign_on_before_start(agent_at("nurse1", skills=SKILLS))
        async with (
            Nurse(switch, "nurse1", voice="always") as nurse,
            started(switch, first, second) as both,
        ):
            async with Callers(switch) as caller:
                await proxy.holds_from(b"Action: Redirect")
                both.first.freeze()
                await lab.said(both.second, "ast1: live, 1 callers")
                await lab.talks(ami, 1)
                both.first.thaw()
                proxy.release()
                assert await both.first.ended() != 0
                await lab.beating(switch)
                assert not caller.was_dropped(), "the talk goes on"
                assert len(nurse.invites()) == 1, "nobody has rung her again"
                await nurse.hang_up()
                await caller.gone()
            assert await both.second.stop() == 0
    records = lab.records_of(second)
    assert len(lab.connections(records)) == 1
    assert len(lab.offers(records)) == 2, "the first one rang nowhere"
    assert lab.outcomes(lab.audit(records, callers=1)) == {Outcome.HANDLED: 1}
