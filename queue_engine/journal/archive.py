"""The archive: a folder with the journal's records, a file a day, from the first record on.

Records are written here before they leave the journal, and never change again. The chain of
checksums goes on from file to file, so that nothing between the first and the last can be missing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import groupby, takewhile
from operator import itemgetter
from pathlib import Path
from typing import Final

from queue_engine.core.errors import JournalCorrupt, JournalError
from queue_engine.journal.archive_file import ArchivedDay, archived_day, write_day
from queue_engine.journal.base import Reading, StoredRecord
from queue_engine.journal.checksum import CHAIN_START, Row
from queue_engine.journal.ownership import Ownership

BEGIN: Final = Row(0, CHAIN_START, b"")
"""What stands before the first record."""


class Archive:
    """The files of one journal.

    Args:
        folder: where they are; need not be there.

    Raises (on making it):
        JournalCorrupt: records between two files are missing.
        JournalError: the folder cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.days: list[ArchivedDay] = []
        """Each file, in order."""
        if folder.exists():
            try:
                found = [archived_day(path) for path in sorted(folder.iterdir())]
            except OSError as fault:
                raise JournalError(f"archive {folder}: {fault.strerror}") from fault
            self.days = sorted(filter(None, found), key=lambda day: day.first)
        ends = [0, *(day.last for day in self.days)]
        for end, day in zip(ends, self.days, strict=False):
            if day.first != end + 1:
                raise JournalCorrupt(f"archive {folder}: {day.path.name} does not follow {end}")

    @property
    def last(self) -> int:
        """The last record that it has, 0 if it has none."""
        return self.days[-1].last if self.days else 0

    def end(self) -> Row:
        """The last record. Reads all of the last file.

        Raises:
            JournalCorrupt: that file is damaged.
        """
        return deque(self.days[-1].rows(), maxlen=1)[0] if self.days else BEGIN

    def rows(self, after: int = 0) -> Iterator[Row]:
        """The records above `after`, in order, each checked, with their checksums.

        Raises:
            JournalCorrupt: one is damaged or missing, or two files do not fit together; says which.
        """
        checksum: int | None = BEGIN.checksum if after == 0 else None
        for day in self.days:
            if day.last <= after:
                continue
            rows = day.rows()
            before = next(rows)
            if checksum is not None and before.checksum != checksum:
                raise JournalCorrupt(f"archive {day.path} does not follow the one before it")
            for row in rows:
                checksum = row.checksum
                if row.number > after:
                    yield row

    def add_days(self, reading: Reading, day_of: Callable[[StoredRecord], str]) -> Iterator[Row]:
        """Writes a file for each day that the archive lacks and that a later one has followed.

        Args:
            reading: the journal.
            day_of: on which day a record was written, as in 2026-11-21.

        Gives:
            the last record of each new file, as soon as it is there; it is the last of `days`.

        Raises:
            JournalError: the archive is not of this journal, or a file cannot be written.
        """
        if reading.last_number() == 0:
            return
        with ExitStack() as opened:
            self._make_folder()
            opened.callback(Ownership(self.folder / "archive").release)
            before = self.end()
            self.require_of(reading, before)
            (newest,) = reading.read(reading.last_number() - 1)
            today = day_of(newest)
            rows = ((day_of(stored), stored) for stored in reading.read(before.number))
            complete = takewhile(lambda row: row[0] < today, rows)
            for day, group in groupby(complete, key=itemgetter(0)):
                data = (stored.data for _, stored in group)
                written, before = write_day(self.folder, day, before, data)
                self.days.append(written)
                yield before

    def require_of(self, reading: Reading, end: Row) -> None:
        """That the archive's end is a record of this journal, which still has all that follows.

        Raises:
            JournalError: it is not.
        """
        if end.number < reading.kept_after():
            raise JournalError(
                f"archive {self.folder} ends at record {end.number}, but {reading.where} has only"
                f" what follows record {reading.kept_after()}: the days between are elsewhere"
            )
        if end.number > reading.last_number() or reading.checksum_of(end.number) != end.checksum:
            raise JournalError(f"archive {self.folder} is not of journal {reading.where}")

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as fault:
            raise JournalError(f"archive {self.folder}: {fault.strerror}") from fault
