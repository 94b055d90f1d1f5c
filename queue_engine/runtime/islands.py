"""From the file of an island to what it tells: where it parted from the others, and what it did."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Protocol
from zlib import crc32

from queue_engine.core.commands import Island, ReportIsland
from queue_engine.core.errors import JournalCorrupt, JournalError
from queue_engine.core.island_books import IslandBooks
from queue_engine.journal.base import StoredRecord
from queue_engine.journal.checksum import Row
from queue_engine.journal.island_file import IslandFile
from queue_engine.runtime.recovery import follow_on, record_of, state_of
from routing.vocabulary import IslandId


class NotOfThisJournal(JournalError):
    """The island did not part from this journal."""


class Common(Protocol):
    """The journal that all share; a `Journal` or a `Reading` is one."""

    def last_number(self) -> int:
        """The number of the last record."""

    def read(self, after: int) -> Iterator[StoredRecord]:
        """The records above `after`, in order."""


def parted_after(file: IslandFile, common: Common) -> int:
    """The last record that the island shares with all others.

    An append whose answer was lost has been carried out all the same: such records are in the file
    and in the journal.

    Raises:
        NotOfThisJournal: it is the island of another journal.
        JournalCorrupt: the file is damaged.
        JournalError: the journal cannot be read.
    """
    after, last = file.head.after, common.last_number()
    if last < after:
        raise NotOfThisJournal(
            f"{file.path} parted after record {after}, and the journal ends at record {last}"
        )
    if after and not _is_same(file, next(common.read(after - 1))):
        raise NotOfThisJournal(
            f"{file.path} is of another journal: record {after}, after which it parted, is not the"
            " one that is here"
        )
    for stored, row in zip(common.read(after), file.records(), strict=False):
        if stored.data != row.data:
            break
        after = stored.number
    return after


def _is_same(file: IslandFile, stored: StoredRecord) -> bool:
    head = file.head
    if head.record_checksum is not None:
        return crc32(stored.data) == head.record_checksum
    if head.snapshot == head.after:
        return state_of(file.state).now_ms == record_of(stored).at_ms
    raise NotOfThisJournal(f"{file.path} does not tell of which journal it is")


def island_parts(file: IslandFile, after: int) -> list[ReportIsland]:
    """What the island tells, in order. It takes seconds for each hour that it lasted.

    Args:
        after: as `parted_after` gives it.

    Raises:
        JournalCorrupt: the file is damaged; says where.
        JournalError: it cannot be read.
    """
    head, state, rows = file.head, state_of(file.state), file.records()
    for row in islice(rows, after - head.after):
        if row.number > state.record_number:  # all others have it as well
            follow_on(state, record_of(_stored(row)))
    island = Island(IslandId(head.island_id), head.host, after, 0, head.ended_ms)
    books, number = IslandBooks(island, state), after
    for row in rows:
        number = row.number
        try:
            books.follow(record_of(_stored(row)))
        except (AssertionError, LookupError) as fault:
            raise JournalCorrupt(
                f"{file.path}: record {number} does not follow from those before it: {fault!r}"
            ) from fault
    if number < state.record_number:
        raise JournalCorrupt(f"{file.path} ends at record {number}, before its own state")
    return list(books.parts()) if number > after else []


def _stored(row: Row) -> StoredRecord:
    return StoredRecord(row.number, row.data)
