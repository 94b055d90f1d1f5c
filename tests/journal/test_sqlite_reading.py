"""A journal that is looked back on is read as it is: nothing is mended, nothing is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.core.errors import JournalCorrupt, JournalError
from queue_engine.journal.base import Snapshot, StoredRecord
from queue_engine.journal.mark import mark_of
from queue_engine.journal.ownership import InUse
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.journal.sqlite_reading import SqliteReading
from tests.journal.conftest import Harm

CHANGE = "UPDATE record SET data = CAST(data || x'00' AS BLOB) WHERE number = ?"


@pytest.fixture
def filled(path: Path) -> Path:
    journal = SqliteJournal(path)
    journal.append(0, [b'{"contact_id":"c%d"}' % (number % 7) for number in range(1, 301)])
    for number in (100, 200):
        journal.save_snapshot(number, b"state %d" % number)
    journal.close()
    return path


def test_it_is_read_from_anywhere_with_its_snapshots(filled: Path) -> None:
    with SqliteReading(filled) as reading:
        assert reading.last_number() == 300
        assert [row.number for row in reading.read(0)] == list(range(1, 301))
        assert list(reading.read(299)) == [StoredRecord(300, b'{"contact_id":"c6"}')]
        assert reading.snapshot_numbers() == [200, 100]
        assert reading.snapshot(100) == Snapshot(100, b"state 100")
        with pytest.raises(JournalError, match="the last record is 300"):
            reading.read(301)


def test_a_damaged_record_is_told_and_not_cut_off(filled: Path, harm: Harm) -> None:
    harm(CHANGE, 300)
    for _ in range(2):  # told again: nothing was mended
        with (
            SqliteReading(filled) as reading,
            pytest.raises(JournalCorrupt, match="record 300 is damaged"),
        ):
            list(reading.read(0))


def test_a_damaged_snapshot_or_one_of_another_journal_is_not_used(filled: Path, harm: Harm) -> None:
    damaged = filled.with_name(f"{filled.name}.snapshot-{200:020d}")
    damaged.write_bytes(damaged.read_bytes()[:-1])
    harm("UPDATE record SET checksum = checksum + 1 WHERE number = ?", 100)
    with SqliteReading(filled) as reading:
        assert reading.snapshot(200) is None
        assert reading.snapshot(100) is None


def test_a_lost_end_is_told(filled: Path) -> None:
    mark_of(filled).write_text("00000000000000000301\n")
    with pytest.raises(JournalCorrupt, match="record 301 was once acknowledged"):
        SqliteReading(filled)


def test_no_journal_and_one_that_an_engine_has_are_told(filled: Path) -> None:
    with pytest.raises(JournalError, match="there is no journal"):
        SqliteReading(filled.with_name("other.db"))
    engine = SqliteJournal(filled)
    with pytest.raises(InUse, match="in use by process"):
        SqliteReading(filled)
    engine.close()
    with SqliteReading(filled), pytest.raises(InUse):
        SqliteJournal(filled)
