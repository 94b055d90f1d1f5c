"""The file under the SQLite journal, and what its errors mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from queue_engine.core.errors import JournalCorrupt, JournalError
from queue_engine.journal.database_file import FileKind, connect, create_database, strangeness

JOURNAL_FILE: Final = FileKind(
    application_id=0x53614A6F,  # SaJo
    schema_version=1,
    schema=(
        """
        CREATE TABLE record (
            number INTEGER PRIMARY KEY,
            checksum INTEGER NOT NULL,
            data BLOB NOT NULL
        ) STRICT
        """,
        # Where the rows of a torn tail are moved to, for whoever wants to know what they were.
        """
        CREATE TABLE cut_record (
            number INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            data BLOB NOT NULL
        ) STRICT
        """,
    ),
    settings=(
        # Nobody else may hold a read lock, which would keep the write-ahead log from ever being
        # reused; and no shared memory is needed.
        "PRAGMA locking_mode = EXCLUSIVE",
        "PRAGMA journal_mode = WAL",
        # A commit returns when the log is on disk.
        "PRAGMA synchronous = FULL",
        "PRAGMA trusted_schema = OFF",
    ),
)


@contextmanager
def translated(path: Path, doing: str) -> Iterator[None]:
    """Turn what SQLite and the file system raise into the journal's errors.

    Args:
        path: of the journal.
        doing: what is being tried, for the message: `journal P cannot {doing}: ...`.
    """
    try:
        yield
    except sqlite3.Error as exc:
        code = getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        name = getattr(exc, "sqlite_errorname", type(exc).__name__)
        text = f"journal {path} cannot {doing}: {exc} ({name})"
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise JournalCorrupt(text) from exc
        raise JournalError(text) from exc
    except UnicodeDecodeError as exc:
        # The sqlite3 module fails like this on an error message that quotes a damaged schema.
        raise JournalCorrupt(f"journal {path} cannot {doing}: its schema is damaged") from exc
    except OSError as exc:
        raise JournalError(f"journal {path} cannot {doing}: {exc.strerror}") from exc


def create_journal(path: Path) -> None:
    """Make an empty journal.

    Raises:
        JournalError: it cannot be made.
    """
    with translated(path, "be created"):
        create_database(path, JOURNAL_FILE)


def open_journal(path: Path) -> sqlite3.Connection:
    """Open an existing journal for sole use.

    Raises:
        JournalCorrupt: it is not a journal of ours, or damaged.
        JournalError: it cannot be opened.
    """
    with translated(path, "be opened"):
        strange = strangeness(path, JOURNAL_FILE)
        if strange is not None:
            raise JournalCorrupt(f"journal refused: {strange}")
        return connect(path, JOURNAL_FILE)
