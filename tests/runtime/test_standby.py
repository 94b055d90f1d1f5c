"""Whoever stands by holds what the decider holds, or says why not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pytest

from queue_engine.core import commands as cmd
from queue_engine.core.errors import AppendRefused, JournalCorrupt, JournalError, JournalLost
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.snapshot import write_snapshot
from queue_engine.journal.base import Journal, NoJournal, StoredRecord
from queue_engine.journal.checksum import CHAIN_START, Row, chained
from queue_engine.journal.memory import MemoryJournal
from queue_engine.journal.recent import RecentRows
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_reading import open_begun
from queue_engine.runtime.driver import Driver
from queue_engine.runtime.standby import FollowedJournal, Held, Standby, resume
from tests.core.world import POLICY
from tests.redis_server import RedisServer
from tests.runtime.driver_world import HandClock, begin, enqueue, running, seen


class Checked(MemoryJournal):
    """A journal in memory with checksums; may be out of reach, another one, or damaged."""

    fault: JournalError | None = None
    damaged = 0

    def checksum_of(self, number: int) -> int:
        checksum = CHAIN_START
        for stored in super().read(0):
            checksum = chained(checksum, stored.number, stored.data)
            if stored.number == number:
                return checksum
        raise JournalCorrupt(f"record {number} is missing")

    def row(self, number: int) -> Row:
        (data,) = (stored.data for stored in super().read(number - 1) if stored.number == number)
        return Row(number, self.checksum_of(number), data)

    def rows_from(self, number: int, count: int) -> tuple[list[Row], int]:
        last = self.last_number()
        if not 0 < number <= last:
            return [], last
        rows = [self.row(number)]
        for stored in islice(self.read(number), count):
            if stored.number == self.damaged:
                break
            rows.append(self.row(stored.number))
        return rows, last

    def last_number(self) -> int:
        if self.fault is not None:
            raise self.fault
        return super().last_number()

    def read(self, after: int) -> Iterator[StoredRecord]:
        for stored in super().read(after):
            yield StoredRecord(stored.number, b"?") if stored.number == self.damaged else stored

    def close(self) -> None:
        """Its one object is used again."""


class Kept:
    """A journal that is written to, and how it is opened by whoever follows it."""

    def __init__(self, journal: Journal, follow: Callable[[], FollowedJournal | None]) -> None:
        self.journal = journal
        self.follow = follow


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    """Each kind, empty."""
    if request.param == "memory":
        journal = Checked()
        yield Kept(journal, lambda: journal)
        return
    with RedisServer(tmp_path) as server:
        opened = RedisJournal(server.place())
        yield Kept(opened, lambda: RedisJournal(server.place()))
        opened.close()


def folded(standby: Standby) -> None:
    while standby.follow():
        pass


async def test_it_holds_what_the_decider_holds(kept: Kept) -> None:
    standby = Standby(kept.follow)
    assert standby.follow() == 0
    async with running(kept.journal) as driver:
        await begin(driver)
        folded(standby)
        await driver.submit(enqueue("d1"))
        await driver.submit(seen("d1"))
        folded(standby)
        number = driver.state.record_number
        assert standby.number == number > 0
        decided = write_snapshot(driver.state)
    held = standby.held()
    assert held is not None
    assert write_snapshot(held.state) == decided


async def test_it_begins_at_a_snapshot_and_folds_in_small_parts(kept: Kept) -> None:
    async with running(kept.journal, snapshot_every=4) as driver:
        await begin(driver)
    async with running(kept.journal) as driver:
        for number in range(8):
            await driver.submit(enqueue(f"d{number}"))
        decided, last = write_snapshot(driver.state), driver.state.record_number
    snapshot = kept.journal.latest_snapshot()
    assert snapshot is not None
    standby = Standby(kept.follow)
    lefts: list[int] = []
    while not lefts or lefts[-1]:
        lefts.append(standby.follow(records_max=1))
    assert lefts == [*range(last - snapshot.number - 1, -1, -1)]
    held = standby.held()
    assert held is not None
    assert write_snapshot(held.state) == decided


async def test_who_takes_over_reads_what_was_appended_since_and_no_more() -> None:
    class Watched(Checked):
        reads: list[int]

        def read(self, after: int) -> Iterator[StoredRecord]:
            self.reads.append(after)
            return super().read(after)

    journal = Watched()
    journal.reads = []
    async with running(journal) as driver:
        await begin(driver)
        standby = Standby(lambda: journal)
        folded(standby)
        held = standby.number
        await driver.submit(enqueue("late"))
        last = driver.state.record_number
    journal.reads.clear()
    next_one = Driver(journal, clock_of=HandClock().of)
    left = standby.held()
    assert left is not None
    await next_one.start(left.state)
    assert journal.reads == [held]
    assert next_one.state.record_number == last == held + 1
    await next_one.close()


async def test_a_journal_with_other_records_is_folded_anew(
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = Checked(), Checked()
    for journal, name in ((first, "d1"), (second, "d2")):
        async with running(journal) as driver:
            await begin(driver)
            await driver.submit(enqueue(name))
    now = first
    standby = Standby(lambda: now)
    folded(standby)
    first.__dict__.update(second.__dict__)
    with caplog.at_level(logging.CRITICAL):
        assert standby.follow() == 0
    assert "folded anew" in caplog.text
    held = standby.held()
    assert held is not None
    assert list(held.state.contacts) == ["c1", "d2"]


async def test_an_empty_journal_is_no_reason_to_drop_what_was_folded(
    caplog: pytest.LogCaptureFixture,
) -> None:
    full, now = Checked(), Checked()
    async with running(full) as driver:
        await begin(driver)
    journals = [full, now]
    standby = Standby(lambda: journals.pop(0))
    folded(standby)
    number = standby.number
    full.fault = AppendRefused("another one")
    assert standby.follow() == 0
    with caplog.at_level(logging.CRITICAL):
        assert standby.follow() == 0
    assert standby.number == number > 0, "whoever begins it may die before it has begun"
    async with running(now) as driver:
        await begin(driver)
        await driver.submit(enqueue("d1"))
        folded(standby)
        assert standby.number == driver.state.record_number


@pytest.mark.parametrize("is_gone", [False, True])
async def test_a_journal_that_is_gone_or_shorter_is_waited_for_and_gone_on_with(
    is_gone: bool, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Checked()
    now: Checked | None = journal
    async with running(journal) as driver:
        await begin(driver)
        standby = Standby(lambda: now)
        folded(standby)
        number = standby.number
        lost = journal._records.pop()
        if is_gone:
            journal.fault, now = AppendRefused("it was emptied"), None
        with caplog.at_level(logging.CRITICAL):
            for _ in range(3):
                assert standby.follow() == 0
        assert caplog.text.count("that is held on to") == 1
        assert standby.number == number
        journal._records.append(lost)
        journal.fault, now = None, journal
        await driver.submit(enqueue("d1"))
        folded(standby)
        assert standby.number == driver.state.record_number > number


async def test_a_shorter_journal_that_somebody_has_begun_is_folded_from_its_beginning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = Checked(), Checked()
    async with running(first) as driver:
        await begin(driver)
    async with running(second) as driver:
        await driver.submit(cmd.LoadPolicy(write_policy(POLICY)))
    now = first
    standby = Standby(lambda: now)
    folded(standby)
    first.fault, now = AppendRefused("it is another one"), second
    with caplog.at_level(logging.CRITICAL):
        for _ in range(3):
            standby.follow()
    assert "folded anew" in caplog.text
    assert standby.number == second.last_number() == 1


async def test_a_record_that_cannot_be_read_ends_the_following(kept: Kept) -> None:
    async with running(kept.journal) as driver:
        await begin(driver)
    standby = Standby(kept.follow)
    folded(standby)
    held = standby.number
    kept.journal.append(held, [b'{"v": 99}'])
    for _ in range(2):
        with pytest.raises(JournalCorrupt, match=f"record {held + 1}: record: expected version"):
            standby.follow()
    assert standby.fault is not None
    assert standby.number == held


async def test_a_journal_out_of_reach_is_tried_again() -> None:
    journal = Checked()
    async with running(journal) as driver:
        await begin(driver)
        standby = Standby(lambda: journal)
        folded(standby)
        journal.fault = JournalError("Redis is away")
        with pytest.raises(JournalError, match="away"):
            standby.follow()
        journal.fault = None
        await driver.submit(enqueue("d1"))
        folded(standby)
        assert standby.number == driver.state.record_number


def test_where_there_is_no_journal_yet_nothing_is_held() -> None:
    standby = Standby(lambda: None)
    assert standby.follow() == 0
    assert standby.held() is None


@pytest.mark.redis
async def test_an_emptied_redis_is_noticed_and_what_begins_there_followed(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server:
        place = server.place()

        def follow() -> RedisJournal | None:
            try:
                return open_begun(place)
            except NoJournal:
                return None

        standby = Standby(follow)
        assert standby.follow() == 0, "nobody has begun one, and neither does this"
        journal = RedisJournal(place)
        assert journal.created
        async with running(journal) as driver:
            await begin(driver)
            folded(standby)
            assert standby.number == driver.state.record_number
        journal.close()
        with server.client() as client:
            client.flushall()
        held = standby.number
        folded(standby)
        assert standby.number == held > 0
        again = RedisJournal(place)
        async with running(again) as driver:
            await begin(driver)
            await driver.submit(enqueue("d1"))
            folded(standby)
            assert standby.number == driver.state.record_number
        again.close()
        standby.close()


class Losable(Checked):
    """One that can be given back what it lacks."""

    remembered: RecentRows | None = None
    begun_with: tuple[int, bytes] | None = None
    is_lost = False

    def remember(self, recent: RecentRows) -> None:
        self.remembered = recent

    def last_number(self) -> int:
        if self.is_lost:
            raise JournalLost("it was emptied")
        return super().last_number()

    def begin_anew(self, number: int, snapshot: bytes, records: Sequence[bytes]) -> None:
        assert not records
        self.begun_with = (number, snapshot)
        self.is_lost = False


async def held_of(journal: Checked) -> Held:
    """What a standby of this journal leaves."""
    async with running(journal) as driver:
        await begin(driver)
    standby = Standby(lambda: journal)
    folded(standby)
    held = standby.held()
    assert held is not None
    return held


async def test_who_takes_over_gives_the_journal_what_it_lacks() -> None:
    journal = Losable()
    held = await held_of(journal)
    assert resume(journal, held) is held.state
    assert journal.remembered is held.recent
    assert journal.begun_with is None
    journal.is_lost = True
    assert resume(journal, held) is held.state
    assert journal.begun_with == (held.state.record_number, write_snapshot(held.state))


async def test_who_takes_over_goes_by_the_journal_where_it_holds_other_records() -> None:
    held = await held_of(Checked())
    journal = Losable()
    async with running(journal) as driver:
        for number in range(held.state.record_number):
            await driver.submit(enqueue(f"d{number}"))
    assert resume(journal, held) is None
    assert journal.remembered is not held.recent


@pytest.mark.redis
async def test_what_left_for_the_archive_meanwhile_is_gone_on_from_a_snapshot(
    tmp_path: Path,
) -> None:
    with RedisServer(tmp_path) as server:
        journal, standby = RedisJournal(server.place()), Standby(lambda: open_begun(server.place()))
        async with running(journal, snapshot_every=1) as driver:
            await begin(driver)
            folded(standby)
            for number in range(5):
                await driver.submit(enqueue(f"d{number}"))
            decided, last = write_snapshot(driver.state), driver.state.record_number
        journal.let_go(last - 1, journal.checksum_of(last - 1), keep=1)
        assert standby.follow() == 0
        assert standby.number == last, "it was too far behind, and dropped nothing before it could"
        held = standby.held()
        assert held is not None
        assert write_snapshot(held.state) == decided
        journal.close()
