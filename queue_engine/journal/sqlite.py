"""The journal of an engine that stands alone: one SQLite file and its snapshots beside it.

    samko.db                      the records, each with its checksum chained to the former one's
    samko.db-wal                  SQLite's write-ahead log: part of the journal, never to be removed
    samko.db.snapshot-<number>    states, see `snapshots`
    samko.db.mark                 how far it was ever acknowledged, see `mark`
    samko.db.lock                 who has it open, see `ownership`

House rules: one transaction per append; nothing is believed that a checksum can prove; whatever
is cut off or passed over at the start is told in an attribute, and whatever is worse refuses to
open. All files are of mode 0600.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from queue_engine.core.errors import JournalCorrupt, JournalError
from queue_engine.journal.base import (
    Snapshot,
    StoredRecord,
    require_last,
    require_readable,
    require_records_fit,
    require_snapshot_fits,
)
from queue_engine.journal.checksum import CHAIN_START, chained
from queue_engine.journal.mark import AcknowledgedMark, mark_of
from queue_engine.journal.ownership import Ownership
from queue_engine.journal.snapshots import (
    SNAPSHOTS_KEPT,
    DamagedSnapshot,
    SealedSnapshot,
    SnapshotFiles,
)
from queue_engine.journal.sqlite_check import (
    TailCheck,
    check_tail,
    last_number,
    stored_checksum,
)
from queue_engine.journal.sqlite_file import create_journal, open_journal, translated
from queue_engine.journal.sqlite_rows import checked_rows, checksum_of


@dataclass(frozen=True, slots=True)
class CutTail:
    """The end of the journal was damaged and has been cut off."""

    first_number: int
    """The first record that is gone; appending goes on with this number."""
    rows: int
    """How many damaged rows were moved to the table `cut_record`."""
    acknowledged: bool
    """Whether one of them is known to have been acknowledged, so that it was acted upon."""


class SqliteJournal:
    """A `Journal` in a SQLite file, made if there is none.

    Durable when `append` returns, also if power is lost then: write-ahead log, `synchronous=FULL`,
    one commit per batch.

    At the start the newest whole snapshot is found and only the records after it are read and
    checked. Damaged rows at the very end are cut off and told in `cut`; damage before good rows, a
    journal that ends before its snapshot or before what was acknowledged, and a file that is not a
    journal are refused. `sqlite_check.verify_sqlite_journal` reads everything.

    Args:
        path: of the database. Its folder must exist: a mistyped one is not a new journal.
        snapshots_kept: how many snapshots are kept.

    Raises:
        JournalCorrupt: it is damaged; says where.
        InUse: another engine has it open.
        JournalError: it cannot be opened.
    """

    def __init__(self, path: Path, *, snapshots_kept: int = SNAPSHOTS_KEPT) -> None:
        self.path = path.resolve()
        self.created = False
        """Whether there was no journal, and an empty one has been made."""
        self.cut: CutTail | None = None
        """What was cut off when it was opened."""
        self.damaged_snapshots: tuple[DamagedSnapshot, ...] = ()
        """Newer than the one that is used; passed over when it was opened."""
        self.rows_checked = 0
        """How many records were read to open it."""
        self._last = 0
        self._checksum = CHAIN_START
        self._latest_snapshot = 0
        self._unsure = False
        self._closed = False
        with ExitStack() as opened, translated(self.path, "be opened"):
            ownership = Ownership(self.path)
            opened.callback(ownership.release)
            self._mark = AcknowledgedMark(mark_of(self.path))
            opened.callback(self._mark.close)
            self._snapshots = SnapshotFiles(self.path, kept=snapshots_kept)
            if not self.path.exists():
                self._require_nothing_left()
                create_journal(self.path)
                self.created = True
            self._database = open_journal(self.path)
            opened.callback(self._database.close)
            self._find_end()
            self._opened = opened.pop_all()

    # --- the port ---------------------------------------------------------------------------

    def last_number(self) -> int:
        self._require_open()
        self._require_sure()
        return self._last

    def append(self, expected_last: int, records: Sequence[bytes]) -> None:
        self._require_open()
        self._require_sure()
        require_last(expected_last, self._last)
        require_records_fit(records)
        if not records:
            return
        number, checksum = self._last, self._checksum
        rows: list[tuple[int, int, bytes]] = []
        for data in records:
            number += 1
            checksum = chained(checksum, number, data)
            rows.append((number, checksum, data))
        # Until the commit has returned, the disk alone knows where the journal ends.
        self._unsure = True
        with translated(self.path, f"append {len(rows)} records after record {self._last}"):
            self._write(rows)
        self._last, self._checksum, self._unsure = number, checksum, False
        self._mark.set(number)

    def read(self, after: int) -> Iterator[StoredRecord]:
        self._require_open()
        self._require_sure()
        require_readable(after, self._last)
        return checked_rows(self._database, self.path, after, self._last, self._require_open)

    def save_snapshot(self, number: int, data: bytes) -> None:
        self._require_open()
        self._require_sure()
        require_snapshot_fits(number, data, latest=self._latest_snapshot, last=self._last)
        with translated(self.path, f"save the snapshot of record {number}"):
            checksum = checksum_of(self._database, self.path, number)
            self._snapshots.save(SealedSnapshot(number, checksum, data))
        self._latest_snapshot = number

    def latest_snapshot(self) -> Snapshot | None:
        self._require_open()
        self._require_sure()
        with translated(self.path, "read its snapshots"):
            latest = self._newest_snapshot(self._last)
        return Snapshot(latest.number, latest.data) if latest else None

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            with translated(self.path, "be closed"):
                self._opened.close()

    # --- opening ----------------------------------------------------------------------------

    def _require_nothing_left(self) -> None:
        """A journal that is missing beside its own leftovers was removed, not never made."""
        log = self.path.with_name(self.path.name + "-wal")
        left = [f"the snapshot of record {number}" for number in self._snapshots.numbers()[:1]]
        if self._mark.number():
            left.append(f"{self._mark.path.name}, which knows of record {self._mark.number()}")
        if log.exists():
            left.append(log.name)
        if left:
            raise JournalCorrupt(f"journal {self.path} is missing, but {left[0]} lies beside it")

    def _find_end(self) -> None:
        """Read from the newest whole snapshot to the end, and cut off a torn tail."""
        last = last_number(self._database)
        acknowledged = self._mark.number()
        if last < acknowledged:
            raise JournalCorrupt(
                f"journal {self.path} ends at record {last}, but record {acknowledged} was once"
                f" acknowledged ({self._mark.path.name}): its end, or {self.path.name}-wal, is lost"
            )
        snapshot = self._newest_snapshot(last)
        if snapshot is None:
            tail = check_tail(self._database, self.path, 0, CHAIN_START)
        else:
            tail = check_tail(self._database, self.path, snapshot.number, snapshot.checksum)
        self.rows_checked = tail.rows
        self._last, self._checksum = tail.last_good, tail.checksum
        if tail.damaged_rows:
            self._cut_off(tail, acknowledged)
        self._mark.set(self._last)

    def _newest_snapshot(self, last: int) -> SealedSnapshot | None:
        """The newest whole snapshot, of which it is sure that it belongs to this journal."""
        snapshot, self.damaged_snapshots = self._snapshots.newest()
        self._latest_snapshot = snapshot.number if snapshot else 0
        if snapshot is None:
            return None
        if snapshot.number > last:
            raise JournalCorrupt(
                f"journal {self.path} ends at record {last}, but there is a snapshot of record"
                f" {snapshot.number}"
            )
        if stored_checksum(self._database, snapshot.number) != snapshot.checksum:
            raise JournalCorrupt(
                f"journal {self.path}: record {snapshot.number} is missing or is not the one that"
                " its snapshot was taken of"
            )
        return snapshot

    def _cut_off(self, tail: TailCheck, acknowledged: int) -> None:
        first = tail.last_good + 1
        self._database.execute("BEGIN IMMEDIATE")
        self._database.execute(
            "INSERT INTO cut_record SELECT number, checksum, data FROM record WHERE number >= ?",
            (first,),
        )
        self._database.execute("DELETE FROM record WHERE number >= ?", (first,))
        # The mark goes down first: were it left above a journal that has been cut, the next start
        # would take the cut for a loss and refuse.
        self._mark.set_durably(tail.last_good)
        try:
            self._database.execute("COMMIT")
        except BaseException:
            self._mark.set(acknowledged)
            raise
        self.cut = CutTail(first, tail.damaged_rows, acknowledged >= first)

    # --- rows -------------------------------------------------------------------------------

    def _write(self, rows: Sequence[tuple[int, int, bytes]]) -> None:
        database = self._database
        try:
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO record VALUES (?, ?, ?)", rows)
            database.execute("COMMIT")
        finally:
            if database.in_transaction:
                database.execute("ROLLBACK")

    def _require_sure(self) -> None:
        """After a failed append, find out where the journal really ends."""
        if not self._unsure:
            return
        with translated(self.path, "find its end after a failed append"):
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            last = last_number(self._database)
            self._last, self._checksum = last, checksum_of(self._database, self.path, last)
        self._unsure = False

    def _require_open(self) -> None:
        if self._closed:
            raise JournalError(f"journal {self.path} is closed")
