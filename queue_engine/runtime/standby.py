"""Whoever stands by holds what the decider holds: the journal folded as it comes.

So taking over costs no replay. Nothing is decided here, and nothing is written.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, Protocol

from queue_engine.core.errors import AppendRefused, JournalCorrupt, JournalLost
from queue_engine.core.record import Record
from queue_engine.core.snapshot import write_snapshot
from queue_engine.core.state import State
from queue_engine.journal.base import Journal, LeftForArchive, StoredRecord
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

    def row(self, number: int) -> Row:
        """The record itself with its checksum; `JournalCorrupt`: there is no such record."""

    def rows_from(self, number: int, count: int) -> tuple[list[Row], int]:
        """Record `number` and up to `count` after it, as far as all is well, and the number of the
        last one; asked at once."""


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


@dataclass(frozen=True, slots=True)
class Look:
    """What was found in the journal, not folded yet."""

    records: tuple[tuple[Record, Row], ...] = ()
    left: int = 0
    """Records beyond these."""
    why_anew: str = ""
    """Why all that was folded is to be dropped first; empty: it is not."""
    begin: State | None = None
    """The snapshot to go on from, if nothing has been folded yet ..."""
    begin_row: Row | None = None
    """... and its record: what is held is never without its last one, by which a journal that is
    gone can be begun anew."""


class Standby:
    """Follows a journal: `look` waits for it, in one thread at a time, and `fold` is quick.

    A journal that is gone, or ends before what was folded, is told loudly and waited for: whoever
    decides gives it back, or this node does when it takes over (`resume`). One that somebody has
    begun anew without what was folded is folded from its beginning.

    Args:
        open_journal: opens it for reading; None: there is none yet.
        on_anew: called when `state` has become another one than the records up to there made.
        on_records: called with the records that were folded.
    """

    def __init__(
        self,
        open_journal: Callable[[], FollowedJournal | None],
        *,
        on_anew: Callable[[], None] = lambda: None,
        on_records: Callable[[Sequence[Record]], None] = lambda records: None,
    ) -> None:
        self._open = open_journal
        self._on_anew = on_anew
        self._on_records = on_records
        self._journal: FollowedJournal | None = None
        self.state = State()
        """What was folded; to be read only, anew each time."""
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
        return self.state.record_number

    def follow(self, records_max: int = RECORDS_MAX) -> int:
        """Looks and folds at once; how many records are left to be folded.

        Raises:
            JournalCorrupt, JournalError: see `look`.
        """
        return self.fold(self.look(records_max))

    def look(self, records_max: int = RECORDS_MAX) -> Look:
        """Reads what has been appended. Nothing of the state changes.

        Raises:
            JournalCorrupt: this node cannot read the journal; now, or some time before.
            JournalError: the journal cannot be reached; it may be tried again.
        """
        if self.fault is not None:
            raise self.fault
        try:
            try:
                return self._look(records_max)
            except JournalCorrupt as fault:
                if self._journal is not None:
                    self._journal.last_number()  # refused if all of it has gone meanwhile
                self.fault = fault
                raise
        except AppendRefused as other:
            self._hold_on(str(other))
            self._close_journal()  # the one that is there now is opened next
            self._is_other = True
            return Look()

    def fold(self, look: Look) -> int:
        """Folds what was found; how many records are left to be looked for.

        Raises:
            JournalCorrupt: a record does not follow from those before it.
        """
        if look.why_anew:
            _log.critical(
                "the journal is not what was followed up to record %d: %s; it is folded anew",
                self.number,
                look.why_anew,
            )
            self._forget()
            self._on_anew()
        if look.begin is not None and look.begin_row is not None:
            self.state, self._checksum = look.begin, look.begin_row.checksum
            self._recent.add(look.begin_row)
            self._on_anew()
        try:
            for record, row in look.records:
                follow_on(self.state, record)
                self._checksum = row.checksum
                self._recent.add(row)
        except JournalCorrupt as fault:
            self.fault = fault
            raise
        if look.records:
            self._on_records([record for record, _ in look.records])
        return look.left

    def held(self) -> Held | None:
        """What was folded, for whoever goes on from here. None: nothing."""
        return Held(self.state, self._checksum, self._recent) if self.number else None

    def go_on_from(self, held: Held) -> None:
        """Follows on from what this node had folded, or decided, before."""
        self.state, self._checksum, self._recent = held.state, held.checksum, held.recent

    def close(self) -> None:
        """Closes its journal, and holds nothing any more."""
        self._close_journal()
        self._forget()

    def _forget(self) -> None:
        self.state = State()
        self._checksum = CHAIN_START
        self._recent = RecentRows()

    def _close_journal(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _look(self, records_max: int) -> Look:
        if self._journal is None:
            self._journal = self._open()
        journal, number, checksum = self._journal, self.number, self._checksum
        if journal is None:
            if number:
                self._hold_on("it is gone")
            return Look()
        if number and not (self._is_short or self._is_other):
            rows, last = journal.rows_from(number, records_max)
            if rows and rows[0].checksum == checksum and (len(rows) > 1 or last == number):
                return _as_look(rows[1:], last)
        return self._look_closer(journal, records_max)

    def _look_closer(self, journal: FollowedJournal, records_max: int) -> Look:
        """Where the next record is not simply there: what is, and why."""
        number, checksum = self.number, self._checksum
        last = journal.last_number()
        if number and not last:
            self._hold_on("it is empty")
            return Look()
        if last < number and not self._is_other:
            self._hold_on(f"it ends at record {last}")
            return Look()
        if number and not has(journal, number, checksum):
            return self._anew(journal, records_max, f"it does not hold record {number} as it was")
        self._is_short = self._is_other = False
        if not number:
            return _from_beginning(journal, records_max)
        try:
            return _read_on(journal, number, checksum, records_max)
        except LeftForArchive as gone:
            return self._anew(journal, records_max, str(gone))

    def _anew(self, journal: FollowedJournal, records_max: int, why: str) -> Look:
        """What was folded is dropped only for what can be read in its place."""
        self._is_short = self._is_other = False
        return replace(_from_beginning(journal, records_max), why_anew=why)

    def _hold_on(self, why: str) -> None:
        if not self._is_short:
            self._is_short = True
            _log.critical(
                "the journal is not what was followed up to record %d: %s; that is held on to",
                self.number,
                why,
            )


def _from_beginning(journal: FollowedJournal, records_max: int) -> Look:
    """From its snapshot on, or from its first record."""
    snapshot = journal.latest_snapshot()
    if snapshot is None:
        return _read_on(journal, 0, CHAIN_START, records_max)
    row = journal.row(snapshot.number)
    found = _read_on(journal, row.number, row.checksum, records_max)
    return replace(found, begin=state_of(snapshot), begin_row=row)


def _as_look(rows: Sequence[Row], last: int) -> Look:
    records = [(record_of(StoredRecord(row.number, row.data)), row) for row in rows]
    return Look(tuple(records), last - rows[-1].number if rows else 0)


def _read_on(journal: FollowedJournal, number: int, checksum: int, records_max: int) -> Look:
    last, found = journal.last_number(), []
    if last > number:
        for stored in islice(journal.read(number), records_max):
            checksum = chained(checksum, stored.number, stored.data)
            found.append((record_of(stored), Row(stored.number, checksum, stored.data)))
    return Look(tuple(found), max(0, last - number - len(found)))
