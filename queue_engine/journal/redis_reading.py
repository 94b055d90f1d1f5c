"""A journal in Redis opened for looking back: an engine may go on with it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Self

from queue_engine.journal.base import NoJournal, Snapshot, StoredRecord, require_readable
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_place import RedisPlace, open_redis, translated


def open_begun(place: RedisPlace) -> RedisJournal:
    """Opens a journal, and begins none.

    Raises:
        NoJournal: there is none.
        JournalCorrupt: its records are there without its name.
        JournalError: Redis cannot be reached.
    """
    with translated(place, "be opened"), open_redis(place) as client:
        if not client.exists(place.key("incarnation"), place.key("journal")):
            raise NoJournal(f"there is no journal {place}")
    return RedisJournal(place)


def open_followed(place: RedisPlace) -> RedisJournal | None:
    """As `open_begun`, for who waits for one. None: there is none yet."""
    try:
        return open_begun(place)
    except NoJournal:
        return None


class RedisReading:
    """Reads a journal up to where it ended when it was opened.

    Args:
        place: where it is; it is not begun if there is none.

    Raises (on making it):
        JournalCorrupt: its records are there without its name.
        NoJournal: there is none.
        JournalError: Redis cannot be reached.
    """

    def __init__(self, place: RedisPlace) -> None:
        self.where = str(place)
        self._journal = open_begun(place)
        self._last = self._journal.last_number()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._journal.close()

    def last_number(self) -> int:
        """The number of the last record, 0 for an empty journal."""
        return self._last

    def kept_after(self) -> int:
        """See `Reading`: what came before is in the archive."""
        return self._journal.kept_after()

    def checksum_of(self, number: int) -> int:
        """The chained checksum of a record that is here.

        Raises:
            JournalCorrupt: there is no such record.
        """
        return self._journal.checksum_of(number)

    def read(self, after: int) -> Iterator[StoredRecord]:
        """The records above `after`, in order, each checked.

        Raises:
            LeftForArchive: the first of them are not here any more.
            JournalCorrupt: one is damaged or missing; says which.
        """
        require_readable(after, self._last)
        return islice(self._journal.read(after), self._last - after)

    def snapshot_numbers(self) -> list[int]:
        """Of which records there are snapshots: the latest alone is kept."""
        found = self._journal.latest_snapshot()
        return [found.number] if found is not None and found.number <= self._last else []

    def snapshot(self, number: int) -> Snapshot | None:
        """The snapshot of record `number`; None: it is not there any more, or damaged."""
        found = self._journal.latest_snapshot()
        return found if found is not None and found.number == number else None

    def numbers_naming(self, words: bytes) -> list[int]:
        """The numbers of the first and the last record in which these bytes stand; or none."""
        found = [stored.number for stored in self.read(0) if words in stored.data]
        return [found[0], found[-1]] if found else []
