"""Looking back is the same whatever keeps the journal: one contract for each `Reading`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from queue_engine.core.errors import JournalError
from queue_engine.journal.base import Journal, Reading, Snapshot, StoredRecord
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_reading import RedisReading
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.journal.sqlite_reading import SqliteReading

OpenReading = Callable[[], AbstractContextManager[Reading]]


@pytest.fixture(params=["sqlite", pytest.param("redis", marks=pytest.mark.redis)])
def kept(
    request: pytest.FixtureRequest, tmp_path: Path
) -> tuple[Callable[[], Journal], OpenReading]:
    """Opens the same journal to write, and to look back."""
    if request.param == "redis":
        place = request.getfixturevalue("redis_server").place(tmp_path.name)
        return lambda: RedisJournal(place), lambda: RedisReading(place)
    path = tmp_path / "samko.db"
    return lambda: SqliteJournal(path), lambda: SqliteReading(path)


@pytest.fixture
def open_filled(kept: tuple[Callable[[], Journal], OpenReading]) -> OpenReading:
    """300 records, and a snapshot of the 200th."""
    journal = kept[0]()
    journal.append(0, [b'{"contact_id":"c%d"}' % (number % 7) for number in range(1, 301)])
    journal.save_snapshot(200, b"state 200")
    journal.close()
    return kept[1]


def test_it_is_read_from_anywhere(open_filled: OpenReading) -> None:
    with open_filled() as reading:
        assert reading.last_number() == 300
        assert [row.number for row in reading.read(0)] == list(range(1, 301))
        assert list(reading.read(299)) == [StoredRecord(300, b'{"contact_id":"c6"}')]
        assert list(reading.read(300)) == []
        assert reading.where


@pytest.mark.parametrize("after", [301, -1])
def test_what_it_does_not_hold_is_refused_when_it_is_asked_for(
    open_filled: OpenReading, after: int
) -> None:
    with open_filled() as reading, pytest.raises(JournalError, match="the last record is 300"):
        reading.read(after)


def test_its_snapshots_are_given_by_their_records(open_filled: OpenReading) -> None:
    with open_filled() as reading:
        assert reading.snapshot_numbers() == [200]
        assert reading.snapshot(200) == Snapshot(200, b"state 200")


def test_it_finds_the_records_that_name_something(open_filled: OpenReading) -> None:
    with open_filled() as reading:
        assert reading.numbers_naming(b'"contact_id":"c3"') == [3, 297]
        assert reading.numbers_naming(b'"contact_id":"c9"') == []


def test_looking_changes_nothing(
    open_filled: OpenReading, kept: tuple[Callable[[], Journal], OpenReading]
) -> None:
    with open_filled() as reading:
        list(reading.read(0))
    journal = kept[0]()
    assert journal.last_number() == 300
    assert journal.latest_snapshot() == Snapshot(200, b"state 200")
    journal.append(300, [b"goes on"])
    journal.close()


def test_an_empty_journal_is_one(kept: tuple[Callable[[], Journal], OpenReading]) -> None:
    kept[0]().close()
    with kept[1]() as reading:
        assert reading.last_number() == 0
        assert list(reading.read(0)) == []
        assert list(reading.snapshot_numbers()) == []
        assert reading.numbers_naming(b"x") == []


def test_where_no_journal_is_none_is_begun(
    kept: tuple[Callable[[], Journal], OpenReading],
) -> None:
    for _ in range(2):
        with pytest.raises(JournalError, match="there is no journal"):
            kept[1]()
    journal = kept[0]()
    assert journal.last_number() == 0
    journal.close()
