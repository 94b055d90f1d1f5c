"""An engine cut off from Redis, alone with its Asterisk: what it did there counts afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.core import events as ev
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import ContactId, Outcome
from tests.asterisk import fault_lab as lab
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.two_engines import two
from tests.core.island_world import accounts
from tests.redis_relay import Relay
from tests.redis_server import RedisServer

pytestmark = [pytest.mark.asterisk, pytest.mark.redis]


async def test_the_talk_that_went_on_there_and_who_gave_up_there_count_when_it_is_back(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch = patient_asterisk
    with Relay(redis.port) as relay:
        async with (
            Ami(switch) as ami,
            Nurse(switch, "nurse1", voice="always") as nurse,
            two(switch, tmp_path, relay.port, redis.port) as both,
            Callers(switch, count=2, rate=20) as callers,
        ):
            numbers = await lab.are_waiting(ami, 2)
            await lab.talks(ami, 1)
            talks = ContactId((await ami.heard("BridgeEnter"))["Linkedid"])
            (gives_up,) = numbers.keys() - {talks}
            await lab.is_recorded(both.files, talks=1)
            relay.cut()
            await lab.said(both.second, "this engine decides")
            await lab.beating(switch)
            await nurse.hang_up()
            await lab.said(both.first, "DEGRADED")
            await callers.hang_up(numbers[gives_up])
            await _nobody_is_there(switch)
            await lab.beating(switch)
            relay.heal()
            assert await both.first.ended() != 0
            (aside,) = (both.first.files.var / "unjournaled").iterdir()
            await lab.said(both.second, "ast1: live, 0 callers")
            await both.first.start()
            await lab.said(both.first, "island merged")
            assert aside.with_name(f"{aside.name}.merged").exists()
            await both.second.stop()
            await both.first.stop()
    records = lab.records_of(both.files)
    lab.audit(records, callers=2)
    merged = {
        event.contact_id: event
        for record in records
        for event in record.events
        if isinstance(event, ev.IslandContactMerged)
    }
    assert {name: (event.former, event.outcome) for name, event in merged.items()} == {
        talks: (Outcome.HANDLED, Outcome.HANDLED),
        gives_up: (Outcome.LOST, Outcome.ABANDONED),
    }
    before = {
        event.contact_id: event.talk_ms
        for record in records
        for event in record.events
        if isinstance(event, ev.ContactEnded)
    }
    talk_ms = merged[talks].talk_ms
    assert talk_ms > before[talks] + 1_000, "it went on while nobody else saw it"
    (sums,) = accounts(records).values()
    assert (sums.calls, sums.talk_ms) == (1, talk_ms)


async def _nobody_is_there(switch: LocalAsterisk) -> None:
    async def is_so() -> bool:
        return "0 active calls" in await switch.cli("core show channels count")

    await lab.until(is_so, "all have hung up")
