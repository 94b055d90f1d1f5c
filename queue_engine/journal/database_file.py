"""A SQLite file of our own: made whole, opened by one process, and told from other people's.

Raises `sqlite3.Error` and `OSError` as they come: the caller knows what the file is to it.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queue_engine.journal.private_files import (
    PRIVATE,
    open_to_others,
    sync_directory,
    write_private,
)

_LOCK_WAIT_SECONDS: Final = 1.0

# The header that every SQLite file begins with, as its file format document describes it.
_SQLITE_MAGIC: Final = b"SQLite format 3\x00"
_HEADER_BYTES: Final = 100
_VERSION_OFFSET: Final = 60
_APPLICATION_OFFSET: Final = 68
_NUMBER: Final = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class FileKind:
    """What makes a SQLite file one of ours."""

    application_id: int
    """In the header that every SQLite file has."""
    schema_version: int
    schema: tuple[str, ...]
    """Statements that make its tables."""
    settings: tuple[str, ...]
    """PRAGMAs of each connection."""


def create_database(
    path: Path, kind: FileKind, *, first_row: tuple[str, Sequence[bytes]] | None = None
) -> None:
    """Make the file under its name only when it is whole.

    So a file of that name that has no tables in it was never left by us.

    Args:
        first_row: an INSERT with its values, to be in the file from the beginning.
    """
    beside = path.with_name(path.name + ".new")
    write_private(beside, b"")
    with closing(connect(beside, kind)) as database:
        for statement in kind.schema:
            database.execute(statement)
        if first_row is not None:
            database.execute(*first_row)
        database.execute(f"PRAGMA application_id = {kind.application_id}")
        database.execute(f"PRAGMA user_version = {kind.schema_version}")
    os.replace(beside, path)
    sync_directory(path.parent)


def connect(path: Path, kind: FileKind) -> sqlite3.Connection:
    """Open an existing file; its mode becomes 0600 if it was wider."""
    if open_to_others(path):
        path.chmod(PRIVATE)
    database = sqlite3.connect(
        path.as_uri() + "?mode=rw",
        uri=True,
        timeout=_LOCK_WAIT_SECONDS,
        isolation_level=None,  # transactions begin and end where we say so
        check_same_thread=False,  # one call at a time is promised by the caller
    )
    # In a damaged file, text may be anything; it must not become another exception.
    database.text_factory = _text
    try:
        for setting in kind.settings:
            database.execute(setting)
        (mode,) = database.execute("PRAGMA journal_mode").fetchone()
        if mode != "wal":
            raise OSError(0, "its file system does not carry a write-ahead log")
    except BaseException:
        database.close()
        raise
    return database


def strangeness(path: Path, kind: FileKind) -> str | None:
    """Why the file is not of this kind; None if it is. Opens no database and changes nothing.

    Both numbers are in the file from its beginning, so they are never in its log only.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES or not header.startswith(_SQLITE_MAGIC):
        return f"{path} is no SQLite database, it has {path.stat().st_size} bytes"
    (version,) = _NUMBER.unpack_from(header, _VERSION_OFFSET)
    (application_id,) = _NUMBER.unpack_from(header, _APPLICATION_OFFSET)
    if application_id != kind.application_id:
        return (
            f"{path} is some other database: its application id is {application_id:#010x},"
            f" expected {kind.application_id:#010x}"
        )
    if version != kind.schema_version:
        return f"{path} has schema version {version}, this program knows {kind.schema_version}"
    return None


def _text(stored: bytes) -> str:
    return stored.decode("utf-8", "replace")
