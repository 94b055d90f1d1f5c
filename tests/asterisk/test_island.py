"""An engine that does not decide and is cut off from Redis goes on for its own Asterisk's people.

The decider does not reach that Asterisk, or has not taken it in time: else it would have it.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from queue_engine.core import events as ev
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.serve.island import CUT_OFF_S
from queue_engine.telephony.beat import BeatTimes
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import ContactId, Outcome
from tests.asterisk import fault_lab as lab
from tests.asterisk.engine import LINK, EngineFiles, EngineProcess, agent_at
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse
from tests.core.island_world import accounts
from tests.ports import free_port
from tests.redis.nodes import picture
from tests.redis_relay import Relay
from tests.redis_server import RedisServer

pytestmark = [pytest.mark.asterisk, pytest.mark.redis, pytest.mark.timeout(300)]

SKILLS = "advice admin sv"


@dataclass(frozen=True)
class Parted:
    """A decider, and a node that follows it and holds the Asterisk; each way may be cut."""

    decider: EngineProcess
    node: EngineProcess
    to_redis: Relay
    """The node's way."""
    to_switch: Relay
    """The decider's way."""

    async def asked(self, path: str) -> str:
        """What the node answers over HTTP."""
        files = self.node.files
        (port,) = re.findall(r"http: {port: (\d+)}", (files.config / "samko.yaml").read_text())
        token = (files.var / "http.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.request(
            "GET", f"http://127.0.0.1:{port}{path}", headers=headers
        ) as told:
            return await told.text()


@asynccontextmanager
async def parted(
    switch: LocalAsterisk, folder: Path, redis: RedisServer, *, reaches_switch: bool
) -> AsyncIterator[Parted]:
    """Both run, and the node holds the switch.

    Args:
        reaches_switch: whether the decider could take it.
    """
    with Relay(redis.port) as to_redis, Relay(switch.ami_port) as to_switch:
        places = [redis.place(), RedisPlace("127.0.0.1", to_redis.port)]
        ports = (to_switch.port, switch.ami_port)
        files = []
        for number, (place, ami_port) in enumerate(zip(places, ports, strict=True), start=1):
            own = folder / f"engine{number}"
            own.mkdir()
            files.append(
                EngineFiles(
                    own,
                    switch,
                    changes=[lab.SHORT_WRAP_UP],
                    ami_port=ami_port,
                    redis=place,
                    host=f"127.0.0.{number}",
                )
            )
        files[1].change("samko.yaml", "http: {port: 0}", f"http: {{port: {free_port()}}}")
        await files[0].sign_on_before_start(agent_at("nurse1", skills=SKILLS))
        decider, node = map(EngineProcess, files)
        to_switch.cut()
        async with lab.ivr_kept(switch), decider:
            await decided(redis)
            async with node:
                await lab.said(node, ": following")
                await lab.said(node, "ast1: live")
                if reaches_switch:
                    to_switch.heal()
                    await lab.said(decider, "ast1: another engine acts there: waiting")
                yield Parted(decider, node, to_redis, to_switch)


async def decided(redis: RedisServer) -> None:
    """Until somebody decides."""

    async def is_so() -> bool:
        return bool(picture(redis.place()).holder)

    await lab.until(is_so, "an engine decides")


async def looked_at(files: EngineFiles) -> None:
    """Until whoever decides has a picture of the Asterisk."""

    async def is_so() -> bool:
        return files.state().is_link_up(LINK)

    await lab.until(is_so, "the decider has a picture")


async def test_a_node_that_is_cut_off_goes_on_for_its_own_asterisk(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch = patient_asterisk
    async with (
        Ami(switch) as ami,
        Nurse(switch, "nurse1", voice="always") as nurse,
        parted(switch, tmp_path, redis, reaches_switch=False) as both,
        Callers(switch, count=2, rate=20),
    ):
        early = list(await lab.are_waiting(ami, 2))
        await lab.talks(ami, 1)
        await lab.is_recorded(both.decider.files, talks=1)
        both.to_redis.cut()
        await lab.said(both.node, "ISLAND: cut off from Redis: decides for ast1 alone")
        # The decider comes into reach of the Asterisk and wants it: the island has it, and shows.
        both.to_switch.heal()
        await lab.said(both.decider, "ast1: another engine acts there: waiting")
        since = ami.mark()
        async with Callers(switch) as third, Callers(switch) as fourth:
            late = list(await lab.are_waiting(ami, 2, since))
            # One after the other rings and talks, by the island's word.
            for number in (2, 3):
                await nurse.hang_up()
                await lab.talks(ami, number)
            assert await outcomes(both, early) == ["handled", "handled"]
            assert "samko_island 1.0" in await both.asked("/metrics")
            assert "samko_decides 0.0" in await both.asked("/metrics")
            assert "decides for ast1 alone" in await both.asked("/readyz")
            assert '"island":["ast1"]' in await both.asked("/api/v1/regions")
            await asyncio.sleep(2 * BeatTimes().still_s)  # that long nobody takes it
            assert "ast1: live" not in both.decider.log
            assert not ami.have_heard("QueueCallerJoin", 0), "nobody needs Asterisk's own queue"
            both.to_redis.heal()
            await lab.said(both.node, "the island is over: Redis is in reach again")
            # Whoever decides finds the talk, and the one who waits rings next.
            await looked_at(both.decider.files)
            assert "samko_island 0.0" in await both.asked("/metrics")
            await nurse.hang_up()
            await lab.talks(ami, 4)
            await nurse.hang_up()
            await third.gone()
            await fourth.gone()
        assert "ast1: live" not in both.decider.log
        await lab.said(both.node, "island merged")
        await both.node.stop()
        await both.decider.stop()
    assert "were in memory only and are in" in both.node.log
    (aside,) = (both.node.files.var / "unjournaled").iterdir()
    assert aside.suffix == ".merged"
    records = lab.records_of(both.decider.files)
    state = lab.audit(records, callers=4)
    assert ev.IslandBegan not in {type(event) for record in records for event in record.events}
    # Who was answered on the island and went there the decider hears of afterwards.
    answered = lab.connections(records)
    assert len(answered) == 3
    assert set(late) < set(answered)
    assert answered == sorted(answered, key=lambda each: state.contacts[each].arrived_ms)
    assert {state.contacts[each].outcome for each in (*early, *late)} == {Outcome.HANDLED}
    (sums,) = accounts(records).values()
    assert sums.calls == 4
    assert sums.talk_ms == sum(state.contacts[each].talk_ms for each in (*early, *late))


async def outcomes(both: Parted, contacts: list[ContactId]) -> list[str]:
    """How they have ended, as the node has it."""
    told = [json.loads(await both.asked(f"/api/v1/contacts/{each}")) for each in contacts]
    return [one["outcome"] for one in told]


async def test_one_that_reaches_both_redis_and_the_asterisk_takes_it_before_there_is_an_island(
    patient_asterisk: LocalAsterisk, redis: RedisServer, tmp_path: Path
) -> None:
    switch = patient_asterisk
    async with (
        Ami(switch) as ami,
        Nurse(switch, "nurse1", voice="always") as nurse,
        parted(switch, tmp_path, redis, reaches_switch=True) as both,
        Callers(switch, count=2, rate=20),
    ):
        await lab.are_waiting(ami, 2)
        await lab.talks(ami, 1)
        await lab.is_recorded(both.decider.files, talks=1)
        both.to_redis.cut()
        cut_s = time.monotonic()
        await lab.said(both.decider, "ast1: live, 2 callers")
        await nurse.hang_up()
        await lab.talks(ami, 2)
        await lab.passed(cut_s + CUT_OFF_S + 3.0)
        assert "ISLAND" not in both.node.log
        both.to_redis.heal()
        await lab.said(both.node, "is in reach again")
        await nurse.hang_up()
        await both.node.stop()
        await both.decider.stop()
    assert not (both.node.files.var / "unjournaled").exists()
    records = lab.records_of(both.decider.files)
    lab.audit(records, callers=2)
    assert len(lab.connections(records)) == 2
