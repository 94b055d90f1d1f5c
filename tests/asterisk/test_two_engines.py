"""Engines on one journal in Redis beside one Asterisk: any holds it, any decides, any is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from queue_engine.core import events as ev
from queue_engine.core.contact import ContactState
from queue_engine.journal.redis_nodes import RedisNodes
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.telephony import dialplan
from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk import fault_lab as lab
from tests.asterisk.engine import EngineFiles, EngineHere, EngineProcess, agent_at
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse
from tests.redis_relay import Relay
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


class Two:
    """A first engine that decides and holds the Asterisk, and a second that follows."""

    def __init__(self, first: EngineFiles, second: EngineFiles) -> None:
        self.files = second
        """Of the one that comes later, whose way to Redis is never cut."""
        self.first = EngineProcess(first)
        self.second = EngineProcess(second)


@asynccontextmanager
async def two(switch: LocalAsterisk, folder: Path, *ports: int) -> AsyncIterator[Two]:
    """The first sees Redis at the first port, the second at the last."""
    places = [RedisPlace("127.0.0.1", port) for port in (ports[0], ports[-1])]
    files = []
    for number, place in enumerate(places, start=1):
        own = folder / f"engine{number}"
        own.mkdir()
        files.append(EngineFiles(own, switch, redis=place, host=f"127.0.0.{number}"))
    await files[0].sign_on_before_start(agent_at("nurse1", skills=SKILLS))
    both = Two(*files)
    try:
        async with both.first:
            await lab.beating(switch)
            async with both.second:
                await said(both.second, ": following")
                yield both
    finally:
        ivr = f"agi://127.0.0.1:{switch.agi_port}"  # where other tests have their engines
        await switch.cli(f"dialplan set global {dialplan.AGI} {ivr}")


async def said(engine: EngineProcess, words: str) -> None:
    """Until it has said so."""

    async def is_so() -> bool:
        return words in engine.log

    await lab.until(is_so, f"an engine says {words!r}")


async def all_are_answered(
    files: EngineFiles, switch: LocalAsterisk, talking: Nurse, callers: int
) -> None:
    """An engine of ours takes over, and everybody has his talk, in the order of the queue.

    Args:
        talking: the nurse with whom one of them talks.
        callers: who has called.
    """
    before = files.state()
    in_line = lab.in_state(before, WAITING, OFFERED)
    assert len(in_line) == callers - 1
    async with EngineHere(files) as engine, lab.always_ready(engine):
        assert lab.places(lab.in_state(engine.state, WAITING)) == lab.places(in_line)
        assert len(lab.in_state(engine.state, CONNECTED)) == 1
        async with Nurse(switch, "nurse2", talk_ms=lab.TALK_MS):
            await engine.agent("nurse2", skills=SKILLS)
            await engine.happened(ev.ContactEnded, len(in_line))
        await talking.hang_up()
        await engine.happened(ev.ContactEnded, callers)
        answered = [event.contact_id for event in engine.events(ev.ContactConnected)]
        assert answered == [contact.contact_id for contact in in_line]
    records = lab.records_of(files)
    state = lab.audit(records, callers=callers)
    assert not lab.in_state(state, WAITING, OFFERED, CONNECTED)
    assert len(lab.connections(records)) == callers


async def test_the_one_who_stands_by_takes_over_and_nobody_is_lost(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch = patient_asterisk
    async with (
        Ami(switch) as ami,
        Nurse(switch, "nurse1", voice="always") as nurse,
        two(switch, tmp_path, redis.port) as both,
        Callers(switch, count=5, rate=20),
    ):
        await lab.are_waiting(ami, 5)
        await lab.talks(ami, 1)
        await both.first.kill()
        await said(both.second, "ast1: live, 5 callers")
        await both.second.stop()
        await all_are_answered(both.files, switch, nurse, callers=5)


async def test_one_that_was_frozen_does_no_harm_when_it_goes_on(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch = patient_asterisk
    async with (
        Ami(switch) as ami,
        Nurse(switch, "nurse1", voice="always") as nurse,
        two(switch, tmp_path, redis.port) as both,
        Callers(switch, count=4, rate=20) as callers,
    ):
        await lab.are_waiting(ami, 4)
        await lab.talks(ami, 1)
        both.first.freeze()
        await said(both.second, "ast1: live, 4 callers")
        assert "ended a former session of the manager" in both.second.log
        both.first.thaw()
        await said(both.first, "another node decides")
        assert await both.first.ended() != 0
        await lab.beating(switch)
        assert not any(callers.was_dropped(number) for number in range(1, 5))
        await both.second.stop()
        await all_are_answered(both.files, switch, nurse, callers=4)


async def test_one_that_is_cut_off_keeps_its_callers_until_it_is_back(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch = patient_asterisk
    with Relay(redis.port) as relay:
        async with (
            Ami(switch) as ami,
            Nurse(switch, "nurse1", voice="always") as nurse,
            two(switch, tmp_path, relay.port, redis.port) as both,
            Callers(switch, count=3, rate=20) as callers,
        ):
            await lab.are_waiting(ami, 3)
            await lab.talks(ami, 1)
            relay.cut()
            await said(both.second, "this engine decides")
            # The one that is alone with its Asterisk goes on: who calls now waits there as well.
            since = ami.mark()
            async with Callers(switch) as late:
                await lab.are_waiting(ami, 1, since)
                await said(both.first, "DEGRADED")
                await lab.beating(switch)
                relay.heal()
                await said(both.second, "ast1: live, 4 callers")
                assert await both.first.ended() != 0
                (aside,) = (both.first.files.var / "unjournaled").iterdir()
                assert aside.name in both.first.log
                assert not any(callers.was_dropped(number) for number in range(1, 4))
                assert not late.was_dropped()
                await both.second.stop()
                await all_are_answered(both.files, switch, nurse, callers=4)


async def hand_over(redis: RedisServer, both: Two) -> None:
    """From the first to the second: the first goes on holding the Asterisk."""
    nodes = RedisNodes(redis.place())
    found = nodes.picture()
    (to,) = (node.note.start for node in found.nodes if node.note.start != found.holder)
    nodes.wish(to)
    nodes.close()
    await said(both.first, "handed over to")
    await said(both.second, "this engine decides")


def third(folder: Path, switch: LocalAsterisk, redis: RedisServer) -> EngineFiles:
    own = folder / "engine3"
    own.mkdir()
    return EngineFiles(own, switch, redis=redis.place(), host="127.0.0.3")


async def test_one_holds_the_switch_another_decides_and_a_third_is_asked(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch = patient_asterisk
    files = third(tmp_path, switch, redis)
    async with (
        Ami(switch) as ami,
        Nurse(switch, "nurse1", voice="always") as talking,
        two(switch, tmp_path, redis.port) as both,
        Callers(switch, count=4, rate=20),
    ):
        await lab.are_waiting(ami, 4)
        await lab.talks(ami, 1)
        await hand_over(redis, both)
        async with EngineHere(files) as engine, lab.always_ready(engine):
            waiting = lab.in_state(engine.state, WAITING)
            async with Nurse(switch, "nurse2", talk_ms=lab.TALK_MS):
                await engine.agent("nurse2", skills=SKILLS)
                ended = await engine.happened(ev.ContactEnded, 3)
                assert [one.contact_id for one in ended] == [one.contact_id for one in waiting]
                # Whoever calls while nobody decides waits, and is served by whoever decides then.
                await both.second.kill()
                async with Callers(switch):
                    await engine.happened(ev.ContactEnded, 4)
            await talking.hang_up()
            await engine.happened(ev.ContactEnded, 5)
        await both.first.stop()
    records = lab.records_of(files)
    assert len(lab.connections(records)) == 5
    assert not lab.in_state(lab.audit(records, callers=5), WAITING, OFFERED, CONNECTED)
    assert {record.origin is None for record in records} == {True, False}


async def test_the_switch_of_one_that_dies_is_taken_by_another(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch = patient_asterisk
    async with (
        Ami(switch) as ami,
        Nurse(switch, "nurse1", voice="always") as nurse,
        two(switch, tmp_path, redis.port) as both,
        Callers(switch, count=3, rate=20),
    ):
        await lab.are_waiting(ami, 3)
        await lab.talks(ami, 1)
        await hand_over(redis, both)
        await both.first.kill()
        await said(both.second, "ast1: live, 3 callers")
        await both.second.stop()
        await all_are_answered(both.files, switch, nurse, callers=3)
