"""What a node did while it was an island, in one file: its state when it parted, then its records.

    samko-island 1 {"after":120000,"host":"n1",...}    see `IslandHead`
    {"v":1,...}                                        the state
    120001 2882343476 17                               as in the archive, the chain begun anew
    {"v":1,"n":120001
    end 131072 305419896 9f86d081...

The name has the day and the numbers: `2026-11-21.000000120001-000000131072.island.gz`; once all of
it has been told to the others it ends with `.merged`, and is kept; with `.failed` if whoever
decides failed at it time and again.

House rules: a name is seen only when the content is on disk; what is there is never written over.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Final

from queue_engine.core.errors import JournalCorrupt
from queue_engine.journal.archive_file import Unpacking, packing, translated, unpacking
from queue_engine.journal.base import SNAPSHOT_BYTES_MAX, Snapshot
from queue_engine.journal.checksum import CHAIN_START, Row
from queue_engine.journal.private_files import sync_directory

SUFFIX: Final = ".island.gz"
MERGED: Final = ".merged"
FAILED: Final = ".failed"
_HEAD: Final = re.compile(rb"samko-island 1 (\{.{1,2000}\})\n")
_HEAD_BYTES_MAX: Final = 4_000


@dataclass(frozen=True, slots=True)
class IslandHead:
    """What stands at the beginning of the file."""

    island_id: str
    """No other has it; copies of the file have the same."""
    host: str
    after: int
    """The last record that all share, as far as the island knows."""
    record_checksum: int | None
    """The CRC-32 of its bytes; None: they were not known."""
    ended_ms: int
    """When it was set aside."""
    snapshot: int
    """Of which record the state is: `after`, or one of those that follow."""
    snapshot_bytes: int


@dataclass(frozen=True, slots=True)
class IslandFile:
    """A file, as its beginning tells."""

    path: Path
    head: IslandHead
    state: Snapshot

    def records(self) -> Iterator[Row]:
        """The island's records in order, each checked.

        Raises:
            JournalCorrupt: the file is damaged; says where. Whoever stops early has not been told
                of what comes later.
            JournalError: it cannot be read.
        """
        with _opened(self.path) as packed:
            _read_head(packed, self.path)
            yield from packed.records(Row(self.head.after, CHAIN_START, b""))


def write_island(
    folder: Path,
    day: str,
    head: IslandHead,
    state: Snapshot,
    records: Sequence[bytes],
) -> Path:
    """Writes an island's records to a new file of mode 0600.

    Args:
        folder: where; must exist.
        day: on which it ended, as in 2026-11-21.

    Raises:
        JournalError: it cannot be written.
    """
    beside = folder / f"{day}.new"
    where = f"island {beside}"
    with translated(where):
        beside.unlink(missing_ok=True)
        try:
            with packing(beside) as packed:
                plain = json.dumps(asdict(head), sort_keys=True, separators=(",", ":"))
                packed.put(b"samko-island 1 %b\n" % plain.encode())
                packed.put(state.data + b"\n")
                last = packed.put_records(Row(head.after, CHAIN_START, b""), records)
            return _name(beside, f"{day}.{head.after + 1:012d}-{last.number:012d}")
        finally:
            beside.unlink(missing_ok=True)


def _name(beside: Path, stem: str) -> Path:
    """Another node may have one with the same numbers."""
    for path in _names(beside, stem, SUFFIX):
        try:
            os.link(beside, path)  # which fails where something is
        except FileExistsError:
            continue
        break
    sync_directory(path.parent)
    return path


def _names(beside: Path, stem: str, suffix: str) -> Iterator[Path]:
    for number in count(1):
        yield beside.with_name(f"{stem}{'' if number == 1 else f'.{number}'}{suffix}")


def read_island(path: Path) -> IslandFile:
    """The file as its beginning tells; its records are not looked at.

    Raises:
        JournalCorrupt: it is none, or damaged.
        JournalError: it cannot be read.
    """
    with _opened(path) as packed:
        head, state = _read_head(packed, path)
    return IslandFile(path, head, state)


def mark_merged(path: Path) -> Path:
    """All of it has been told: its name says so from now on.

    Raises:
        JournalError: it cannot be renamed.
    """
    return _renamed(path, MERGED)


def mark_failed(path: Path) -> Path:
    """Nobody tells it again by himself: its name says so from now on.

    Raises:
        JournalError: it cannot be renamed.
    """
    return _renamed(path, FAILED)


def _renamed(path: Path, suffix: str) -> Path:
    with translated(f"island {path}"):
        names = _names(path, path.name, suffix)
        to = next(name for name in names if not name.exists())
        path.rename(to)  # by one alone, if two do it at once
        sync_directory(path.parent)
    return to


def failed(folder: Path) -> list[Path]:
    """The files there at which whoever decided failed.

    Raises:
        JournalError: the folder cannot be read.
    """
    with translated(f"folder {folder}"):
        return sorted(folder.glob(f"*{SUFFIX}*{FAILED}")) if folder.exists() else []


def unmerged(folder: Path) -> list[Path]:
    """The files there that are to be merged, the oldest name first.

    Raises:
        JournalError: the folder cannot be read.
    """
    with translated(f"folder {folder}"):
        return sorted(folder.glob(f"*{SUFFIX}")) if folder.exists() else []


@contextmanager
def _opened(path: Path) -> Iterator[Unpacking]:
    with unpacking(path, f"island {path}") as packed:
        yield packed


def _read_head(packed: Unpacking, path: Path) -> tuple[IslandHead, Snapshot]:
    found = _HEAD.fullmatch(packed.line(_HEAD_BYTES_MAX))
    if found is None:
        raise JournalCorrupt(f"{path} is no file of an island's records")
    try:
        head = IslandHead(**json.loads(found[1]))
        is_sound = 0 <= head.after <= head.snapshot and head.snapshot_bytes > 0
        if not is_sound or head.snapshot_bytes > SNAPSHOT_BYTES_MAX:
            raise ValueError("its numbers cannot be")
    except (TypeError, ValueError) as fault:
        raise JournalCorrupt(f"island {path}: its first line is damaged: {fault}") from fault
    data = packed.data(head.snapshot_bytes)
    if len(data) < head.snapshot_bytes:
        raise JournalCorrupt(f"island {path} ends in the middle of its state")
    return head, Snapshot(head.snapshot, data)


def require_writable(folder: Path) -> None:
    """Makes the folder if it is not there.

    Raises:
        JournalError: it cannot be made.
    """
    with translated(f"folder {folder}"):
        folder.mkdir(mode=0o700, exist_ok=True)
