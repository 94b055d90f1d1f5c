"""The rows of a SQLite journal, read page by page, each checked before it is given."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from queue_engine.core.errors import JournalCorrupt
from queue_engine.journal.base import StoredRecord
from queue_engine.journal.checksum import ChainWalk
from queue_engine.journal.sqlite_check import stored_checksum
from queue_engine.journal.sqlite_file import translated

_READ_ROWS: Final = 128
"""Read at a time: between them no cursor is open, which would keep the log from being reused."""


def checked_rows(
    database: sqlite3.Connection,
    path: Path,
    after: int,
    last: int,
    require_open: Callable[[], None],
) -> Iterator[StoredRecord]:
    """The records above `after` up to `last`.

    Args:
        path: of the journal, for messages.
        require_open: called before each page; raises if the journal was closed meanwhile.

    Raises:
        JournalCorrupt: one is damaged or missing; says which.
    """
    with translated(path, f"read record {after}"):
        walk = ChainWalk(after, checksum_of(database, path, after))
    while walk.number < last:
        require_open()
        with translated(path, f"read what follows record {walk.number}"):
            rows = database.execute(
                "SELECT number, checksum, data FROM record"
                " WHERE number > ? AND number <= ? ORDER BY number LIMIT ?",
                (walk.number, last, _READ_ROWS),
            ).fetchall()
        if not rows:
            raise JournalCorrupt(f"journal {path}: record {walk.number + 1} is missing")
        for number, stored, data in rows:
            expected = walk.number + 1
            if not walk.step(number, stored, data):
                raise JournalCorrupt(f"journal {path}: record {expected} is damaged or missing")
            yield StoredRecord(number, data)


def checksum_of(database: sqlite3.Connection, path: Path, number: int) -> int:
    """The checksum of record `number`.

    Raises:
        JournalCorrupt: there is no such record.
    """
    checksum = stored_checksum(database, number)
    if checksum is None:
        raise JournalCorrupt(f"journal {path}: record {number} is missing")
    return checksum
