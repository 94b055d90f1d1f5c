"""A journal in Redis is looked back on while an engine goes on with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from queue_engine.core.errors import JournalCorrupt, JournalError
from queue_engine.journal.base import NoJournal
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_reading import RedisReading
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis


@pytest.fixture
def engine(server: RedisServer) -> Iterator[RedisJournal]:
    """Has appended 300 records, with a snapshot of the 200th."""
    journal = RedisJournal(server.place())
    journal.append(0, [b"record %d" % number for number in range(1, 301)])
    journal.save_snapshot(200, b"state")
    yield journal
    journal.close()


def test_it_ends_where_it_ended_when_it_was_opened(
    server: RedisServer, engine: RedisJournal
) -> None:
    with RedisReading(server.place()) as reading:
        rows = reading.read(0)
        assert next(rows).number == 1
        engine.append(300, [b"record 301", b"record 302"])
        assert [row.number for row in rows] == list(range(2, 301))
        assert reading.last_number() == 300
        assert list(reading.read(300)) == []
        assert reading.numbers_naming(b"record 30") == [30, 300]
        with pytest.raises(JournalError, match="the last record is 300"):
            reading.read(301)
    with RedisReading(server.place()) as again:
        assert again.last_number() == 302


def test_a_newer_snapshot_takes_the_place_of_the_former(
    server: RedisServer, engine: RedisJournal
) -> None:
    with RedisReading(server.place()) as reading:
        assert reading.snapshot_numbers() == [200]
        engine.append(300, [b"record 301"])
        engine.save_snapshot(301, b"later")
        assert reading.snapshot(200) is None
        assert reading.snapshot_numbers() == [], "of a record beyond its end"


def test_a_damaged_record_is_told_and_a_damaged_snapshot_is_none(
    server: RedisServer, engine: RedisJournal
) -> None:
    with server.client() as client:
        client.xdel(server.place().key("journal"), "250-0")
        client.hset(server.place().key("snapshot"), "data", b"stale")
    with RedisReading(server.place()) as reading:
        with pytest.raises(JournalCorrupt, match="record 250 is damaged or missing"):
            list(reading.read(0))
        assert reading.snapshot_numbers() == []


def test_a_server_that_dies_meanwhile_is_told(server: RedisServer, engine: RedisJournal) -> None:
    with RedisReading(server.place()) as reading:
        rows = reading.read(0)
        next(rows)
        server.kill()
        with pytest.raises(JournalError, match="cannot read what follows record 128"):
            list(rows)
    with pytest.raises(JournalError, match="cannot be opened") as unreachable:
        RedisReading(server.place())
    assert not isinstance(unreachable.value, NoJournal)


@pytest.mark.filterwarnings("error")
def test_what_cannot_be_opened_leaves_no_connection(server: RedisServer) -> None:
    journal = RedisJournal(server.place())
    journal.append(0, [b"a"])
    journal.close()
    with server.client() as client:
        client.delete(server.place().key("incarnation"))
        for kind in (RedisJournal, RedisReading):
            with pytest.raises(JournalCorrupt, match="has lost its name"):
                kind(server.place())
        assert len(client.client_list()) == 1, "this one"
