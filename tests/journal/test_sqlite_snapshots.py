"""Snapshots spare the work of a restart, and a damaged one has another behind it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from queue_engine.core.errors import JournalError
from queue_engine.journal.base import Snapshot
from queue_engine.journal.snapshots import SealedSnapshot, SnapshotFiles
from queue_engine.journal.sqlite import SqliteJournal

STATE = b'{"contacts": {"ast1-1.1": "waiting"}}'


def snapshot_file(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.snapshot-{number:020d}")


@pytest.fixture
def filled(path: Path) -> Path:
    """A hundred records, with snapshots of records 20, 40, 60 and 80."""
    journal = SqliteJournal(path)
    for last in range(0, 100, 20):
        journal.append(last, [b"record %d" % (last + number) for number in range(1, 21)])
        if last < 80:
            journal.save_snapshot(last + 20, STATE + b" after %d" % (last + 20))
    journal.close()
    return path


def test_a_restart_reads_only_what_follows_the_snapshot(filled: Path) -> None:
    journal = SqliteJournal(filled)
    assert journal.latest_snapshot() == Snapshot(80, STATE + b" after 80")
    assert journal.rows_checked == 20
    journal.close()


def test_the_work_of_a_restart_does_not_grow_with_the_journal(path: Path) -> None:
    work = []
    for round_ in range(5):
        journal = SqliteJournal(path)
        work.append(journal.rows_checked)
        last = round_ * 5_000
        journal.append(last, [b"x" * 100] * 5_000)
        journal.save_snapshot(last + 4_990, STATE)
        journal.close()
    assert work == [0, 10, 10, 10, 10]


def test_the_last_three_are_kept(filled: Path) -> None:
    assert SnapshotFiles(filled).numbers() == [80, 60, 40]


def test_as_many_are_kept_as_are_asked_for(path: Path) -> None:
    journal = SqliteJournal(path, snapshots_kept=1)
    journal.append(0, [b"a", b"b"])
    journal.save_snapshot(1, b"first")
    journal.save_snapshot(2, b"second")
    journal.close()
    assert SnapshotFiles(path).numbers() == [2]


def test_a_state_that_repeats_itself_is_compressed(path: Path) -> None:
    journal = SqliteJournal(path)
    journal.append(0, [b"a"])
    journal.save_snapshot(1, STATE * 1000)
    assert snapshot_file(path, 1).stat().st_size < len(STATE) * 100
    assert journal.latest_snapshot() == Snapshot(1, STATE * 1000)
    journal.close()


def _flip(content: bytes) -> bytes:
    return content[:-5] + bytes([content[-5] ^ 1]) + content[-4:]


HARMS: dict[str, Callable[[bytes], bytes]] = {
    "a bit": _flip,
    "cut short": lambda content: content[:-10],
    "cut to less than a header": lambda content: content[:10],
    "empty": lambda content: b"",
    "longer": lambda content: content + b"x",
    "something else": lambda content: b"Dear sir or madam" * 5,
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
def test_a_damaged_one_is_passed_over_and_told(
    filled: Path, harm: Callable[[bytes], bytes]
) -> None:
    file = snapshot_file(filled, 80)
    file.write_bytes(harm(file.read_bytes()))
    journal = SqliteJournal(filled)
    assert journal.latest_snapshot() == Snapshot(60, STATE + b" after 60")
    assert [damaged.path for damaged in journal.damaged_snapshots] == [file]
    assert journal.damaged_snapshots[0].reason
    assert journal.rows_checked == 40
    journal.close()


def test_without_a_whole_snapshot_all_records_are_read(filled: Path) -> None:
    for number in (40, 60, 80):
        snapshot_file(filled, number).write_bytes(b"")
    journal = SqliteJournal(filled)
    assert journal.latest_snapshot() is None
    assert len(journal.damaged_snapshots) == 3
    assert journal.rows_checked == 100
    journal.save_snapshot(100, STATE)
    journal.close()
    assert SnapshotFiles(filled).numbers()[0] == 100


def test_the_next_snapshot_replaces_a_damaged_one_above_it(filled: Path) -> None:
    snapshot_file(filled, 80).write_bytes(b"")
    journal = SqliteJournal(filled)
    journal.save_snapshot(70, STATE)
    assert journal.latest_snapshot() == Snapshot(70, STATE)
    assert journal.damaged_snapshots == ()
    journal.close()
    assert SnapshotFiles(filled).numbers() == [70, 60, 40]


def test_a_snapshot_under_a_false_name_is_damaged(filled: Path) -> None:
    snapshot_file(filled, 80).rename(snapshot_file(filled, 90))
    journal = SqliteJournal(filled)
    assert [damaged.reason for damaged in journal.damaged_snapshots] == [
        "it is not the snapshot of record 90"
    ]
    journal.close()


def test_files_of_other_names_are_left_alone(filled: Path) -> None:
    stranger = filled.with_name("samko.db.snapshot-old")
    stranger.write_bytes(b"mine")
    half_written = snapshot_file(filled, 90).with_suffix(".new")
    half_written.write_bytes(b"half")
    journal = SqliteJournal(filled)
    journal.save_snapshot(100, STATE)
    journal.close()
    assert stranger.read_bytes() == b"mine"


def test_a_snapshot_that_cannot_be_written_leaves_the_former(filled: Path) -> None:
    journal = SqliteJournal(filled)
    snapshot_file(filled, 100).with_name(snapshot_file(filled, 100).name + ".new").mkdir()
    with pytest.raises(JournalError, match=r"snapshot-0*100 cannot be written: Is a directory"):
        journal.save_snapshot(100, STATE)
    assert journal.latest_snapshot() == Snapshot(80, STATE + b" after 80")
    journal.append(100, [b"the journal goes on"])
    journal.close()


def test_an_unreadable_snapshot_is_an_error_and_not_damage(filled: Path) -> None:
    snapshot_file(filled, 80).unlink()
    snapshot_file(filled, 80).mkdir()
    with pytest.raises(JournalError, match="cannot be read: Is a directory"):
        SqliteJournal(filled)


def test_files_come_back_newest_first(tmp_path: Path) -> None:
    files = SnapshotFiles(tmp_path / "j", kept=2)
    for number in (9, 10, 100):
        files.save(SealedSnapshot(number, 7, b"state"))
    assert files.numbers() == [100, 10]
    assert files.newest() == (SealedSnapshot(100, 7, b"state"), ())
