"""The port between the engine and whatever keeps its records.

A journal knows nothing of commands and events: `core.codec` turns a record into bytes and back.
It numbers what it is given, keeps it, and gives it back unaltered or says that it cannot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from queue_engine.core.errors import AppendRefused, JournalError

RECORD_BYTES_MAX: Final = 16 * 1024 * 1024
"""A whole policy fits many times over; more is a mistake, refused by every implementation."""
SNAPSHOT_BYTES_MAX: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One record as the journal keeps it."""

    number: int
    """1 for the first; no gaps."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the state was after record `number`, as its owner wrote it."""

    number: int
    data: bytes


class NoJournal(JournalError):
    """Nothing is there to be looked back on."""


class LeftForArchive(JournalError):
    """What was asked for has left the journal; the archive has it."""


class Journal(Protocol):
    """Numbered records, and snapshots that spare a restart from reading them all.

    The contract, which `tests/journal/test_journal_contract.py` runs on every implementation:

    1. Records are numbered 1, 2, 3, ... without gaps, in the order of the appends.
    2. `append` writes all the records of a batch or none, and returns when they are as durable as
       the implementation promises in its own docstring. Only then may anybody act on them.
    3. `append` raises `AppendRefused`, and changes nothing, when the last record is not
       `expected_last`: somebody else has written, or the caller has lost count.
    4. Any other `JournalError` of `append` leaves the journal usable: the same append may be tried
       again. Where the outcome cannot be known (a network between), `last_number` tells it.
    5. `read(after)` gives the records above `after` in order, up to the last one at the time of the
       call; appending meanwhile does not disturb it. An `after` above the last record, or below
       what is still kept, is a `JournalError`: the caller holds what the journal does not.
    6. What is given back is what was given, or `JournalCorrupt` says which record is damaged.
    7. `save_snapshot` replaces the latest snapshot at once or, with a `JournalError`, not at all.
       Its number is at most `last_number` and never below that of the latest snapshot.
    8. `latest_snapshot` is the newest undamaged one, or None; `read` from it is always possible.
    9. Records over `RECORD_BYTES_MAX` and snapshots over `SNAPSHOT_BYTES_MAX` are refused with
       `JournalError`. Nothing is buffered without a bound.
    10. `close` may be called twice. After it, every other call is a `JournalError`.

    All calls are synchronous and wait for disk or network. They are made one at a time: the
    runtime makes them in one thread of their own, so that the event loop never waits. An iterator
    from `read` reads as it goes, so it is consumed in that thread too.
    """

    def last_number(self) -> int:
        """The number of the last record, 0 for an empty journal."""

    def append(self, expected_last: int, records: Sequence[bytes]) -> None:
        """Write `records` after record `expected_last`, all or none; an empty batch only checks."""

    def read(self, after: int) -> Iterator[StoredRecord]:
        """The records above number `after`, in order."""

    def save_snapshot(self, number: int, data: bytes) -> None:
        """Keep `data` as the state after record `number`."""

    def latest_snapshot(self) -> Snapshot | None:
        """The newest undamaged snapshot."""

    def close(self) -> None:
        """Let go of files and connections; everything appended stays."""


class Reading(Protocol):
    """A journal opened for looking back, and never changed; a context manager."""

    @property
    def where(self) -> str:
        """Where it is, for people."""

    def last_number(self) -> int:
        """The number of the last record, 0 for an empty journal."""

    def kept_after(self) -> int:
        """What follows this record is here; 0: all. The record itself is here as well."""

    def checksum_of(self, number: int) -> int:
        """The chained checksum of a record that is here; that of record 0 begins the chain."""

    def read(self, after: int) -> Iterator[StoredRecord]:
        """The records above `after`, in order, each checked."""

    def snapshot_numbers(self) -> Sequence[int]:
        """Of which records there are snapshots, newest first."""

    def snapshot(self, number: int) -> Snapshot | None:
        """The snapshot of record `number`; None: it cannot be used."""

    def numbers_naming(self, words: bytes) -> list[int]:
        """The numbers of the first and the last record in which these bytes stand; or none."""


# --- what every implementation refuses, in the same words -----------------------------------


def require_last(expected_last: int, last: int) -> None:
    """Contract 3."""
    if expected_last != last:
        raise AppendRefused(f"the last record is {last}, not {expected_last} as was expected")


def require_records_fit(records: Sequence[bytes]) -> None:
    """Contract 9, for records."""
    for place, data in enumerate(records):
        if len(data) > RECORD_BYTES_MAX:
            raise JournalError(
                f"record {place + 1} of {len(records)} to be appended has {len(data)} bytes,"
                f" at most {RECORD_BYTES_MAX} are kept"
            )


def require_readable(after: int, last: int) -> None:
    """Contract 5, for a journal that keeps everything."""
    if not 0 <= after <= last:
        raise JournalError(f"cannot read what follows record {after}: the last record is {last}")


def require_kept(after: int, kept_after: int, where: str) -> None:
    """Contract 5, for a journal whose first records have left it."""
    if after < kept_after:
        raise LeftForArchive(
            f"journal {where} has only what follows record {kept_after}: record {after + 1} is in"
            " the archive"
        )


def require_snapshot_fits(number: int, data: bytes, *, latest: int, last: int) -> None:
    """Contract 7 and 9, for snapshots."""
    if not max(latest, 1) <= number <= last:
        raise JournalError(
            f"a snapshot of record {number} does not fit: the latest snapshot is of record"
            f" {latest}, the last record is {last}"
        )
    if len(data) > SNAPSHOT_BYTES_MAX:
        raise JournalError(
            f"the snapshot of record {number} has {len(data)} bytes,"
            f" at most {SNAPSHOT_BYTES_MAX} are kept"
        )
