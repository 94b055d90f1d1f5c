"""The contract of `journal.base`, run on every implementation."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import pytest

from queue_engine.core.errors import AppendRefused, JournalError
from queue_engine.journal.base import (
    RECORD_BYTES_MAX,
    SNAPSHOT_BYTES_MAX,
    Journal,
    Snapshot,
    StoredRecord,
)

OpenJournal = Callable[[], Journal]


def contents(journal: Journal, after: int = 0) -> list[bytes]:
    records = list(journal.read(after))
    assert [record.number for record in records] == list(
        range(after + 1, after + 1 + len(records))
    ), "numbers follow each other"
    return [record.data for record in records]


def test_an_empty_journal_has_nothing(journal: Journal) -> None:
    assert journal.last_number() == 0
    assert contents(journal) == []
    assert journal.latest_snapshot() is None


def test_1_records_are_numbered_from_one(journal: Journal) -> None:
    journal.append(0, [b"a", b"b"])
    journal.append(2, [b"c"])
    assert journal.last_number() == 3
    assert list(journal.read(0)) == [
        StoredRecord(1, b"a"),
        StoredRecord(2, b"b"),
        StoredRecord(3, b"c"),
    ]


@pytest.mark.parametrize("data", [b"", b"\x00\xff\n", "å|ü".encode(), b"x" * 100_000])
def test_6_any_bytes_come_back_as_they_were(journal: Journal, data: bytes) -> None:
    journal.append(0, [data])
    assert contents(journal) == [data]


@pytest.mark.parametrize("expected_last", [-1, 0, 1, 3, 99])
def test_3_an_append_elsewhere_than_at_the_end_changes_nothing(
    journal: Journal, expected_last: int
) -> None:
    journal.append(0, [b"a", b"b"])
    with pytest.raises(AppendRefused, match=f"the last record is 2, not {expected_last}"):
        journal.append(expected_last, [b"c"])
    assert contents(journal) == [b"a", b"b"]
    journal.append(2, [b"c"])
    assert contents(journal) == [b"a", b"b", b"c"]


def test_3_an_empty_batch_only_checks(journal: Journal) -> None:
    journal.append(0, [b"a"])
    journal.append(1, [])
    with pytest.raises(AppendRefused):
        journal.append(0, [])
    assert contents(journal) == [b"a"]


@pytest.mark.parametrize("after", [0, 1, 127, 128, 129, 256, 299, 300])
def test_5_reading_begins_anywhere(numbered: Journal, after: int) -> None:
    assert contents(numbered, after) == [b"%d" % number for number in range(after + 1, 301)]


@pytest.fixture
def numbered(journal: Journal) -> Journal:
    journal.append(0, [b"%d" % number for number in range(1, 301)])
    return journal


@pytest.mark.parametrize("after", [-1, 4])
def test_5_reading_from_where_nothing_is_fails_at_once(journal: Journal, after: int) -> None:
    journal.append(0, [b"a", b"b", b"c"])
    with pytest.raises(JournalError, match=f"record {after}: the last record is 3"):
        journal.read(after)


def test_5_appending_does_not_disturb_a_reader(journal: Journal) -> None:
    journal.append(0, [b"%d" % number for number in range(300)])
    reader = journal.read(0)
    first = list(islice(reader, 5))
    journal.append(300, [b"later"])
    rest = list(reader)
    assert [record.data for record in first + rest] == [b"%d" % number for number in range(300)]
    assert contents(journal, 300) == [b"later"]


def test_5_a_reader_that_is_given_up_is_no_burden(journal: Journal) -> None:
    journal.append(0, [b"a", b"b"])
    assert next(journal.read(0)).data == b"a"
    journal.append(2, [b"c"])
    assert contents(journal) == [b"a", b"b", b"c"]


def test_7_a_snapshot_comes_back(journal: Journal) -> None:
    journal.append(0, [b"a", b"b"])
    journal.save_snapshot(1, b"state after a" * 100)
    assert journal.latest_snapshot() == Snapshot(1, b"state after a" * 100)
    journal.save_snapshot(2, b"")
    assert journal.latest_snapshot() == Snapshot(2, b"")
    assert contents(journal) == [b"a", b"b"], "snapshots take nothing away"


def test_7_a_snapshot_may_be_replaced_at_its_number(journal: Journal) -> None:
    journal.append(0, [b"a"])
    journal.save_snapshot(1, b"first")
    journal.save_snapshot(1, b"second")
    assert journal.latest_snapshot() == Snapshot(1, b"second")


@pytest.mark.parametrize("number", [-1, 0, 1, 4])
def test_7_a_snapshot_that_does_not_fit_is_refused(journal: Journal, number: int) -> None:
    journal.append(0, [b"a", b"b", b"c"])
    journal.save_snapshot(2, b"state")
    with pytest.raises(JournalError, match=f"a snapshot of record {number} does not fit"):
        journal.save_snapshot(number, b"other")
    assert journal.latest_snapshot() == Snapshot(2, b"state")


class Huge(bytes):
    """Says that it is larger than it is: nothing should need to look further."""

    size: int

    def __len__(self) -> int:
        return self.size


def test_9_what_is_too_large_is_refused(journal: Journal) -> None:
    huge = Huge(b"x")
    huge.size = RECORD_BYTES_MAX + 1
    with pytest.raises(JournalError, match=f"record 2 of 2 .* {RECORD_BYTES_MAX + 1} bytes"):
        journal.append(0, [b"a", huge])
    assert journal.last_number() == 0
    journal.append(0, [b"a"])
    huge.size = SNAPSHOT_BYTES_MAX + 1
    with pytest.raises(JournalError, match=f"record 1 has {SNAPSHOT_BYTES_MAX + 1} bytes"):
        journal.save_snapshot(1, huge)
    assert journal.latest_snapshot() is None


def test_10_a_closed_journal_does_nothing(journal: Journal) -> None:
    journal.append(0, [b"a", b"b"])
    reader = journal.read(0)
    journal.close()
    journal.close()
    calls: list[Callable[[], object]] = [
        journal.last_number,
        lambda: journal.append(2, [b"c"]),
        lambda: journal.read(0),
        lambda: next(reader),
        lambda: journal.save_snapshot(1, b"state"),
        journal.latest_snapshot,
    ]
    for call in calls:
        with pytest.raises(JournalError, match="is closed"):
            call()


def test_what_lasts_is_there_after_reopening(open_lasting: OpenJournal) -> None:
    journal = open_lasting()
    journal.append(0, [b"a", b"b"])
    journal.save_snapshot(1, b"state")
    journal.append(2, [b"c"])
    journal.close()

    again = open_lasting()
    assert again.last_number() == 3
    assert contents(again) == [b"a", b"b", b"c"]
    assert again.latest_snapshot() == Snapshot(1, b"state")
    again.append(3, [b"d"])
    again.close()

    third = open_lasting()
    assert contents(third, 1) == [b"b", b"c", b"d"]
    third.close()
