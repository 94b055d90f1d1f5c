"""A journal that lives as long as its process: for trials, tests and simulations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from queue_engine.core.errors import JournalError
from queue_engine.journal.base import (
    Snapshot,
    StoredRecord,
    require_last,
    require_readable,
    require_records_fit,
    require_snapshot_fits,
)

RECORDS_MAX: Final = 1_000_000
BYTES_MAX: Final = 512 * 1024 * 1024


class MemoryJournal:
    """A `Journal` in memory, bounded: an append that does not fit is a `JournalError`.

    Durable until the process ends, and no longer. All records are kept; of the snapshots, the
    latest.

    Args:
        records_max: how many records fit.
        bytes_max: how many bytes fit, counting the records only; a snapshot has its own bound.
    """

    def __init__(self, *, records_max: int = RECORDS_MAX, bytes_max: int = BYTES_MAX) -> None:
        self._records_max = records_max
        self._bytes_max = bytes_max
        self._records: list[bytes] = []
        self._bytes = 0
        self._snapshot: Snapshot | None = None
        self._closed = False

    def last_number(self) -> int:
        self._require_open()
        return len(self._records)

    def append(self, expected_last: int, records: Sequence[bytes]) -> None:
        self._require_open()
        require_last(expected_last, len(self._records))
        require_records_fit(records)
        added = sum(len(data) for data in records)
        if len(self._records) + len(records) > self._records_max:
            raise JournalError(f"the memory journal is full: it holds {self._records_max} records")
        if self._bytes + added > self._bytes_max:
            raise JournalError(f"the memory journal is full: it holds {self._bytes_max} bytes")
        self._records.extend(records)
        self._bytes += added

    def read(self, after: int) -> Iterator[StoredRecord]:
        self._require_open()
        require_readable(after, len(self._records))
        return self._read(after, len(self._records))

    def _read(self, after: int, last: int) -> Iterator[StoredRecord]:
        for number in range(after + 1, last + 1):
            self._require_open()
            yield StoredRecord(number, self._records[number - 1])

    def save_snapshot(self, number: int, data: bytes) -> None:
        self._require_open()
        latest = self._snapshot.number if self._snapshot is not None else 0
        require_snapshot_fits(number, data, latest=latest, last=len(self._records))
        self._snapshot = Snapshot(number, data)

    def latest_snapshot(self) -> Snapshot | None:
        self._require_open()
        return self._snapshot

    def close(self) -> None:
        self._closed = True

    def _require_open(self) -> None:
        if self._closed:
            raise JournalError("the memory journal is closed")
