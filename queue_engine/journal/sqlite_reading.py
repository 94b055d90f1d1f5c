"""A SQLite journal opened for looking back: read from anywhere, and never mended.

`SqliteJournal` cuts off a torn end, as an engine must that goes on from there. Whoever asks what
happened wants to be told of it instead, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from queue_engine.core.errors import JournalCorrupt
from queue_engine.journal.base import NoJournal, Snapshot, StoredRecord, require_readable
from queue_engine.journal.live_copy import copy_live, copy_private
from queue_engine.journal.mark import AcknowledgedMark, mark_of
from queue_engine.journal.ownership import InUse, Ownership
from queue_engine.journal.snapshots import DamagedSnapshot, SnapshotFiles
from queue_engine.journal.sqlite_check import last_number, stored_checksum
from queue_engine.journal.sqlite_file import open_journal, translated
from queue_engine.journal.sqlite_rows import checked_rows, checksum_of


class SqliteReading:
    """Reads a journal that no engine has open; while it is read none can start on it.

    Args:
        path: of the journal, which must exist.

    Raises (on making it):
        JournalCorrupt: it is damaged, or its end is lost; says where.
        InUse: an engine has it open.
        NoJournal: there is none.
        JournalError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        if not self.path.is_file():
            raise NoJournal(f"there is no journal {path}")
        with ExitStack() as opened, translated(self.path, "be opened"):
            ownership = Ownership(self.path)
            opened.callback(ownership.release)
            self._database = open_journal(self.path)
            opened.callback(self._database.close)
            self._last = last_number(self._database)
            self._require_end()
            self._snapshots = SnapshotFiles(self.path)
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with translated(self.path, "be closed"):
            self._opened.close()

    @property
    def where(self) -> str:
        """Where it is, for people."""
        return str(self.path)

    def last_number(self) -> int:
        """The number of the last record, 0 for an empty journal."""
        return self._last

    def kept_after(self) -> int:
        """See `Reading`: nothing ever leaves it."""
        return 0

    def checksum_of(self, number: int) -> int:
        """The chained checksum of a record.

        Raises:
            JournalCorrupt: there is no such record.
        """
        with translated(self.path, f"read record {number}"):
            return checksum_of(self._database, self.path, number)

    def read(self, after: int) -> Iterator[StoredRecord]:
        """The records above `after`, in order, each checked.

        Raises:
            JournalCorrupt: one is damaged or missing; says which.
        """
        require_readable(after, self._last)
        return checked_rows(self._database, self.path, after, self._last, lambda: None)

    def snapshot_numbers(self) -> list[int]:
        """Of which records there are snapshots, newest first."""
        with translated(self.path, "read its snapshots"):
            return [number for number in self._snapshots.numbers() if number <= self._last]

    def snapshot(self, number: int) -> Snapshot | None:
        """The snapshot of record `number`; None: it is damaged, or of another journal."""
        with translated(self.path, f"read the snapshot of record {number}"):
            found = self._snapshots.read(number)
            if isinstance(found, DamagedSnapshot):
                return None
            if stored_checksum(self._database, number) != found.checksum:
                return None
        return Snapshot(number, found.data)

    def numbers_naming(self, words: bytes) -> list[int]:
        """The numbers of the first and the last record in which these bytes stand; or none."""
        with translated(self.path, "be searched"):
            first, last = self._database.execute(
                "SELECT min(number), max(number) FROM record WHERE instr(data, ?) > 0", (words,)
            ).fetchone()
        return [] if first is None else [first, last]

    def _require_end(self) -> None:
        with closing(AcknowledgedMark(mark_of(self.path))) as mark:
            acknowledged = mark.number()
        if self._last < acknowledged:
            raise JournalCorrupt(
                f"journal {self.path} ends at record {self._last}, but record {acknowledged} was"
                " once acknowledged: its end is lost"
            )


@contextmanager
def reading_meanwhile(path: Path, beside: Path) -> Iterator[SqliteReading]:
    """Reads a journal whether an engine has it open or not: if so, a copy of it.

    What had been acknowledged before the call is in it.

    Args:
        beside: the folder in which a copy may be made; it is gone at the end.

    Raises:
        JournalCorrupt: it is damaged; says where.
        JournalError, SamkoError: it cannot be read, or not be copied.
    """
    with ExitStack() as opened:
        try:
            reading = SqliteReading(path)
        except InUse:
            with closing(AcknowledgedMark(mark_of(path))) as mark:
                acknowledged = mark.number()
            folder = TemporaryDirectory(prefix="copy-", dir=beside)
            copy = Path(opened.enter_context(folder)) / path.name
            copy_live(path, copy)
            for number in SnapshotFiles(path).numbers():
                snapshot = f"{path.name}.snapshot-{number:020d}"
                with suppress(FileNotFoundError):  # a newer one has just taken its place
                    copy_private(path.with_name(snapshot), copy.with_name(snapshot))
            reading = SqliteReading(copy)
            if reading.last_number() < acknowledged:
                raise JournalCorrupt(f"a copy of {path} lacks record {acknowledged}") from None
        yield opened.enter_context(reading)
