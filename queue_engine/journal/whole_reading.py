"""A journal together with its archive: whole again, however much has left it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from queue_engine.journal.archive import Archive
from queue_engine.journal.base import Reading, Snapshot, StoredRecord, require_readable


class WholeReading:
    """A `Reading` from the first record on.

    Args:
        archive: of this journal.
        reading: the journal; opened and closed by the caller.
        until: up to this record the archive is read, then the journal; as far as the journal has
            not got them if not given.
    """

    def __init__(self, archive: Archive, reading: Reading, until: int | None = None) -> None:
        self._archive = archive
        self._reading = reading
        self._until = reading.kept_after() if until is None else until
        self.where = f"{reading.where} and {archive.folder}"

    def last_number(self) -> int:
        """See `Reading`."""
        return self._reading.last_number()

    def kept_after(self) -> int:
        """See `Reading`: nothing is missing."""
        return 0

    def checksum_of(self, number: int) -> int:
        """See `Reading`."""
        if number >= self._reading.kept_after():
            return self._reading.checksum_of(number)
        return next(self._archive.rows(number - 1)).checksum

    def read(self, after: int) -> Iterator[StoredRecord]:
        """See `Reading`.

        Raises:
            JournalError: a record is neither here nor there.
        """
        require_readable(after, self.last_number())
        if after >= self._until:
            return self._reading.read(after)
        self._archive.require_of(self._reading, self._archive.end())
        return self._read(after)

    def _read(self, after: int) -> Iterator[StoredRecord]:
        for row in self._archive.rows(after):
            if row.number > self._until:
                break
            yield StoredRecord(row.number, row.data)
        yield from self._reading.read(self._until)

    def snapshot_numbers(self) -> Sequence[int]:
        """See `Reading`."""
        return self._reading.snapshot_numbers()

    def snapshot(self, number: int) -> Snapshot | None:
        """See `Reading`."""
        return self._reading.snapshot(number)

    def numbers_naming(self, words: bytes) -> list[int]:
        """See `Reading`."""
        found = [stored.number for stored in self.read(0) if words in stored.data]
        return [found[0], found[-1]] if found else []
