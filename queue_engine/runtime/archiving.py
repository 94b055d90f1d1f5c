"""What the archive needs of records beyond their bytes: their day, and what state they make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from queue_engine.core.snapshot import digest
from queue_engine.core.state import State
from queue_engine.journal.archive import Archive
from queue_engine.journal.base import Reading, StoredRecord
from queue_engine.journal.whole_reading import WholeReading
from queue_engine.runtime.recovery import record_of
from queue_engine.runtime.replay import Tell, newest_state, replay
from queue_engine.runtime.swedish_days import sweden


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Two ways to the same state, by the digest of each; equal unless something is wrong."""

    whole: str
    """From the first record on, out of the archive as far as it goes, then the journal."""
    journal: str
    """Out of the journal alone."""
    after: int
    """The snapshot that the latter began with; 0: the first record."""


def swedish_day(stored: StoredRecord) -> str:
    """On which day it was written, in Sweden: accounts, statistics and people go by these days.

    Raises:
        JournalCorrupt: the record cannot be understood: it had better not leave the journal.
    """
    moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=record_of(stored).at_ms)
    return moment.astimezone(sweden()).date().isoformat()


def rebuild(archive: Archive, reading: Reading, tell: Tell) -> Rebuilt:
    """Folds everything anew, and the journal as a start of the engine does.

    Raises:
        JournalCorrupt: something is damaged, or does not follow from what is before it.
        JournalError: the archive is not of this journal.
    """
    whole = State()
    replay(WholeReading(archive, reading, until=archive.last), whole, tell)
    state = newest_state(reading)
    after = state.record_number
    replay(reading, state, tell)
    return Rebuilt(digest(whole), digest(state), after)
