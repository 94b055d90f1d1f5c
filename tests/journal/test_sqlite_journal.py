"""The SQLite journal's file: made, owned, kept private, and told from what is not a journal."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from queue_engine.core.errors import AppendRefused, JournalCorrupt, JournalError
from queue_engine.journal.base import StoredRecord
from queue_engine.journal.ownership import InUse
from queue_engine.journal.sqlite import SqliteJournal

ROOT = Path(__file__).parents[2]


def filled(path: Path, records: int = 10, *, snapshot: int | None = None) -> None:
    journal = SqliteJournal(path)
    journal.append(0, [b"record %d" % number for number in range(1, records + 1)])
    if snapshot is not None:
        journal.save_snapshot(snapshot, b"state")
    journal.close()


def test_it_tells_that_it_was_made(path: Path) -> None:
    first = SqliteJournal(path)
    assert first.created
    first.close()
    second = SqliteJournal(path)
    assert not second.created
    second.close()


def test_every_file_is_private(path: Path) -> None:
    journal = SqliteJournal(path)
    journal.append(0, [b"a"])
    journal.save_snapshot(1, b"state")
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == [
        "samko.db",
        "samko.db-wal",
        "samko.db.lock",
        "samko.db.mark",
        "samko.db.snapshot-00000000000000000001",
    ]
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in files} == {
        file.name: "0o600" for file in files
    }
    journal.close()


def test_a_journal_that_others_could_read_is_made_private(path: Path) -> None:
    filled(path)
    path.chmod(0o644)
    SqliteJournal(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_commits_wait_for_the_disk(path: Path) -> None:
    journal = SqliteJournal(path)
    database = journal._database
    assert database.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    journal.close()


class CommitsAndFails:
    """A connection whose next commit is done, and yet said to have failed."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._has_failed = False

    def execute(self, statement: str, values: tuple[int, ...] = ()) -> sqlite3.Cursor:
        cursor = self._database.execute(statement, values)
        if statement == "COMMIT" and not self._has_failed:
            self._has_failed = True
            raise sqlite3.OperationalError("disk I/O error")
        return cursor

    def __getattr__(self, name: str) -> object:
        return getattr(self._database, name)


def test_after_a_failure_the_disk_tells_where_the_journal_ends(path: Path) -> None:
    journal = SqliteJournal(path)
    journal.append(0, [b"a"])
    journal._database = cast(sqlite3.Connection, CommitsAndFails(journal._database))
    with pytest.raises(JournalError, match="cannot append 2 records after record 1: disk I/O"):
        journal.append(1, [b"b", b"c"])
    assert journal.last_number() == 3
    with pytest.raises(AppendRefused):
        journal.append(1, [b"b", b"c"])
    journal.append(3, [b"d"])
    assert [record.data for record in journal.read(0)] == [b"a", b"b", b"c", b"d"]
    journal.close()


def test_a_batch_is_one_transaction(path: Path) -> None:
    journal = SqliteJournal(path)
    statements: list[str] = []
    journal._database.set_trace_callback(statements.append)
    journal.append(0, [b"a", b"b", b"c"])
    assert [statement.split()[0] for statement in statements] == [
        "BEGIN",
        "INSERT",
        "INSERT",
        "INSERT",
        "COMMIT",
    ]
    journal.close()


def test_a_second_opener_in_this_process_is_told(path: Path) -> None:
    journal = SqliteJournal(path)
    journal.append(0, [b"a"])
    with pytest.raises(InUse, match="in use by process"):
        SqliteJournal(path)
    journal.append(1, [b"b"])
    journal.close()
    SqliteJournal(path).close()


def test_a_second_process_is_told_who_has_it(path: Path) -> None:
    open_and_wait = (
        "import sys, pathlib; from queue_engine.journal.sqlite import SqliteJournal;"
        "SqliteJournal(pathlib.Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", open_and_wait, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        link = path.with_name("another-name.db")
        link.symlink_to(path)
        for name in (path, link):
            with pytest.raises(InUse, match=f"in use by process {other.pid}"):
                SqliteJournal(name)
    finally:
        other.kill()
        other.communicate(timeout=30)
    SqliteJournal(path).close()


def test_another_program_that_has_it_open_is_told_of(path: Path) -> None:
    filled(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(JournalError, match="cannot be opened: database is locked"):
            SqliteJournal(path)
    SqliteJournal(path).close()


def test_a_refused_journal_is_let_go(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises(JournalCorrupt):
        SqliteJournal(path)
    path.unlink()
    SqliteJournal(path).close()


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"mistyped/samko.db cannot be owned.*No such file"):
        SqliteJournal(tmp_path / "mistyped" / "samko.db")


def test_a_creation_that_was_cut_short_is_begun_again(path: Path) -> None:
    other = SqliteJournal(path.with_name("other.db"))
    other.append(0, [b"of another journal"])
    path.with_name("samko.db.new").write_bytes(b"half a database")
    shutil.copy(path.with_name("other.db-wal"), path.with_name("samko.db.new-wal"))
    other.close()
    journal = SqliteJournal(path)
    assert journal.last_number() == 0
    journal.append(0, [b"a"])
    journal.close()


def _cut_in_the_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def _other_application(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE record (number INTEGER PRIMARY KEY)")


def _newer_schema(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 2")


@pytest.mark.parametrize(
    ("replace", "complaint"),
    [
        (lambda path: path.write_bytes(b""), "is no SQLite database, it has 0 bytes"),
        (
            lambda path: path.write_bytes(b"Dear sir or madam,\n" * 99),
            "is no SQLite database, it has 1881 bytes",
        ),
        (_cut_in_the_header, "is no SQLite database, it has 50 bytes"),
        (_other_application, "some other database: its application id is 0x00000000"),
        (_newer_schema, "has schema version 2, this program knows 1"),
    ],
)
def test_what_is_not_a_journal_is_refused_and_left_alone(
    path: Path, replace: Callable[[Path], object], complaint: str
) -> None:
    filled(path)
    replace(path)
    before = path.read_bytes()
    with pytest.raises(JournalCorrupt, match=complaint):
        SqliteJournal(path)
    assert path.read_bytes() == before


def test_a_missing_journal_beside_its_snapshot_is_refused(path: Path) -> None:
    filled(path, snapshot=10)
    path.unlink()
    path.with_name("samko.db.mark").unlink()
    with pytest.raises(JournalCorrupt, match="missing, but the snapshot of record 10 lies beside"):
        SqliteJournal(path)
    assert not path.exists()


def test_a_missing_journal_beside_its_mark_is_refused(path: Path) -> None:
    filled(path)
    path.unlink()
    with pytest.raises(JournalCorrupt, match=r"samko\.db\.mark, which knows of record 10"):
        SqliteJournal(path)


def test_a_missing_journal_beside_its_log_is_refused(path: Path) -> None:
    path.with_name("samko.db-wal").write_bytes(b"log")
    with pytest.raises(JournalCorrupt, match=r"missing, but samko\.db-wal lies beside"):
        SqliteJournal(path)
    assert path.with_name("samko.db-wal").read_bytes() == b"log"


def test_a_removed_log_is_missed(path: Path, copy_as_after_a_crash: Callable[..., Path]) -> None:
    journal = SqliteJournal(path)
    journal.append(0, [b"a", b"b"])
    copy = copy_as_after_a_crash(path, with_mark=True)
    journal.close()
    copy.with_name("samko.db-wal").unlink()
    with pytest.raises(JournalCorrupt, match=r"at record 0, but record 2 .*samko\.db-wal, is lost"):
        SqliteJournal(copy)


def test_an_older_copy_is_told_from_the_journal(path: Path) -> None:
    filled(path)
    older = path.read_bytes()
    journal = SqliteJournal(path)
    journal.append(10, [b"record 11"])
    journal.close()
    path.write_bytes(older)
    with pytest.raises(JournalCorrupt, match="at record 10, but record 11 was once acknowledged"):
        SqliteJournal(path)


def test_who_accepts_the_loss_removes_the_mark(path: Path) -> None:
    filled(path)
    older = path.read_bytes()
    journal = SqliteJournal(path)
    journal.append(10, [b"record 11"])
    journal.close()
    path.write_bytes(older)
    path.with_name("samko.db.mark").unlink()
    journal = SqliteJournal(path)
    assert journal.last_number() == 10
    journal.close()


def test_records_are_not_rewritten(path: Path) -> None:
    filled(path)
    journal = SqliteJournal(path)
    assert list(journal.read(9)) == [StoredRecord(10, b"record 10")]
    assert (journal.cut, journal.damaged_snapshots) == (None, ())
    journal.close()
