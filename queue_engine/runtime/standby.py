"""Whoever stands by holds what the decider holds: the journal folded as it comes.

So taking over costs no replay. Nothing is decided here, and nothing is written.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import islice
from typing import Final, Protocol

from queue_engine.core.errors import AppendRefused, JournalCorrupt
from queue_engine.core.state import State
from queue_engine.journal.base import Journal, LeftForArchive
from queue_engine.journal.checksum import CHAIN_START, chained
from queue_engine.runtime.recovery import follow_on, record_of, state_of

_log = logging.getLogger(__name__)

RECORDS_MAX: Final = 500
"""Folded at a time."""


class FollowedJournal(Journal, Protocol):
    """A journal whose records carry their chained checksums."""

    def checksum_of(self, number: int) -> int:
        """As it stands with the record; `JournalCorrupt`: there is no such record."""


class Standby:
    """Follows a journal; used by one thread at a time, in which it waits for the journal.

    A journal that is not the one followed so far (emptied, shorter, or with other records) is
    told loudly, what was folded is let go of, and the journal is folded from its beginning.

    Args:
        open_journal: opens it for reading; None: there is none yet.
    """

    def __init__(self, open_journal: Callable[[], FollowedJournal | None]) -> None:
        self._open = open_journal
        self._journal: FollowedJournal | None = None
        self._state = State()
        self._checksum = CHAIN_START
        """Of the last record held, by its own reckoning."""
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
            self._begin_anew(str(other))
            return 0
        except LeftForArchive as gone:
            if not self.number:
                raise
            self._begin_anew(str(gone))
            return 0
        except JournalCorrupt as fault:
            self.fault = fault
            raise

    def let_go(self) -> State | None:
        """The state, for whoever goes on with it from here; this standby is over.

        None: the journal does not hold the records that were folded, or none were.

        Raises:
            JournalError: it cannot be reached.
        """
        journal, state = self._journal, self._state
        try:
            is_so = journal is not None and self.number > 0 and self._has(journal, self.number)
        except AppendRefused:
            is_so = False
        self.close()
        return state if is_so else None

    def close(self) -> None:
        """Closes its journal, and holds nothing any more."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        self._state = State()
        self._checksum = CHAIN_START

    def _follow(self, records_max: int) -> int:
        if self._journal is None:
            self._journal = self._open()
        journal = self._journal
        if journal is None:
            if self.number:
                self._begin_anew("it is gone")
            return 0
        if self.number and not self._has(journal, self.number):
            self._begin_anew(f"it does not hold record {self.number} as it was")
            return 0
        if not self.number and (snapshot := journal.latest_snapshot()) is not None:
            self._checksum = journal.checksum_of(snapshot.number)
            self._state = state_of(snapshot)
        for stored in islice(journal.read(self.number), records_max):
            follow_on(self._state, record_of(stored))
            self._checksum = chained(self._checksum, stored.number, stored.data)
        return journal.last_number() - self.number

    def _has(self, journal: FollowedJournal, number: int) -> bool:
        """Whether the journal holds what has been folded up to here."""
        if journal.last_number() < number:
            return False
        try:
            return journal.checksum_of(number) == self._checksum
        except JournalCorrupt:
            return False

    def _begin_anew(self, why: str) -> None:
        _log.critical(
            "the journal is not what was followed up to record %d: %s; it is folded anew",
            self.number,
            why,
        )
        self.close()
