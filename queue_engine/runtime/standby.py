"""Whoever stands by holds what the decider holds: the journal folded as it comes.

So taking over costs no replay. Nothing is decided here, and nothing is written.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

from queue_engine.core.errors import AppendRefused, JournalCorrupt, JournalLost
from queue_engine.core.snapshot import write_snapshot
from queue_engine.core.state import State
from queue_engine.journal.base import Journal, LeftForArchive
from queue_engine.journal.checksum import CHAIN_START, Row, chained
from queue_engine.journal.recent import RecentRows
from queue_engine.runtime.recovery import follow_on, record_of, state_of

_log = logging.getLogger(__name__)

RECORDS_MAX: Final = 500
"""Folded at a time."""


class FollowedJournal(Journal, Protocol):
    """A journal whose records carry their chained checksums."""

    def checksum_of(self, number: int) -> int:
        """As it stands with the record; `JournalCorrupt`: there is no such record."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a standby leaves to whoever goes on from there."""

    state: State
    checksum: int
    """Of its last record."""
    recent: RecentRows
    """The latest records that it was folded from."""


class LosableJournal(FollowedJournal, Protocol):
    """A journal that may lack what was written to it, and can be given it back."""

    def remember(self, recent: RecentRows) -> None:
        """These are the latest records, as if they had been written here."""

    def begin_anew(self, number: int, snapshot: bytes, records: Sequence[bytes]) -> None:
        """Begins it anew with the state after record `number`."""


def resume(journal: LosableJournal, held: Held) -> State | None:
    """Makes the journal hold what a standby held, if it lacks some, and gives the state.

    Called in the journal's thread by who may write. None: it holds other records, and is to be
    folded.

    Raises:
        JournalError: it cannot be reached.
    """
    number = held.state.record_number
    journal.remember(held.recent)
    try:
        journal.last_number()
    except JournalLost as lost:
        _log.critical("%s; it is begun anew with what was folded up to record %d", lost, number)
        journal.begin_anew(number, write_snapshot(held.state), ())
    if has(journal, number, held.checksum):
        _log.info("goes on from record %d, folded while standing by", number)
        return held.state
    _log.critical("the journal holds other records than those folded up to record %d", number)
    journal.remember(RecentRows())
    return None


def has(journal: FollowedJournal, number: int, checksum: int) -> bool:
    """Whether the journal holds this record, and all before it are as they were."""
    if journal.last_number() < number:
        return False
    try:
        return journal.checksum_of(number) == checksum
    except JournalCorrupt:
        return False


class Standby:
    """Follows a journal; used by one thread at a time, in which it waits for the journal.

    A journal that is gone, or ends before what was folded, is told loudly and waited for: whoever
    decides gives it back, or this node does when it takes over (`resume`). One that somebody has
    begun anew without what was folded is folded from its beginning.

    Args:
        open_journal: opens it for reading; None: there is none yet.
    """

    def __init__(self, open_journal: Callable[[], FollowedJournal | None]) -> None:
        self._open = open_journal
        self._journal: FollowedJournal | None = None
        self._state = State()
        self._checksum = CHAIN_START
        """Of the last record held, by its own reckoning."""
        self._recent = RecentRows()
        self._is_short = False
        """Whether the journal was found to end before what is held."""
        self._is_other = False
        """Whether the one that was followed has given way to another."""
        self.fault: JournalCorrupt | None = None
        """A record or snapshot that this node cannot read: from then on nothing is followed."""

    @property
    def number(self) -> int:
        """The last record that has been folded."""
        return self._state.record_number

    def follow(self, records_max: int = RECORDS_MAX) -> int:
        """Folds what has been appended; how many records are left to be folded.

        Raises:
            JournalCorrupt: this node cannot read the journal; now, or some time before.
            JournalError: the journal cannot be reached; it may be tried again.
        """
        if self.fault is not None:
            raise self.fault
        try:
            return self._follow(records_max)
        except AppendRefused as other:
            self._hold_on(str(other))
            self._close_journal()  # the one that is there now is opened next
            self._is_other = True
            return 0
        except LeftForArchive as gone:
            if not self.number:
                raise
            self._begin_anew(str(gone))
            return 0
        except JournalCorrupt as fault:
            self.fault = fault
            raise

    def let_go(self) -> Held | None:
        """What was folded, for whoever goes on from here; this standby is over. None: nothing."""
        held = Held(self._state, self._checksum, self._recent) if self.number else None
        self.close()
        return held

    def close(self) -> None:
        """Closes its journal, and holds nothing any more."""
        self._close_journal()
        self._state = State()
        self._checksum = CHAIN_START
        self._recent = RecentRows()

    def _close_journal(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _follow(self, records_max: int) -> int:
        if self._journal is None:
            self._journal = self._open()
        journal = self._journal
        if journal is None:
            if self.number:
                self._hold_on("it is gone")
            return 0
        if (last := journal.last_number()) < self.number and not self._is_other:
            self._hold_on(f"it ends at record {last}")
            return 0
        if self.number and not has(journal, self.number, self._checksum):
            self._begin_anew(f"it does not hold record {self.number} as it was")
            return 0
        self._is_short = self._is_other = False
        if not self.number and (snapshot := journal.latest_snapshot()) is not None:
            self._checksum = journal.checksum_of(snapshot.number)
            self._state = state_of(snapshot)
        if last > self.number:
            for stored in islice(journal.read(self.number), records_max):
                follow_on(self._state, record_of(stored))
                self._checksum = chained(self._checksum, stored.number, stored.data)
                self._recent.add(Row(stored.number, self._checksum, stored.data))
        return max(0, last - self.number)

    def _hold_on(self, why: str) -> None:
        if not self._is_short:
            self._is_short = True
            _log.critical(
                "the journal is not what was followed up to record %d: %s; that is held on to",
                self.number,
                why,
            )

    def _begin_anew(self, why: str) -> None:
        _log.critical(
            "the journal is not what was followed up to record %d: %s; it is folded anew",
            self.number,
            why,
        )
        self.close()
