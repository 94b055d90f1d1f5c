"""Whether the rows of a SQLite journal are those that were written."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queue_engine.core.errors import JournalCorrupt
from queue_engine.journal.checksum import CHAIN_START, ChainWalk
from queue_engine.journal.mark import AcknowledgedMark, mark_of
from queue_engine.journal.ownership import Ownership
from queue_engine.journal.snapshots import DamagedSnapshot, SnapshotFiles
from queue_engine.journal.sqlite_file import open_journal, translated

CUT_ROWS_MAX: Final = 1_000
"""More damaged rows at the end than this are no torn tail but a destroyed journal."""
FAULTS_MAX: Final = 100
"""How many faults `verify_sqlite_journal` lists."""


@dataclass(frozen=True, slots=True)
class TailCheck:
    """What was found in the rows above a known record."""

    rows: int
    """How many were read."""
    last_good: int
    """The number of the last record up to which all is well."""
    checksum: int
    """Its checksum."""
    damaged_rows: int
    """How many rows follow it, all of them damaged."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What a look at the whole journal found."""

    records: int
    """How many rows were read."""
    faults: tuple[str, ...]
    """One sentence each, at most `FAULTS_MAX`; empty when all is well."""


def check_tail(database: sqlite3.Connection, path: Path, after: int, checksum: int) -> TailCheck:
    """Read all rows above record `after` and tell a torn tail from damage.

    Raises:
        JournalCorrupt: a damaged record has a good one behind it, or too many are damaged.
    """
    walk = ChainWalk(after, checksum)
    rows = damaged = 0
    good_number, good_checksum = after, checksum
    with translated(path, f"be read after record {after}"):
        for number, stored, data in _rows(database, after):
            rows += 1
            good = walk.step(number, stored, data)
            if not good:
                damaged += 1
            elif damaged:
                raise JournalCorrupt(
                    f"journal {path}: record {good_number + 1} is damaged or missing, and"
                    f" record {number} behind it is whole: this is no torn tail"
                )
            else:
                good_number, good_checksum = number, stored
    if damaged > CUT_ROWS_MAX:
        raise JournalCorrupt(
            f"journal {path}: {damaged} rows from record {good_number + 1} to its end are damaged;"
            f" more than {CUT_ROWS_MAX} are no torn tail"
        )
    return TailCheck(rows, good_number, good_checksum, damaged)


def verify_sqlite_journal(path: Path) -> Verification:
    """Read the whole journal and all its snapshots, and list what is wrong. Mends nothing.

    Takes some two seconds for a million records.

    Raises:
        InUse: an engine has it open.
        JournalError: it cannot be opened at all; says why.
    """
    path = path.resolve()
    with ExitStack() as opened:
        ownership = Ownership(path)
        opened.callback(ownership.release)
        database = open_journal(path)
        opened.callback(database.close)
        rows, faults = _verify_rows(database, path)
        faults += _verify_end(database, path)
        faults += _verify_snapshots(database, path)
    return Verification(rows, tuple(faults[:FAULTS_MAX]))


def _verify_rows(database: sqlite3.Connection, path: Path) -> tuple[int, list[str]]:
    faults: list[str] = []
    walk = ChainWalk(0, CHAIN_START)
    rows = 0
    try:
        with translated(path, "be verified"):
            for (line,) in database.execute(f"PRAGMA quick_check({FAULTS_MAX})"):
                if line != "ok":
                    faults.append(f"the database file: {line}")
            for number, checksum, data in _rows(database, 0):
                expected = walk.number + 1
                if not walk.step(number, checksum, data) and len(faults) < FAULTS_MAX:
                    faults.append(f"record {expected} is damaged or missing")
                rows += 1
    except JournalCorrupt as exc:
        faults.append(f"the rows after record {walk.number}: {exc}")
    return rows, faults


def _verify_end(database: sqlite3.Connection, path: Path) -> list[str]:
    with translated(path, "be verified"), closing(AcknowledgedMark(mark_of(path))) as mark:
        last, acknowledged = last_number(database), mark.number()
    if last < acknowledged:
        return [f"it ends at record {last}, but record {acknowledged} was once acknowledged"]
    return []


def _verify_snapshots(database: sqlite3.Connection, path: Path) -> list[str]:
    faults: list[str] = []
    snapshots = SnapshotFiles(path)
    with translated(path, "be verified"):
        for number in snapshots.numbers():
            snapshot = snapshots.read(number)
            if isinstance(snapshot, DamagedSnapshot):
                faults.append(f"snapshot {snapshot.path}: {snapshot.reason}")
            elif stored_checksum(database, number) != snapshot.checksum:
                faults.append(f"the snapshot of record {number} is not of this journal's record")
    return faults


def last_number(database: sqlite3.Connection) -> int:
    """The number of the last row, 0 if there is none."""
    (last,) = database.execute("SELECT coalesce(max(number), 0) FROM record").fetchone()
    return int(last)


def stored_checksum(database: sqlite3.Connection, number: int) -> int | None:
    """The checksum of record `number`, `CHAIN_START` for record 0, None if it has none."""
    if number == 0:
        return CHAIN_START
    row = database.execute("SELECT checksum FROM record WHERE number = ?", (number,)).fetchone()
    return row[0] if row is not None and isinstance(row[0], int) else None


def _rows(database: sqlite3.Connection, after: int) -> sqlite3.Cursor:
    return database.execute(
        "SELECT number, checksum, data FROM record WHERE number > ? ORDER BY number", (after,)
    )
