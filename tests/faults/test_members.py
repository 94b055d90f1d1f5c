"""Whatever node is asked: it is decided once, in order, by the one that has the lease."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from queue_engine.core import commands as cmd
from queue_engine.core.codec import encode_command
from queue_engine.core.errors import EngineStopped, Refused
from queue_engine.core.record import Origin
from queue_engine.journal.redis_commands import RedisCommands
from queue_engine.runtime import asking
from queue_engine.runtime.clock import Clock
from queue_engine.runtime.driver import Driver
from queue_engine.runtime.followed_clock import FollowedClock
from queue_engine.serve import member
from routing.vocabulary import AgentId, ContactId, NotReadyReason
from tests.faults.members import (
    LEASE_MS,
    Engine,
    answered,
    engines,
    hand_over,
    join,
    level,
    note_row,
    until,
)
from tests.redis_server import RedisServer
from tests.runtime.driver_world import enqueue, sign_on

pytestmark = pytest.mark.redis


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path, "--appendfsync", "always") as server:
        yield server


async def test_who_follows_answers_as_who_decides(server: RedisServer, tmp_path: Path) -> None:
    async with engines(server, tmp_path, 2) as (first, second):
        record = await second.member.submit(enqueue("c1"))
        assert record is not None
        assert record.origin == Origin(second.start, 1)
        assert second.member.state.record_number >= record.number, "it may look at once"
        with pytest.raises(Refused) as refused:
            await second.member.submit(enqueue("c1"))
        assert refused.value.code == "known_contact"
        assert await second.member.submit(cmd.PassTime()) is None, "nothing comes of it"
        own = await first.member.submit(sign_on("a1"))
        assert own is not None
        assert own.origin is None
        assert await second.member.submit(cmd.SetAgentReady(AgentId("a1"))) is not None, "seen"
        await level([first, second])


async def test_what_one_asks_is_decided_in_its_order(server: RedisServer, tmp_path: Path) -> None:
    async with engines(server, tmp_path, 3) as found:
        asked = [
            asyncio.create_task(each.member.submit(enqueue(f"{number}-{index}")))
            for index in range(100)
            for number, each in enumerate(found)
        ]
        await asyncio.gather(*asked)
        await level(found)
        contacts = sorted(found[1].member.state.contacts.values(), key=lambda one: one.sequence)
        for number in range(3):
            mine = [one.contact_id for one in contacts if one.contact_id.startswith(f"{number}-")]
            assert mine == [f"{number}-{index}" for index in range(100)]


@pytest.mark.parametrize("ahead_s", [60, -60])
async def test_who_follows_goes_by_the_clock_of_who_decides(
    server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead_s: int
) -> None:
    def is_ours(other: Engine, than: Engine) -> bool:
        return abs(other.member.now_ms() - than.member.now_ms()) < 1_000

    async with AsyncExitStack() as opened, engines(server, tmp_path, 1) as found:
        other = Clock(wall_ns=lambda: time.time_ns() + ahead_s * 1_000_000_000)
        monkeypatch.setattr(member, "FollowedClock", lambda: FollowedClock(other))
        found.append(await join(server, tmp_path, opened))
        first, second = found
        await first.member.submit(enqueue("c1"))
        await level(found)
        assert is_ours(second, first)
        await hand_over(server, second)
        await second.member.submit(enqueue("c2"))
        await level(found)
        await hand_over(server, first)
        await first.member.submit(enqueue("c3"))
        await level(found)
        assert is_ours(second, first)


async def test_what_is_asked_while_nobody_decides_is_decided_by_the_next(
    server: RedisServer, tmp_path: Path
) -> None:
    async with engines(server, tmp_path, 3) as found:
        await level(found)
        await found[0].die()
        found[0:1] = []
        records = await asyncio.gather(
            *(each.member.submit(enqueue(f"c{number}")) for number, each in enumerate(found))
        )
        assert all(record is not None for record in records)
        await level(found)
        assert sorted(found[0].member.state.contacts) == ["c0", "c1"]
        note_row(server, found[0], given=2)


async def test_who_hands_over_goes_on_being_asked(server: RedisServer, tmp_path: Path) -> None:
    async with engines(server, tmp_path, 2) as (first, second):
        asked = []
        for number in range(200):
            asked.append(asyncio.create_task(first.member.submit(enqueue(f"c{number}"))))
            if number == 100:
                await hand_over(server, second)
        assert all(record is not None for record in await asyncio.gather(*asked))
        assert not first.decides
        contacts = sorted(second.member.state.contacts.values(), key=lambda one: one.sequence)
        assert [one.contact_id for one in contacts] == [f"c{number}" for number in range(200)]
        await hand_over(server, first)
        assert await second.member.submit(enqueue("last")) is not None
        await level([first, second])
        note_row(server, second, given=201)


async def test_who_takes_long_to_begin_keeps_the_lease(server: RedisServer, tmp_path: Path) -> None:
    async with AsyncExitStack() as opened, engines(server, tmp_path, 1) as found:
        found.append(await join(server, tmp_path, opened, opening_s=3 * LEASE_MS / 1000))
        first, second = found
        await hand_over(server, second)
        record = await first.member.submit(enqueue("c1"))
        assert record is not None
        assert record.origin == Origin(first.start, 1), "the first has not decided in between"
        await level(found)


async def test_what_is_sent_again_is_decided_once(server: RedisServer, tmp_path: Path) -> None:
    async with engines(server, tmp_path, 2) as (first, second):
        assert await second.member.submit(cmd.PassTime()) is None, "its connections are open"
        second.relay.swallow_answers()
        asked = [
            asyncio.create_task(second.member.submit(command))
            for command in (enqueue("c1"), enqueue("c1"), enqueue("c2"))
        ]
        await until(lambda: len(first.member.state.contacts) == 2, "they are decided")
        second.relay.pass_answers()
        done = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(done[1], Refused)
        assert answered(server) == [(second.start, 2), (second.start, 4)]
        with server.client() as client:
            await until(lambda: client.xlen("{samko}:commands") == 0, "nothing is left over")
        await level([first, second])
        note_row(server, second, given=2)


async def test_a_new_decider_takes_nothing_for_new_that_a_record_has(
    server: RedisServer, tmp_path: Path
) -> None:
    async with engines(server, tmp_path, 2) as (first, second):
        record = await second.member.submit(enqueue("c1"))
        assert record is not None
        with server.client() as client:
            await until(lambda: client.xlen("{samko}:commands") == 0, "it has been answered")
        commands = RedisCommands(server.place())
        gone = cmd.ReportCallerGone(ContactId("c1"))
        commands.send(second.start, [(1, encode_command(gone))])
        await hand_over(server, second)
        with server.client() as client:
            await until(lambda: client.xlen("{samko}:commands") == 0, "it has been looked at")
        assert first.member.state.living(ContactId("c1")) is not None
        commands.close()


async def test_who_gets_no_answer_is_told_and_it_is_not_decided_later(
    server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ANSWER_S", 0.5)
    async with engines(server, tmp_path, 2) as (first, second):
        second.relay.cut()
        with pytest.raises(EngineStopped, match="no engine has decided"):
            await second.member.submit(enqueue("c1"))
        second.relay.heal()
        assert await second.member.submit(enqueue("c2")) is not None
        assert list(first.member.state.contacts) == ["c2"]


async def test_who_joined_by_a_snapshot_alone_can_begin_a_lost_journal_anew(
    server: RedisServer, tmp_path: Path
) -> None:
    async with AsyncExitStack() as opened, engines(server, tmp_path, 1) as found:
        assert await found[0].member.submit(enqueue("c1")) is not None
        await found[0].end()  # its last snapshot is of the last record
        found[0:1] = [await join(server, tmp_path, opened)]
        await until(lambda: found[0].decides, "it decides")
        found.append(await join(server, tmp_path, opened))
        await level(found)
        with server.client() as client:
            client.flushall()
        await found[0].die()
        found[0:1] = []
        await until(lambda: found[0].decides, "the other one decides")
        assert list(found[0].member.state.contacts) == ["c1"]
        assert await found[0].member.submit(enqueue("c2")) is not None
        assert list(found[0].member.state.contacts) == ["c1", "c2"]
        note_row(server, found[0], given=2)


async def test_who_was_cut_off_longer_than_its_lease_leaves_an_emptied_redis_to_who_decided_since(
    server: RedisServer, tmp_path: Path
) -> None:
    """It is there first, and nothing in Redis says that another has decided."""
    async with engines(server, tmp_path, 2, lease_ms=3_000) as found:
        former, latest = found
        assert await former.member.submit(enqueue("c1")) is not None
        await level(found)
        former.relay.cut()
        await until(lambda: latest.decides, "the other one decides")
        assert await latest.member.submit(enqueue("c2")) is not None
        latest.relay.cut()
        with server.client() as client:
            client.flushall()
        former.relay.heal()
        await asyncio.sleep(1.0)  # it looks for the lease meanwhile
        latest.relay.heal()
        await until(lambda: not former.is_there, "it hears that another decides")
        await until(lambda: not latest.member.is_degraded, "the journal is begun anew")
        assert await latest.member.submit(enqueue("c3")) is not None
        assert list(latest.member.state.contacts) == ["c1", "c2", "c3"]
        note_row(server, latest, given=3)


async def test_what_a_new_decider_asked_before_does_not_wait_for_redis(
    server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It took over with its own commands in the stream, and Redis goes before it has read them."""
    async with engines(server, tmp_path, 2) as found:
        first, second = found
        await level(found)
        await first.die()
        found[:1] = []
        a1 = AgentId("a1")
        before = [enqueue("c1"), sign_on("a1"), cmd.SetAgentReady(a1), cmd.SetAgentReady(a1)]
        asked = [asyncio.create_task(second.member.submit(command)) for command in before]
        with server.client() as client:
            await until(lambda: client.xlen("{samko}:commands") == 4, "they are sent")
        serve_as_ever = second.member.node.serve

        def serve_cut_off(driver: Driver, is_degraded: Callable[[], bool]) -> None:
            second.relay.cut()
            serve_as_ever(driver, is_degraded)

        monkeypatch.setattr(second.member.node, "serve", serve_cut_off)
        await until(lambda: second.decides, "it has taken over")
        asked.append(asyncio.create_task(second.member.submit(enqueue("c2"))))
        async with asyncio.timeout(asking.ANSWER_S / 2):
            records = await asyncio.gather(*asked)
        assert [record is not None for record in records] == [True, True, True, False, True]
        not_ready = cmd.SetAgentNotReady(a1, NotReadyReason.BREAK)
        assert await second.member.submit(not_ready) is not None
        assert second.member.is_degraded
        second.relay.heal()
        with server.client() as client:
            await until(lambda: client.xlen("{samko}:commands") == 0, "it has found them there")
        await until(lambda: not second.member.is_degraded, "Redis has all")
        assert answered(server) == [(second.start, count) for count in (1, 2, 3, 5)]
        assert not second.member.state.agents[a1].is_ready, "what came to nothing comes to nothing"
        note_row(server, second, given=2)
