"""Engines on one journal in Redis beside one Asterisk: any holds it, any decides, any is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.core import events as ev
from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk import fault_lab as lab
from tests.asterisk.engine import EngineHere
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.two_engines import (
    CONNECTED,
    OFFERED,
    SKILLS,
    WAITING,
    all_are_answered,
    hand_over,
    third,
    two_at_work,
)
from tests.redis_relay import Relay
from tests.redis_server import RedisServer

pytestmark = [pytest.mark.asterisk, pytest.mark.redis]


async def test_the_one_who_stands_by_takes_over_and_nobody_is_lost(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch = patient_asterisk
    async with two_at_work(switch, tmp_path, redis.port, callers=5) as on:
        await on.first.kill()
        await lab.said(on.second, "ast1: live, 5 callers")
        await on.second.stop()
        await all_are_answered(on.both.files, switch, on.nurse, callers=5)


async def test_one_that_was_frozen_does_no_harm_when_it_goes_on(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch = patient_asterisk
    async with two_at_work(switch, tmp_path, redis.port, callers=4) as on:
        on.first.freeze()
        await lab.said(on.second, "ast1: live, 4 callers")
        assert "ended a former session of the manager" in on.second.log
        on.first.thaw()
        await lab.said(on.first, "another node decides")
        assert await on.first.ended() != 0
        await lab.beating(switch)
        assert not any(on.callers.was_dropped(number) for number in range(1, 5))
        await on.second.stop()
        await all_are_answered(on.both.files, switch, on.nurse, callers=4)


async def test_one_that_is_cut_off_keeps_its_callers_until_it_is_back(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch = patient_asterisk
    with Relay(redis.port) as relay:
        async with two_at_work(switch, tmp_path, relay.port, redis.port, callers=3) as on:
            relay.cut()
            await lab.said(on.second, "this engine decides")
            # The one that is alone with its Asterisk goes on: who calls now waits there as well.
            since = on.ami.mark()
            async with Callers(switch) as late:
                await lab.are_waiting(on.ami, 1, since)
                await lab.said(on.first, "DEGRADED")
                await lab.beating(switch)
                relay.heal()
                await lab.said(on.second, "ast1: live, 4 callers")
                assert await on.first.ended() != 0
                (aside,) = (on.first.files.var / "unjournaled").iterdir()
                assert aside.name in on.first.log
                assert not any(on.callers.was_dropped(number) for number in range(1, 4))
                assert not late.was_dropped()
                await on.second.stop()
                await all_are_answered(on.both.files, switch, on.nurse, callers=4)


async def test_one_holds_the_switch_another_decides_and_a_third_is_asked(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch = patient_asterisk
    files = third(tmp_path, switch, redis.place())
    async with two_at_work(switch, tmp_path, redis.port, callers=4) as on:
        await hand_over(redis.place(), on.both)
        async with EngineHere(files) as engine, lab.always_ready(engine):
            waiting = lab.in_state(engine.state, WAITING)
            async with Nurse(switch, "nurse2", talk_ms=lab.TALK_MS):
                await engine.agent("nurse2", skills=SKILLS)
                ended = await engine.happened(ev.ContactEnded, 3)
                assert [one.contact_id for one in ended] == [one.contact_id for one in waiting]
                # Whoever calls while nobody decides waits, and is served by whoever decides then.
                await on.second.kill()
                async with Callers(switch):
                    await engine.happened(ev.ContactEnded, 4)
            await on.nurse.hang_up()
            await engine.happened(ev.ContactEnded, 5)
        await on.first.stop()
    records = lab.records_of(files)
    assert len(lab.connections(records)) == 5
    assert not lab.in_state(lab.audit(records, callers=5), WAITING, OFFERED, CONNECTED)
    assert {record.origin is None for record in records} == {True, False}


async def test_the_switch_of_one_that_dies_is_taken_by_another(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch = patient_asterisk
    async with two_at_work(switch, tmp_path, redis.port, callers=3) as on:
        await hand_over(redis.place(), on.both)
        await on.first.kill()
        await lab.said(on.second, "ast1: live, 3 callers")
        await on.second.stop()
        await all_are_answered(on.both.files, switch, on.nurse, callers=3)
