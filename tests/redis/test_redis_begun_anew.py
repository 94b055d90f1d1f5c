"""Whoever decides in memory gives a lost journal all that it held: once, and it is whole again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from queue_engine.core.errors import AppendRefused, JournalError
from queue_engine.journal.base import Snapshot
from queue_engine.journal.degraded import FallbackJournal
from queue_engine.journal.recent import RecentRows
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_lease import RedisLease
from queue_engine.runtime.driver import Driver
from queue_engine.runtime.recovery import recover
from queue_engine.serve.deciding import Deciding
from queue_engine.serve.journal import OpenedJournal
from tests.redis_relay import Relay
from tests.redis_server import RedisServer
from tests.runtime.driver_world import DEADLINE_S, enqueue, load, until

pytestmark = pytest.mark.redis


@pytest.fixture
def relay(server: RedisServer) -> Iterator[Relay]:
    with Relay(server.port) as relay:
        yield relay


@pytest.fixture
def lease(server: RedisServer) -> Iterator[RedisLease]:
    with closing(RedisLease(server.place(), "a", 60_000)) as lease:
        assert lease.take()
        yield lease


@pytest.fixture
def kept(relay: Relay, lease: RedisLease) -> Iterator[RedisJournal]:
    with closing(RedisJournal(relay.place(), lease.holder)) as kept:
        yield kept


@pytest.fixture
def opened(kept: RedisJournal) -> OpenedJournal:
    """By the holder of the lease, with two records in Redis; the third is not to be written."""
    journal = FallbackJournal(kept, lambda _: None)
    journal.append(0, [b"1", b"2"])
    journal.state_now = lambda: Snapshot(3, b"state")
    return OpenedJournal(journal, kept, Path("ledger"))


def empty(server: RedisServer, lease: RedisLease) -> None:
    with server.client() as client:
        client.flushall()
    assert lease.take()


def contents(server: RedisServer) -> list[bytes]:
    with closing(RedisJournal(server.place())) as journal:
        return [record.data for record in journal.read(journal.kept_after())]


def test_what_was_decided_since_goes_with_the_state_when_it_was_lost(
    server: RedisServer, lease: RedisLease, kept: RedisJournal, opened: OpenedJournal
) -> None:
    before = kept.incarnation
    empty(server, lease)
    for number in (2, 3, 4):
        opened.journal.append(number, [b"%d" % (number + 1)])
    opened.retry()
    assert not opened.journal.is_degraded
    assert contents(server) == [b"1", b"2", b"3", b"4", b"5"]
    with closing(RedisJournal(server.place())) as again:
        assert again.incarnation == kept.incarnation != before
        assert again.latest_snapshot() == Snapshot(3, b"state")


def test_one_that_cannot_be_written_yet_is_begun_at_a_later_try(
    server: RedisServer, lease: RedisLease, opened: OpenedJournal
) -> None:
    with server.client() as client:
        client.flushall()
    opened.journal.append(2, [b"3"])
    opened.retry()
    assert opened.journal.is_degraded, "nobody has the lease"
    assert lease.take()
    opened.retry()
    assert not opened.journal.is_degraded
    assert contents(server) == [b"1", b"2", b"3"]


def test_one_that_another_may_write_by_now_is_left_to_that_one(
    server: RedisServer, lease: RedisLease, opened: OpenedJournal
) -> None:
    """What is in memory stays there, to be set aside."""
    empty(server, lease)
    opened.journal.append(2, [b"3"])
    assert lease.give("b")
    with pytest.raises(AppendRefused, match="another node decides"):
        opened.retry()
    assert opened.journal.gap() == (b"3",)
    with server.client() as client:
        assert not client.exists(server.place().key("journal"))


def test_one_that_is_there_again_before_it_is_begun_is_written_as_it_was(
    server: RedisServer,
    lease: RedisLease,
    kept: RedisJournal,
    opened: OpenedJournal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One Redis said that it was lost, and the next that answers has it."""
    with server.client() as client:
        whole = {key: client.dump(key) for key in client.keys(server.place().key("*"))}
    empty(server, lease)
    opened.journal.append(2, [b"3"])
    before, begin_anew = kept.incarnation, RedisJournal.begin_anew

    def begin_later(journal: RedisJournal, *held: Any) -> None:
        with server.client() as client:
            for key, found in whole.items():
                client.restore(key, 60_000, found, replace=True)
        begin_anew(journal, *held)

    monkeypatch.setattr(RedisJournal, "begin_anew", begin_later)
    opened.retry()
    assert not opened.journal.is_degraded
    assert kept.incarnation == before
    assert contents(server) == [b"1", b"2", b"3"]


@pytest.mark.parametrize("held", [0, 2])
def test_one_that_is_lost_before_its_writer_has_written_anything_is_begun_anew_as_well(
    server: RedisServer, relay: Relay, lease: RedisLease, held: int
) -> None:
    """It had just begun to decide, from what it had read there."""
    with closing(RedisJournal(server.place(), lease.holder)) as former:
        former.append(0, [b"%d" % (number + 1) for number in range(held)])
    with closing(RedisJournal(relay.place(), lease.holder)) as kept:
        journal = FallbackJournal(kept, lambda _: None)
        journal.state_now = lambda: Snapshot(held + 1, b"state")
        relay.cut()
        journal.append(held, [b"%d" % (held + 1)])
        journal.append(held + 1, [b"%d" % (held + 2)])
        empty(server, lease)
        relay.heal()
        OpenedJournal(journal, kept, Path("ledger")).retry()
        assert not journal.is_degraded
        assert kept.latest_snapshot() == Snapshot(held + 1, b"state")
        assert [record.data for record in kept.read(held + 1)] == [b"%d" % (held + 2)]


def no_answer(*_: object) -> None:
    raise JournalError("no answer")


@pytest.mark.parametrize("forgets", [False, True])
def test_one_that_had_got_what_is_in_memory_is_whole_after_it_was_begun_once(
    server: RedisServer,
    relay: Relay,
    lease: RedisLease,
    kept: RedisJournal,
    opened: OpenedJournal,
    monkeypatch: pytest.MonkeyPatch,
    forgets: bool,
) -> None:
    """Its writer found out that its record was there, and was cut off again before it could look
    which; then Redis was emptied. Of what came before it may have nothing (`forgets`)."""
    relay.swallow_answers()
    opened.journal.append(2, [b"3"])
    relay.pass_answers()
    with monkeypatch.context() as cut_off:
        cut_off.setattr(RedisJournal, "read", no_answer)
        opened.retry()
    (*_, last) = kept.latest()[1].up_to(3)
    assert opened.journal.gap() == (last.data,), "what is written is in memory as well"
    if forgets:
        kept.remember(RecentRows())
        kept.latest()[1].add(last)
    empty(server, lease)
    opened.journal.append(3, [b"4"])
    opened.retry()
    assert not opened.journal.is_degraded
    begun = kept.incarnation
    assert contents(server) == ([b"4"] if forgets else [b"1", b"2", b"3", b"4"])
    opened.retry()
    opened.journal.append(4, [b"5"])
    assert kept.incarnation == begun
    assert contents(server)[-2:] == [b"4", b"5"]


async def test_a_memory_that_is_full_goes_into_it_as_well(
    server: RedisServer, lease: RedisLease, kept: RedisJournal
) -> None:
    """The loop waits for room then, in the midst of a turn."""
    journal = FallbackJournal(kept, lambda _: None, records_max=3)
    deciding = Deciding(
        OpenedJournal(journal, kept, Path("ledger")),
        lambda opened: Driver(opened.journal, hand=opened.hand()),
    )
    await deciding.start()
    driver = deciding.driver
    works = [asyncio.create_task(work) for work in (driver.run(), deciding._retry_journal())]
    try:
        async with asyncio.timeout(DEADLINE_S):
            await driver.submit(load())
            empty(server, lease)
            for number in range(9):
                await driver.submit(enqueue(f"c{number}"))
            await until(lambda: not journal.is_degraded, "it is whole again")
    finally:
        for work in works:
            work.cancel()
        await asyncio.wait(works)
        await driver.close()
    with closing(RedisJournal(server.place())) as again:
        assert len(recover(again).contacts) == 9
