"""Nodes on one journal: one decides, the others hold what it holds, and each may take over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from queue_engine.core.errors import EngineStopped, JournalError, SamkoError
from queue_engine.core.snapshot import write_snapshot
from queue_engine.journal.degraded import FallbackJournal
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_nodes import NodeNote, RedisNodes
from queue_engine.runtime.driver import Driver
from queue_engine.runtime.standby import resume
from queue_engine.serve.hand_over import HandedOver
from queue_engine.serve.node import Node
from tests.patience import PATIENCE_S, eventually
from tests.redis_server import RedisServer
from tests.runtime.driver_world import begin, enqueue

pytestmark = pytest.mark.redis

LEASE_MS = 1_000


class Deciding:
    """A node that decides: its driver runs, its lease is kept."""

    def __init__(self, node: Node, driver: Driver) -> None:
        self.node = node
        self.driver = driver
        self.loop = asyncio.create_task(driver.run())
        self.keep = asyncio.create_task(node.keep())
        self.is_degraded = False


@asynccontextmanager
async def node_on(server: RedisServer) -> AsyncIterator[Node]:
    node = Node(server.place(), LEASE_MS)
    try:
        yield node
    finally:
        await node.close()


@asynccontextmanager
async def deciding(node: Node) -> AsyncIterator[Deciding]:
    """As `Service` does it."""
    assert node.decides
    kept = RedisJournal(node.place, node.start)
    journal = FallbackJournal(kept, lambda degradation: None)
    driver = Driver(journal)
    held = node.standby.held()
    await driver.start(None if held is None else resume(kept, held))
    node.serve(driver, lambda: journal.is_degraded)
    found = Deciding(node, driver)
    retry = asyncio.create_task(_retry(driver, journal))
    try:
        yield found
    finally:
        tasks = (found.keep, found.loop, retry)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await driver.close()


async def _retry(driver: Driver, journal: FallbackJournal) -> None:
    while True:
        await asyncio.sleep(0.2)
        if journal.is_degraded:
            await driver.hand.call(journal.retry)


async def caught_up(node: Node, driver: Driver) -> None:
    await eventually(lambda: node.standby.number == driver.state.record_number, "the standby is up")


async def test_who_stands_by_goes_on_where_the_other_died(server: RedisServer) -> None:
    async with node_on(server) as first, node_on(server) as second, AsyncExitStack() as later:
        assert await first.take()
        assert not await second.take()
        stands_by = asyncio.create_task(second.stand_by())
        async with deciding(first) as one:
            await begin(one.driver)
            await caught_up(second, one.driver)
            assert write_snapshot(second.standby.state) == write_snapshot(one.driver.state)
            held = one.driver.state.record_number
            one.keep.cancel()  # it dies: the lease is renewed no more
            one.loop.cancel()
            await asyncio.wait_for(stands_by, PATIENCE_S)
        two = await later.enter_async_context(deciding(second))
        assert two.driver.counts.records == 0
        await eventually(
            lambda: two.driver.state.record_number > held, "its switch is taken for lost"
        )
        assert two.driver.state.contacts.keys() == {"c1"}
        await two.driver.submit(enqueue("d1"))


async def test_handed_over_all_is_there_and_the_former_one_has_ended(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    nodes = RedisNodes(server.place())
    async with node_on(server) as first, node_on(server) as second, AsyncExitStack() as later:
        assert await first.take()
        stands_by = asyncio.create_task(second.stand_by())
        async with deciding(first) as one:
            await begin(one.driver)
            nodes.wish("nobody")
            with caplog.at_level(logging.WARNING):
                await eventually(lambda: not nodes.wished(), "a wish for nobody is refused")
            assert "node nobody is not there" in caplog.text
            nodes.wish(second.start)
            with pytest.raises(HandedOver, match=f"handed over to .*{second.start}"):
                await asyncio.wait_for(one.loop, PATIENCE_S)
            with pytest.raises(EngineStopped):
                await one.driver.submit(enqueue("d1"))
            await asyncio.wait_for(stands_by, PATIENCE_S)
            last = one.driver.state.record_number
        two = await later.enter_async_context(deciding(second))
        record = await two.driver.submit(enqueue("d1"))
        assert record is not None
        assert record.number > last
        await eventually(lambda: not nodes.wished(), "the wish is forgotten")
        assert nodes.picture().holder == second.start
    nodes.close()


async def test_a_node_that_has_gone_silent_is_not_handed_anything(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    nodes = RedisNodes(server.place())
    async with node_on(server) as first, node_on(server) as second:
        assert await first.take()
        assert not await second.take()  # and then no more is heard of it
        async with deciding(first) as one:
            with caplog.at_level(logging.WARNING):
                nodes.wish(second.start)
                await eventually(lambda: not nodes.wished(), "the wish is refused")
            assert "does not answer" in caplog.text
            assert not one.loop.done()
    nodes.close()


async def test_a_restart_of_redis_is_no_takeover(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with node_on(server) as first, node_on(server) as second:
        assert await first.take()
        stands_by = asyncio.create_task(second.stand_by())
        async with deciding(first) as one:
            await begin(one.driver)
            await caught_up(second, one.driver)
            with caplog.at_level(logging.WARNING):
                server.kill()
                await eventually(lambda: second.is_cut_off, "the standby notices")
                await one.driver.submit(enqueue("meanwhile"))
                await asyncio.sleep(1.5 * LEASE_MS / 1000)
                server.start()
                await caught_up(second, one.driver)
            await one.driver.submit(enqueue("after"))
            await caught_up(second, one.driver)
            assert not stands_by.done()
            assert not one.keep.done()
            told = [one.message for one in caplog.records if "standing by" in one.message]
            assert len(told) == 2, told
            told = [one.message for one in caplog.records if "deciding" in one.message]
            assert len(told) == 2, "however often it tries to renew its lease"
            stands_by.cancel()
            await asyncio.wait([stands_by])


async def test_a_node_that_cannot_read_a_record_never_decides(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    nodes, journal = RedisNodes(server.place()), RedisJournal(server.place())
    async with node_on(server) as second:
        async with node_on(server) as first:
            assert await first.take()
            assert not await second.take()
            stands_by = asyncio.create_task(second.stand_by())
            writer = RedisJournal(server.place(), first.start)
            writer.append(0, [b'{"v": 99}'])
            with caplog.at_level(logging.CRITICAL):
                await eventually(lambda: second.standby.fault is not None, "it is noticed")
                await eventually(
                    lambda: any(n.note.fault for n in nodes.picture().nodes), "and told"
                )
            writer.close()
        await asyncio.sleep(2 * LEASE_MS / 1000)
        assert nodes.picture().holder == ""
        assert not second.decides
        assert [one.message for one in caplog.records if "does not decide" in one.message]
        stands_by.cancel()
        await asyncio.wait([stands_by])
    nodes.close()
    journal.close()


async def test_an_engine_that_ends_gives_the_lease_up_and_is_no_longer_there(
    server: RedisServer,
) -> None:
    nodes = RedisNodes(server.place())
    async with node_on(server) as second:
        async with node_on(server) as first:
            assert await first.take()
            assert not await second.take()
            assert {node.note.start for node in nodes.picture().nodes} == {
                first.start,
                second.start,
            }
        assert nodes.picture().holder == ""
        await asyncio.wait_for(second.stand_by(), PATIENCE_S)
        assert [node.note.start for node in nodes.picture().nodes] == [second.start]
    nodes.close()


async def test_who_never_reached_redis_has_nothing_to_give_up_there(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.kill()
    node = Node(server.place(), LEASE_MS)
    with pytest.raises(JournalError):
        await node.take()
    await node.close()
    assert not caplog.records


async def test_who_finds_the_lease_with_another_ends(server: RedisServer) -> None:
    async with node_on(server) as first, node_on(server) as second:
        assert await first.take()
        async with deciding(first) as one:
            first._lease.give(second.start)
            with pytest.raises(SamkoError, match="another node decides"):
                await asyncio.wait_for(one.keep, PATIENCE_S)


async def test_who_holds_less_than_another_lets_it_go_first(server: RedisServer) -> None:
    nodes = RedisNodes(server.place())
    async with node_on(server) as second:
        async with node_on(server) as first:
            assert await first.take()
            assert not await second.take()
        with server.client() as client:
            client.flushall()
        standing_by = asyncio.create_task(second.stand_by())
        nodes.note(NodeNote("another", "north", "1.0", 2, 50))
        await asyncio.sleep(3 * LEASE_MS / 1000)
        assert not standing_by.done(), "the other one, slow as it is, writes what was lost anew"
        await asyncio.wait_for(standing_by, PATIENCE_S)  # it has died as well
    nodes.close()


async def test_who_comes_back_from_an_island_to_an_emptied_redis_lets_others_go_first(
    server: RedisServer,
) -> None:
    nodes = RedisNodes(server.place())
    async with node_on(server) as first:
        assert await first.take()
        async with deciding(first) as one:
            await begin(one.driver)
            with server.client() as client:
                client.flushall()
            nodes.note(NodeNote("another", "north", "1.0", 2, 50))
            with pytest.raises(SamkoError, match="another node has decided"):
                await asyncio.wait_for(one.keep, PATIENCE_S)
    nodes.close()
