"""The file under the vault: callers, the access log, and a proof of the key."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from queue_engine.core.errors import SamkoError
from queue_engine.journal.database_file import FileKind, connect, create_database, strangeness

VAULT_FILE: Final = FileKind(
    application_id=0x53615661,  # SaVa
    schema_version=1,
    schema=(
        """
        CREATE TABLE caller (
            contact_id TEXT PRIMARY KEY,
            sealed BLOB NOT NULL,
            put_ms INTEGER NOT NULL,
            ended_ms INTEGER
        ) STRICT
        """,
        "CREATE INDEX caller_by_end ON caller (ended_ms)",
        "CREATE INDEX caller_by_age ON caller (put_ms)",
        """
        CREATE TABLE access (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            at_ms INTEGER NOT NULL,
            contact_id TEXT NOT NULL,
            reader TEXT NOT NULL,
            reason TEXT NOT NULL,
            found INTEGER NOT NULL
        ) STRICT
        """,
        # Something sealed with the vault's key: another key cannot unseal it.
        "CREATE TABLE key_proof (sealed BLOB NOT NULL) STRICT",
    ),
    settings=(
        "PRAGMA locking_mode = EXCLUSIVE",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA trusted_schema = OFF",
        # What is erased is overwritten.
        "PRAGMA secure_delete = ON",
        "PRAGMA temp_store = MEMORY",
    ),
)


class VaultError(SamkoError):
    """The vault cannot be read or written, or its key is not the one it was sealed with."""


def create_vault(path: Path, key_proof: bytes) -> None:
    """Make an empty vault that holds a proof of its key."""
    proof = ("INSERT INTO key_proof VALUES (?)", (key_proof,))
    create_database(path, VAULT_FILE, first_row=proof)


def open_vault(path: Path) -> tuple[sqlite3.Connection, object]:
    """Open an existing vault; the connection, and what lies there as a proof of the key.

    Raises:
        VaultError: it is not a vault of ours.
    """
    strange = strangeness(path, VAULT_FILE)
    if strange is not None:
        raise VaultError(f"vault refused: {strange}")
    database = connect(path, VAULT_FILE)
    try:
        # After a crash the log may still hold what has been erased.
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        row = database.execute("SELECT sealed FROM key_proof").fetchone()
    except BaseException:
        database.close()
        raise
    return database, row and row[0]
