"""No room on the disk: an error, nothing changed, and it goes on when there is room again."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from queue_engine.core.errors import JournalCorrupt, JournalError
from queue_engine.journal.base import Snapshot
from queue_engine.journal.sqlite import SqliteJournal

FilesUpTo = Callable[[int], AbstractContextManager[None]]

RECORD = b"x" * 1_000


def fill(journal: SqliteJournal, batch: int) -> JournalError:
    """Append until it fails."""
    while journal.last_number() < 100_000:
        try:
            journal.append(journal.last_number(), [RECORD] * batch)
        except JournalError as exc:
            return exc
    raise AssertionError("the disk never was full")


def require_whole(journal: SqliteJournal) -> None:
    last = journal.last_number()
    assert [record.data for record in journal.read(0)] == [RECORD] * last


@pytest.mark.parametrize("batch", [1, 7, 300])
@pytest.mark.parametrize("room", [150_000, 333_333])
def test_a_file_cannot_grow(path: Path, files_up_to: FilesUpTo, batch: int, room: int) -> None:
    journal = SqliteJournal(path)
    with files_up_to(room):
        failure = fill(journal, batch)
        assert not isinstance(failure, JournalCorrupt)
        full_at = journal.last_number()
        assert full_at % batch == 0, "all or none"
        assert f"cannot append {batch} records after record {full_at}" in str(failure)
        for _ in range(3):
            with pytest.raises(JournalError, match="cannot append"):
                journal.append(full_at, [RECORD] * batch)
        require_whole(journal)
    journal.append(full_at, [RECORD] * batch)
    assert journal.last_number() == full_at + batch
    require_whole(journal)
    journal.close()

    again = SqliteJournal(path)
    assert again.last_number() == full_at + batch
    assert again.cut is None
    require_whole(again)
    again.close()


def test_the_database_may_have_no_more_pages(path: Path) -> None:
    """What SQLite does when the disk itself says that it is full (SQLITE_FULL)."""
    journal = SqliteJournal(path)
    journal._database.execute("PRAGMA max_page_count = 30")
    failure = fill(journal, 4)
    assert "SQLITE_FULL" in str(failure)
    full_at = journal.last_number()
    require_whole(journal)
    journal._database.execute("PRAGMA max_page_count = 1000000")
    journal.append(full_at, [RECORD] * 50)
    require_whole(journal)
    journal.close()


def test_killed_while_full_keeps_what_was_acknowledged(
    path: Path, files_up_to: FilesUpTo, copy_as_after_a_crash: Callable[..., Path]
) -> None:
    journal = SqliteJournal(path)
    with files_up_to(200_000):
        fill(journal, 5)
        full_at = journal.last_number()
    copy = copy_as_after_a_crash(path, with_mark=True)
    found = SqliteJournal(copy)
    assert found.last_number() == full_at
    require_whole(found)
    found.close()
    journal.close()


def test_a_snapshot_that_finds_no_room_leaves_the_former(
    path: Path, files_up_to: FilesUpTo
) -> None:
    journal = SqliteJournal(path)
    journal.append(0, [RECORD])
    journal.save_snapshot(1, b"former")
    files_before = sorted(path.parent.iterdir())
    noise = random.Random(1).randbytes(50_000)
    with files_up_to(10_000), pytest.raises(JournalError, match="written: File too large"):
        journal.save_snapshot(1, noise)
    assert journal.latest_snapshot() == Snapshot(1, b"former")
    assert sorted(path.parent.iterdir()) == files_before
    journal.append(1, [RECORD])
    journal.close()


def test_it_opens_on_a_full_disk(path: Path, files_up_to: FilesUpTo) -> None:
    """The engine must be able to start, and let memory take over."""
    journal = SqliteJournal(path)
    journal.append(0, [RECORD] * 20)
    journal.close()
    with files_up_to(1):
        journal = SqliteJournal(path)
        require_whole(journal)
        with pytest.raises(JournalError, match="cannot append"):
            journal.append(20, [RECORD])
    journal.append(20, [RECORD])
    require_whole(journal)
    journal.close()


def test_a_full_disk_at_the_first_start_leaves_nothing_half(
    path: Path, files_up_to: FilesUpTo
) -> None:
    with files_up_to(2_000), pytest.raises(JournalError, match="cannot be created"):
        SqliteJournal(path)
    assert not path.exists()
    journal = SqliteJournal(path)
    assert journal.created
    journal.close()
