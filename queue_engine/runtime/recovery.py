"""From the journal to the state: the latest snapshot, then the records after it."""

from __future__ import annotations

from queue_engine.core.apply import Watch, fold
from queue_engine.core.codec import decode_record
from queue_engine.core.errors import BadInput, JournalCorrupt
from queue_engine.core.record import Record
from queue_engine.core.snapshot import read_snapshot
from queue_engine.core.state import State
from queue_engine.journal.base import Journal, Snapshot, StoredRecord


def recover(journal: Journal, folded: State | None = None) -> State:
    """The state after the journal's last record. Called in the journal's thread.

    Args:
        folded: what the journal's first records make, if that is known; it is gone on with.

    Raises:
        JournalCorrupt: a record or snapshot cannot be understood; says which. Never an emptier
            state than the journal holds.
    """
    state = folded
    if state is None:
        snapshot = journal.latest_snapshot()
        state = State() if snapshot is None else state_of(snapshot)
    for stored in journal.read(state.record_number):
        follow_on(state, record_of(stored))
    return state


def state_of(snapshot: Snapshot) -> State:
    """The state that the snapshot holds.

    Raises:
        JournalCorrupt: it cannot be understood; says which.
    """
    try:
        state = read_snapshot(snapshot.data)
    except BadInput as fault:
        raise JournalCorrupt(f"snapshot of record {snapshot.number}: {fault}") from fault
    if state.record_number != snapshot.number:
        raise JournalCorrupt(
            f"snapshot of record {snapshot.number} says it is of {state.record_number}"
        )
    return state


def record_of(stored: StoredRecord) -> Record:
    """The record that the journal keeps.

    Raises:
        JournalCorrupt: it cannot be understood; says which.
    """
    try:
        record = decode_record(stored.data)
    except BadInput as fault:
        raise JournalCorrupt(f"record {stored.number}: {fault}") from fault
    if record.number != stored.number:
        raise JournalCorrupt(f"record {stored.number} says it is {record.number}")
    return record


def follow_on(state: State, record: Record, watch: Watch | None = None) -> None:
    """Folds the next record in.

    Args:
        watch: sees each event before it is applied; what it raises is its own.

    Raises:
        JournalCorrupt: it does not follow from those before it.
    """
    try:
        fold(state, record, watch)
    except (AssertionError, LookupError, BadInput) as fault:
        raise JournalCorrupt(
            f"record {record.number} does not follow from those before it: {fault!r}"
        ) from fault
