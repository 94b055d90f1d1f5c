"""A story of the small country, kept in a SQLite journal with snapshots on its way."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from queue_engine.core.apply import fold
from queue_engine.core.codec import encode_record
from queue_engine.core.record import Record
from queue_engine.core.snapshot import write_snapshot
from queue_engine.core.state import State
from queue_engine.journal.sqlite import SqliteJournal


def keep(path: Path, records: Collection[Record], *snapshots_at: int) -> State:
    """Writes the records to a new journal; the state after the last."""
    state = State()
    journal = SqliteJournal(path)
    for record in records:
        fold(state, record)
        journal.append(record.number - 1, [encode_record(record)])
        if record.number in snapshots_at:
            journal.save_snapshot(record.number, write_snapshot(state))
    journal.close()
    return state
