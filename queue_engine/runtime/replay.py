"""Looking back: a journal's records one after the other, and the state that they make.

House rules: one record is in memory at a time, so that a journal may have millions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

from queue_engine.core.errors import JournalCorrupt
from queue_engine.core.record import Record
from queue_engine.core.snapshot import digest
from queue_engine.core.state import State
from queue_engine.journal.base import Snapshot, StoredRecord
from queue_engine.runtime.recovery import follow_on, record_of, state_of

TELL_EVERY: Final = 1_000
"""Records between two tellings of how far it is."""

Tell = Callable[[int], None]
"""Told the number of the record that has been reached."""


class Past(Protocol):
    """What is looked back on; `SqliteReading` is one."""

    def read(self, after: int) -> Iterator[StoredRecord]:
        """The records above `after`, in order."""

    def snapshot_numbers(self) -> Sequence[int]:
        """Of which records there are snapshots, newest first."""

    def snapshot(self, number: int) -> Snapshot | None:
        """The snapshot of record `number`; None: it cannot be used."""


def newest_state(past: Past, before: int | None = None) -> State:
    """The state of the newest snapshot, or the empty one before the first record.

    Args:
        before: the snapshot is to be of a record below this one.

    Raises:
        JournalCorrupt: a snapshot is whole, and not understood; says which.
    """
    for number in past.snapshot_numbers():
        if before is None or number < before:
            snapshot = past.snapshot(number)
            if snapshot is not None:
                return state_of(snapshot)
    return State()


def records(past: Past, after: int, tell: Tell) -> Iterator[Record]:
    """The records above `after`, in order, as messages.

    Raises:
        JournalCorrupt: one is damaged, or cannot be understood; says which.
    """
    for stored in past.read(after):
        yield record_of(stored)
        if stored.number % TELL_EVERY == 0:
            tell(stored.number)


def replay(past: Past, state: State, tell: Tell) -> int:
    """Folds all records that follow the state; says how many snapshots on the way agreed with it.

    Raises:
        JournalCorrupt: a record is damaged or does not follow, or a snapshot says otherwise.
    """
    agreed = 0
    snapshots = {number for number in past.snapshot_numbers() if number > state.record_number}
    for record in records(past, state.record_number, tell):
        follow_on(state, record)
        if record.number in snapshots:
            agreed += _agrees(past.snapshot(record.number), state)
    return agreed


def _agrees(snapshot: Snapshot | None, state: State) -> bool:
    if snapshot is None:
        return False
    try:
        kept = state_of(snapshot)
    except JournalCorrupt:
        return False  # of an earlier form: the records alone tell
    if digest(kept) != digest(state):
        raise JournalCorrupt(
            f"the snapshot of record {snapshot.number} is not what the records up to it make"
        )
    return True
