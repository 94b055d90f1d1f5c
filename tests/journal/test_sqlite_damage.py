"""A damaged journal: a torn end is cut off and told, everything else refuses to open."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from queue_engine.core.errors import JournalCorrupt, JournalError
from queue_engine.journal.base import StoredRecord
from queue_engine.journal.sqlite import CutTail, SqliteJournal
from queue_engine.journal.sqlite_check import CUT_ROWS_MAX, verify_sqlite_journal

Harm = Callable[..., None]

CHANGE_DATA = "UPDATE record SET data = CAST(data || x'00' AS BLOB) WHERE number = ?"
CHANGE_CHECKSUM = "UPDATE record SET checksum = checksum + 1 WHERE number = ?"
REMOVE = "DELETE FROM record WHERE number = ?"


def content(number: int) -> bytes:
    return b"record %d" % number


@pytest.fixture
def filled(path: Path) -> Path:
    journal = SqliteJournal(path)
    for last in range(0, 100, 10):
        journal.append(last, [content(last + number) for number in range(1, 11)])
        if last == 40:
            journal.save_snapshot(50, b"state after 50")
    journal.close()
    return path


def harm_tail(harm: Harm, first: int) -> None:
    for number in range(first, 101):
        harm(CHANGE_DATA, number)


@pytest.mark.parametrize(("first", "rows"), [(100, 1), (99, 2), (51, 50)])
def test_damaged_rows_at_the_end_are_cut_and_told(
    filled: Path, harm: Harm, first: int, rows: int
) -> None:
    harm_tail(harm, first)
    journal = SqliteJournal(filled)
    assert journal.cut == CutTail(first, rows, acknowledged=True)
    assert journal.last_number() == first - 1
    assert [record.data for record in journal.read(0)] == [content(n) for n in range(1, first)]
    journal.append(first - 1, [b"new"])
    journal.close()

    again = SqliteJournal(filled)
    assert again.cut is None, "told once"
    assert list(again.read(first - 1)) == [StoredRecord(first, b"new")]
    again.close()
    with closing(sqlite3.connect(filled)) as database:
        kept = database.execute("SELECT number, data FROM cut_record ORDER BY number").fetchall()
    assert kept == [(number, content(number) + b"\x00") for number in range(first, 101)]


def test_a_cut_that_finds_no_room_is_made_at_the_next_start(
    filled: Path, harm: Harm, files_up_to: Callable[[int], AbstractContextManager[None]]
) -> None:
    harm(CHANGE_DATA, 100)
    with files_up_to(100), pytest.raises(JournalError, match="cannot be opened"):
        SqliteJournal(filled)
    journal = SqliteJournal(filled)
    assert journal.cut == CutTail(100, 1, acknowledged=True)
    journal.close()


def test_a_crash_after_the_cut_is_not_taken_for_a_loss(
    filled: Path, harm: Harm, copy_as_after_a_crash: Callable[..., Path]
) -> None:
    harm(CHANGE_DATA, 100)
    journal = SqliteJournal(filled)
    copy = copy_as_after_a_crash(filled, with_mark=True)
    journal.close()
    again = SqliteJournal(copy)
    assert (again.last_number(), again.cut) == (99, None)
    again.close()


def test_a_tail_that_nobody_was_told_of_is_cut_more_lightly(filled: Path, harm: Harm) -> None:
    filled.with_name("samko.db.mark").write_bytes(b"%020d\n" % 99)
    harm(CHANGE_DATA, 100)
    journal = SqliteJournal(filled)
    assert journal.cut == CutTail(100, 1, acknowledged=False)
    journal.close()


def test_the_whole_journal_may_be_a_torn_tail(path: Path, harm: Harm) -> None:
    journal = SqliteJournal(path)
    journal.append(0, [b"a"])
    journal.close()
    harm(CHANGE_DATA, 1)
    journal = SqliteJournal(path)
    assert journal.cut == CutTail(1, 1, acknowledged=True)
    journal.append(0, [b"b"])
    journal.close()


@pytest.mark.parametrize("harmful", [CHANGE_DATA, CHANGE_CHECKSUM, REMOVE])
@pytest.mark.parametrize("number", [51, 75, 98])
def test_damage_before_good_rows_refuses_and_says_where(
    filled: Path, harm: Harm, harmful: str, number: int
) -> None:
    harm(harmful, number)
    with pytest.raises(JournalCorrupt, match=f"record {number} is damaged or missing, and record"):
        SqliteJournal(filled)
    with closing(sqlite3.connect(filled)) as database:
        assert database.execute("SELECT count(*) FROM cut_record").fetchone() == (0,)


def test_a_damaged_checksum_does_not_drag_the_last_row_with_it(filled: Path, harm: Harm) -> None:
    harm(CHANGE_CHECKSUM, 99)
    with pytest.raises(JournalCorrupt, match=r"record 99 is damaged .*record 100 .*is whole"):
        SqliteJournal(filled)


def test_swapped_rows_are_refused(filled: Path, harm: Harm) -> None:
    harm("UPDATE record SET number = -1 WHERE number = 70")
    harm("UPDATE record SET number = 70 WHERE number = 71")
    harm("UPDATE record SET number = 71 WHERE number = -1")
    with pytest.raises(JournalCorrupt, match="record 70 is damaged or missing"):
        SqliteJournal(filled)


def test_a_journal_shorter_than_its_snapshot_is_refused(filled: Path, harm: Harm) -> None:
    filled.with_name("samko.db.mark").unlink()
    harm("DELETE FROM record WHERE number > ?", 49)
    with pytest.raises(
        JournalCorrupt, match="ends at record 49, but there is a snapshot of record 50"
    ):
        SqliteJournal(filled)


def test_an_emptied_journal_is_refused(filled: Path, harm: Harm) -> None:
    filled.with_name("samko.db.mark").unlink()
    harm("DELETE FROM record")
    with pytest.raises(
        JournalCorrupt, match="ends at record 0, but there is a snapshot of record 50"
    ):
        SqliteJournal(filled)


@pytest.mark.parametrize("harmful", [CHANGE_CHECKSUM, REMOVE])
def test_a_snapshot_of_another_record_is_refused(filled: Path, harm: Harm, harmful: str) -> None:
    harm(harmful, 50)
    with pytest.raises(JournalCorrupt, match="record 50 is missing or is not the one"):
        SqliteJournal(filled)


def test_many_damaged_rows_are_no_torn_tail(path: Path, harm: Harm) -> None:
    journal = SqliteJournal(path)
    journal.append(0, [content(number) for number in range(CUT_ROWS_MAX + 10)])
    journal.close()
    harm("UPDATE record SET data = CAST(data || x'00' AS BLOB) WHERE number > 5")
    with pytest.raises(JournalCorrupt, match=r"from record 6 to its end are damaged"):
        SqliteJournal(path)


def test_damage_behind_the_snapshot_shows_when_it_is_read(filled: Path, harm: Harm) -> None:
    harm(CHANGE_DATA, 20)
    journal = SqliteJournal(filled)
    assert journal.rows_checked == 50, "nothing below the snapshot is read to open it"
    reader = journal.read(10)
    assert [next(reader).number for _ in range(9)] == list(range(11, 20))
    with pytest.raises(JournalCorrupt, match="record 20 is damaged or missing"):
        next(reader)
    journal.close()


@pytest.mark.parametrize("number", [20, 100])
def test_a_row_that_vanishes_behind_our_back_is_missed(filled: Path, number: int) -> None:
    journal = SqliteJournal(filled)
    journal._database.execute(REMOVE, (number,))
    with pytest.raises(JournalCorrupt, match=rf"record {number} is .*missing"):
        list(journal.read(0))
    with pytest.raises(JournalCorrupt, match=f"record {number} is missing"):
        list(journal.read(number))
    journal.close()


def test_no_snapshot_is_taken_of_a_missing_record(filled: Path) -> None:
    journal = SqliteJournal(filled)
    journal._database.execute(REMOVE, (100,))
    with pytest.raises(JournalCorrupt, match="record 100 is missing"):
        journal.save_snapshot(100, b"state")
    journal.close()


def test_verify_reads_everything_and_lists_what_is_wrong(filled: Path, harm: Harm) -> None:
    assert verify_sqlite_journal(filled).faults == ()
    harm(CHANGE_DATA, 20)
    harm(REMOVE, 30)
    harm(CHANGE_CHECKSUM, 50)
    found = verify_sqlite_journal(filled)
    assert found.records == 99
    assert found.faults == (
        "record 20 is damaged or missing",
        "record 30 is damaged or missing",
        "record 50 is damaged or missing",
        "the snapshot of record 50 is not of this journal's record",
    )


def test_verify_misses_a_lost_end(filled: Path, harm: Harm) -> None:
    harm(REMOVE, 100)
    assert verify_sqlite_journal(filled).faults == (
        "it ends at record 99, but record 100 was once acknowledged",
    )


def test_verify_lists_a_damaged_snapshot(filled: Path) -> None:
    snapshot = filled.with_name(f"samko.db.snapshot-{50:020d}")
    snapshot.write_bytes(snapshot.read_bytes()[:-1])
    (fault,) = verify_sqlite_journal(filled).faults
    assert fault == f"snapshot {snapshot}: its checksum does not fit its content"


def test_verify_finds_what_is_wrong_with_the_file(filled: Path) -> None:
    pages = bytearray(filled.read_bytes())
    pages[4096 + 100 : 4096 + 4000] = bytes(3900)
    filled.write_bytes(pages)
    assert verify_sqlite_journal(filled).faults


@given(offset=st.integers(min_value=0), value=st.integers(1, 255))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_flipped_byte_passes_for_a_record(filled: Path, offset: int, value: int) -> None:
    """Wherever the file is harmed: what is read is what was written, or an error."""
    whole = filled.read_bytes()
    harmed = bytearray(whole)
    harmed[offset % len(whole)] ^= value
    filled.write_bytes(harmed)
    try:
        journal = SqliteJournal(filled)
        try:
            read = [record.data for record in journal.read(0)]
            assert read == [content(number) for number in range(1, len(read) + 1)]
            assert len(read) == (100 if journal.cut is None else journal.cut.first_number - 1)
        finally:
            journal.close()
    except JournalError:
        pass  # refused, with a reason
    finally:
        filled.write_bytes(whole)
        filled.with_name("samko.db.mark").unlink(missing_ok=True)
