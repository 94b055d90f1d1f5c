"""Lines on which everything takes long: nobody takes over, nobody is lost, the order is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from queue_engine.core import events as ev
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import ContactId, Outcome
from tests.asterisk import fault_lab as lab
from tests.asterisk.engine import EngineFiles, EngineHere
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.proxy import Proxy
from tests.asterisk.two_engines import SKILLS, WAITING, hand_over, third, two_at_work
from tests.ports import free_port
from tests.redis_relay import Relay
from tests.redis_server import RedisServer

DELAY_S: Final = 0.3
"""One way."""


@pytest.mark.asterisk
async def test_a_slow_line_between_engine_and_switch(
    patient_asterisk: LocalAsterisk, tmp_path: Path
) -> None:
    switch, agi_port = patient_asterisk, free_port()
    async with Proxy(switch.ami_port) as manager, Proxy(agi_port, switch.agi_port) as visits:
        files = EngineFiles(tmp_path, switch, ami_port=manager.port, agi_port=agi_port)
        manager.delay_s = visits.delay_s = DELAY_S
        async with (
            EngineHere(files) as engine,
            lab.always_ready(engine),
            Callers(switch, count=4) as callers,
        ):
            await engine.happened(ev.ContactSeenWaiting, 4)
            waiting = in_line(engine)
            async with Nurse(switch, "nurse1", talk_ms=lab.TALK_MS):
                await engine.agent("nurse1")
                for number in range(1, 5):
                    await callers.gone(number)
                    assert callers.was_dropped(number), "his nurse hung up, and not he"
                await engine.happened(ev.ContactEnded, 4)
            assert not engine.events(ev.LinkLost)
    records = lab.records_of(files)
    assert lab.connections(records) == waiting
    assert lab.outcomes(lab.audit(records, callers=4)) == {Outcome.HANDLED: 4}


@pytest.mark.asterisk
@pytest.mark.redis
async def test_slow_lines_between_engines_and_redis(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch = patient_asterisk
    with Relay(redis.port) as relay:
        files = third(tmp_path, switch, relay.place())
        async with two_at_work(switch, tmp_path, relay.port, callers=2) as on:
            await hand_over(redis.place(), on.both)
            async with EngineHere(files) as engine, lab.always_ready(engine):
                relay.delay_s = DELAY_S
                # Who calls now is taken in by the one that holds the switch and does not decide.
                async with Callers(switch) as late:
                    await engine.until(lambda: len(in_line(engine)) == 2, "both wait")
                    waiting = in_line(engine)
                    async with Nurse(switch, "nurse2", talk_ms=lab.TALK_MS):
                        await engine.agent("nurse2", skills=SKILLS)
                        ended = await engine.happened(ev.ContactEnded, 2)
                        assert [one.contact_id for one in ended] == waiting
                    await on.nurse.hang_up()
                    await engine.happened(ev.ContactEnded, 3)
                    assert late.was_dropped()
                assert not engine.events(ev.ContactRestored), "he came by the menu"
                relay.delay_s = 0.0
            for one in (on.first, on.second):
                assert await one.stop() == 0
                assert "DEGRADED" not in one.log
            assert on.first.log.count("this engine decides") == 0
            assert on.second.log.count("this engine decides") == 1, "when it was handed over"
        records = lab.records_of(files)
    assert len(lab.connections(records)) == 3
    assert lab.outcomes(lab.audit(records, callers=3)) == {Outcome.HANDLED: 3}


def in_line(engine: EngineHere) -> list[ContactId]:
    return [contact.contact_id for contact in lab.in_state(engine.state, WAITING)]
