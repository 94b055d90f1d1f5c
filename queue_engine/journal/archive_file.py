"""One day's records in one file: compressed, checksummed, and legible to `zcat` alone.

    samko-archive 1 2026-11-21 120000 3735928559   the day; the record before, and its checksum
    120001 2882343476 17                           number, chained checksum and length of a record
    {"v":1,"n":120001                              its bytes as the journal had them
    end 131072 305419896 9f86d081...               the last record with its checksum; the SHA-256
                                                   of all that stands before this line

The name has the day and the numbers: `2026-11-21.000000120001-000000131072.records.gz`.

House rules: a name is seen only when the content is on disk and has been read back; what is there
is never written over.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from queue_engine.core.errors import JournalCorrupt, JournalError
from queue_engine.journal.base import RECORD_BYTES_MAX
from queue_engine.journal.checksum import Row, chained
from queue_engine.journal.private_files import PRIVATE, sync_directory

_NAME: Final = re.compile(r"(\d{4}-\d\d-\d\d)\.(\d{12,19})-(\d{12,19})\.records\.gz")
_HEAD: Final = re.compile(rb"samko-archive 1 (\d{4}-\d\d-\d\d) (\d{1,19}) (\d{1,10})\n")
_ROW: Final = re.compile(rb"(\d{1,19}) (\d{1,10}) (\d{1,8})\n")
_END: Final = re.compile(rb"end (\d{1,19}) (\d{1,10}) ([0-9a-f]{64})\n")
_LINE_BYTES_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class ArchivedDay:
    """A file of the archive, as its name tells."""

    path: Path
    day: str
    first: int
    last: int

    def rows(self) -> Iterator[Row]:
        """The record before the first one, without its data; then each record, checked.

        Raises:
            JournalCorrupt: the file is damaged; says where. Whoever stops early has not been told
                of what comes later.
            JournalError: it cannot be read.
        """
        number = self.first - 1
        for row in _rows(self.path, self.day, number):
            number = row.number
            yield row
        if number != self.last:
            raise JournalCorrupt(f"archive {self.path} ends at record {number}, not {self.last}")


def archived_day(path: Path) -> ArchivedDay | None:
    """The file of that name; None: its name is none of ours."""
    named = _NAME.fullmatch(path.name)
    return ArchivedDay(path, named[1], int(named[2]), int(named[3])) if named else None


def write_day(
    folder: Path, day: str, before: Row, records: Iterable[bytes]
) -> tuple[ArchivedDay, Row]:
    """Writes the records that follow `before` to a file of mode 0600, and reads it back.

    Args:
        folder: where; must exist.
        records: at least one.

    Returns:
        the file and its last record.

    Raises:
        JournalError: it cannot be written, or its name is taken.
    """
    beside = folder / f"{day}.new"
    beside.unlink(missing_ok=True)
    try:
        with translated(f"archive {beside}"):
            last = _write(beside, day, before, records)
        (read_back,) = deque(_rows(beside, day, before.number), maxlen=1)
        if (read_back.number, read_back.checksum) != (last.number, last.checksum):
            raise JournalCorrupt(f"archive {beside} was written, and reads otherwise")
        name = f"{day}.{before.number + 1:012d}-{last.number:012d}.records.gz"
        with translated(f"archive {folder / name}"):
            os.link(beside, folder / name)  # which fails where something is
    finally:
        beside.unlink(missing_ok=True)
    sync_directory(folder)
    return ArchivedDay(folder / name, day, before.number + 1, last.number), last


def _write(path: Path, day: str, before: Row, records: Iterable[bytes]) -> Row:
    with packing(path) as packed:
        head = b"samko-archive 1 %b %d %d\n"
        packed.put(head % (day.encode(), before.number, before.checksum))
        return packed.put_records(before, records)


class Packing:
    """What is put into a file of records: compressed, with a checksum of all of it at its end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._seen = hashlib.sha256()

    def put(self, data: bytes) -> None:
        """Some of what stands before the records."""
        self._seen.update(data)
        self._file.write(data)

    def put_records(self, before: Row, records: Iterable[bytes]) -> Row:
        """The records after `before`, one at least, and the end; the last of them."""
        number, checksum = before.number, before.checksum
        for data in records:
            number += 1
            checksum = chained(checksum, number, data)
            self.put(b"%d %d %d\n%b\n" % (number, checksum, len(data), data))
        assert number > before.number, "a file without records is none"
        digest = self._seen.hexdigest().encode()
        self._file.write(b"end %d %d %b\n" % (number, checksum, digest))
        return Row(number, checksum, b"")


@contextmanager
def packing(path: Path) -> Iterator[Packing]:
    """Writes a new file of mode 0600; it is on disk when the block ends.

    Raises:
        OSError: it is there, or cannot be written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, PRIVATE)
    with open(descriptor, "wb") as file:
        # Without a name or a time in it: the same records make the same file.
        with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
            yield Packing(cast(BinaryIO, packed))
        file.flush()
        os.fsync(file.fileno())


class Unpacking:
    """Reads what `Packing` has put.

    Args:
        packed: the content.
        where: for messages, as `archive x`.
    """

    def __init__(self, packed: gzip.GzipFile, where: str) -> None:
        self._packed = packed
        self._where = where
        self._seen = hashlib.sha256()

    def line(self, longest: int = _LINE_BYTES_MAX) -> bytes:
        """The next line, or so much of it."""
        line = self._packed.readline(longest)
        self._seen.update(line)
        return line

    def data(self, size: int) -> bytes:
        """So many bytes, and the end of their line, which is not given."""
        data = self._packed.read(size)
        self._seen.update(data + self._packed.read(1))
        return data

    def records(self, before: Row) -> Iterator[Row]:
        """The records after `before`, each checked, to the end of the file.

        Raises:
            JournalCorrupt: something is damaged; says where.
        """
        number, checksum = before.number, before.checksum
        while row := _ROW.fullmatch(line := self._packed.readline(_LINE_BYTES_MAX)):
            size = int(row[3])
            if size > RECORD_BYTES_MAX:
                break
            self._seen.update(line)
            data = self.data(size)
            number += 1
            checksum = chained(checksum, number, data)
            if (number, checksum) != (int(row[1]), int(row[2])):
                raise JournalCorrupt(f"{self._where}: record {number} is damaged or missing")
            yield Row(number, checksum, data)
        end = _END.fullmatch(line)
        if end is None or self._packed.read(1):
            raise JournalCorrupt(f"{self._where} is damaged after record {number}")
        said = (int(end[1]), int(end[2]), end[3].decode())
        if said != (number, checksum, self._seen.hexdigest()):
            raise JournalCorrupt(f"{self._where}: its end does not fit its content")


def _rows(path: Path, day: str, after: int) -> Iterator[Row]:
    """What `ArchivedDay.rows` gives, up to whatever end the file says it has."""
    with unpacking(path, f"archive {path}") as packed:
        head = packed.line()
        found = _HEAD.fullmatch(head)
        if found is None or (found[1].decode(), int(found[2])) != (day, after):
            raise JournalCorrupt(f"archive {path} is not what its name says: {head!r:.80}")
        before = Row(after, int(found[3]), b"")
        yield before
        yield from packed.records(before)


@contextmanager
def unpacking(path: Path, where: str) -> Iterator[Unpacking]:
    """Reads a file of records.

    Raises:
        JournalCorrupt: it is damaged.
        JournalError: it cannot be read.
    """
    with translated(where), path.open("rb") as file, gzip.GzipFile(fileobj=file) as packed:
        yield Unpacking(packed, where)


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Faults of the file and its compression, as errors of journals."""
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error) as fault:
        raise JournalCorrupt(f"{where} is damaged: {fault}") from fault
    except OSError as fault:
        raise JournalError(f"{where}: {fault.strerror or fault}") from fault
