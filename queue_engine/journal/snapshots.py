"""Snapshots as files beside the journal, one each.

Kept apart from the database for two reasons: a large state does not go through the write-ahead log
twice, and a journal that was emptied or exchanged contradicts the snapshots that lie beside it.

A file is a header, the state (compressed if that makes it smaller) and a CRC-32 over both. It
carries the checksum of the record it stands for, by which it is tied to this journal and no other.
"""

from __future__ import annotations

import errno
import os
import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queue_engine.core.errors import JournalError
from queue_engine.journal.base import SNAPSHOT_BYTES_MAX
from queue_engine.journal.private_files import replace_private

SNAPSHOTS_KEPT: Final = 3
_MAGIC: Final = b"SAMKOSNP"
_FORMAT: Final = 1
_HEADER: Final = struct.Struct(">8sBBQII")
"""Magic, format, whether compressed, record number, that record's checksum, bytes of state."""
_CRC: Final = struct.Struct(">I")
_COMPRESSION_LEVEL: Final = 1
"""The higher levels take several times as long for a tenth less."""
_FILE_BYTES_MAX: Final = _HEADER.size + SNAPSHOT_BYTES_MAX + _CRC.size


@dataclass(frozen=True, slots=True)
class SealedSnapshot:
    """A snapshot whose file was found whole."""

    number: int
    checksum: int
    """Of record `number` in the journal."""
    data: bytes


@dataclass(frozen=True, slots=True)
class DamagedSnapshot:
    """A snapshot that cannot be used, and why."""

    path: Path
    reason: str


class SnapshotFiles:
    """The snapshots of one journal, `<journal>.snapshot-<number>`.

    Args:
        journal: path of the journal they belong to.
        kept: how many are kept; more than one, so that a damaged one has another behind it.
    """

    def __init__(self, journal: Path, *, kept: int = SNAPSHOTS_KEPT) -> None:
        assert kept >= 1, kept
        self._journal = journal
        self._kept = kept
        self._name = re.compile(re.escape(journal.name) + r"\.snapshot-([0-9]{20})")

    def numbers(self) -> list[int]:
        """The numbers of all snapshots that lie there, whole or not, newest first."""
        with os.scandir(self._journal.parent) as entries:
            found = [self._name.fullmatch(entry.name) for entry in entries]
        return sorted((int(match[1]) for match in found if match), reverse=True)

    def newest(self) -> tuple[SealedSnapshot | None, tuple[DamagedSnapshot, ...]]:
        """The newest whole snapshot, and the damaged ones that are newer than it.

        Raises:
            JournalError: one cannot be read, or was written by a newer version of the program.
        """
        damaged: list[DamagedSnapshot] = []
        for number in self.numbers():
            found = self.read(number)
            if isinstance(found, SealedSnapshot):
                return found, tuple(damaged)
            damaged.append(found)
        return None, tuple(damaged)

    def read(self, number: int) -> SealedSnapshot | DamagedSnapshot:
        """The snapshot of record `number`; raises as `newest` does."""
        path = self._path(number)
        try:
            with path.open("rb") as file:
                content = file.read(_FILE_BYTES_MAX + 1)
        except OSError as exc:
            if exc.errno == errno.EIO:
                return DamagedSnapshot(path, "the disk cannot read it")
            raise JournalError(f"snapshot {path} cannot be read: {exc.strerror}") from exc
        return _unseal(path, number, content)

    def save(self, snapshot: SealedSnapshot) -> None:
        """Write the file, then remove those that are no longer needed.

        Raises:
            JournalError: it could not be written; the others are as they were.
        """
        path = self._path(snapshot.number)
        try:
            replace_private(path, _seal(snapshot))
        except OSError as exc:
            raise JournalError(f"snapshot {path} cannot be written: {exc.strerror}") from exc
        self._remove_others(snapshot.number)

    def _remove_others(self, newest: int) -> None:
        try:
            numbers = self.numbers()
            # What lies above the newest whole snapshot is damaged and of no use to anybody.
            above = [number for number in numbers if number > newest]
            below = [number for number in numbers if number < newest]
            for number in (*above, *below[self._kept - 1 :]):
                self._path(number).unlink(missing_ok=True)
        except OSError:
            # The new snapshot is safe; the old ones too many are tried again at the next.
            return

    def _path(self, number: int) -> Path:
        return self._journal.with_name(f"{self._journal.name}.snapshot-{number:020d}")


def _seal(snapshot: SealedSnapshot) -> bytes:
    compressed = zlib.compress(snapshot.data, _COMPRESSION_LEVEL)
    pays = len(compressed) < len(snapshot.data)
    header = _HEADER.pack(
        _MAGIC, _FORMAT, pays, snapshot.number, snapshot.checksum, len(snapshot.data)
    )
    body = header + (compressed if pays else snapshot.data)
    return body + _CRC.pack(zlib.crc32(body))


def _unseal(path: Path, number: int, content: bytes) -> SealedSnapshot | DamagedSnapshot:
    if len(content) < _HEADER.size + _CRC.size:
        return DamagedSnapshot(path, f"it has {len(content)} bytes, less than a header")
    if len(content) > _FILE_BYTES_MAX:
        return DamagedSnapshot(path, f"it has more than {_FILE_BYTES_MAX} bytes")
    body = memoryview(content)[: -_CRC.size]
    if zlib.crc32(body) != _CRC.unpack_from(content, len(body))[0]:
        return DamagedSnapshot(path, "its checksum does not fit its content")
    magic, form, compressed, written_number, checksum, size = _HEADER.unpack_from(body)
    if magic != _MAGIC or written_number != number:
        return DamagedSnapshot(path, f"it is not the snapshot of record {number}")
    if form != _FORMAT:
        raise JournalError(f"snapshot {path} has format {form}, this program reads {_FORMAT}")
    data = _state(body[_HEADER.size :], bool(compressed), size)
    if data is None:
        return DamagedSnapshot(path, f"it does not hold the {size} bytes that it should")
    return SealedSnapshot(number, checksum, data)


def _state(stored: memoryview, compressed: bool, size: int) -> bytes | None:
    """The state in its own form, or None if it has not the size that the header tells."""
    if not compressed:
        return bytes(stored) if len(stored) == size else None
    try:
        data = zlib.decompressobj().decompress(stored, size + 1)
    except zlib.error:
        return None
    return data if len(data) == size else None
