"""What takes over when the journal cannot be written: memory, for a while, and loudly.

A full disk must not keep a caller from a nurse. From the first append that fails, records go into
a bounded *gap* in memory; once the journal takes writes again the gap is appended in order. What is
in the gap is lost if the process dies, which is why somebody is told at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Final
from zlib import crc32

from queue_engine.core.errors import AppendRefused, JournalError, JournalLost
from queue_engine.journal.aside import Aside
from queue_engine.journal.base import (
    Journal,
    LeftForArchive,
    Snapshot,
    StoredRecord,
    require_last,
    require_readable,
    require_records_fit,
)

GAP_RECORDS_MAX: Final = 200_000
GAP_BYTES_MAX: Final = 128 * 1024 * 1024
_RETRY_RECORDS: Final = 1_000
"""Appended at a time when the gap is closed."""
_WRITTEN_MAX: Final = GAP_RECORDS_MAX
"""So many that the journal has got in part are kept, for what is set aside to begin with."""


@dataclass(frozen=True, slots=True)
class Degradation:
    """Records are no longer durable."""

    after: int
    """The last record that is."""
    reason: str
    """What the journal said."""
    is_lost: bool = False
    """Whether it is there no more, as it was: it is to be begun anew."""
    since_ms: int = 0
    """The engine's moment when it began, if whoever appends tells it."""


class FallbackJournal:
    """A `Journal` over another one, that goes on in memory when that one fails.

    As any journal it is used in one thread, but for `keep`: while `retry` waits there for a primary
    that does not answer, whoever decides must not.

    A primary that is lost takes nothing before it is begun anew with what `held_of_lost` gives.

    While `degradation` is not None, appends are durable only as long as the process lives, and the
    caller calls `retry` every second. An append that finds the gap full is a `JournalError`. Never
    are records reordered, left out or written twice. `AppendRefused` is never covered up: then
    somebody else has written.

    With `state_now` the state is to be had while the primary is out of reach: `latest_snapshot` is
    the one when it could first not be written, and what follows that is in memory.

    Args:
        primary: the journal that should have the records; closed with this one.
        tell: called at each change, with the degradation or with None when it is over. It is
            called in the thread that uses the journal, and must not raise.
        records_max: how many records the gap holds.
        bytes_max: how many bytes they may have together.
        set_aside: given the records that the primary never got; keeps them where somebody finds
            them, and says where. Raises `JournalError`.
    """

    def __init__(
        self,
        primary: Journal,
        tell: Callable[[Degradation | None], None],
        *,
        records_max: int = GAP_RECORDS_MAX,
        bytes_max: int = GAP_BYTES_MAX,
        set_aside: Callable[[Aside], Path] | None = None,
    ) -> None:
        self.degradation: Degradation | None = None
        self.state_now: Callable[[], Snapshot] | None = None
        """The state after the last record that was to be appended, set by whoever appends: it is
        kept when the journal cannot be written, for what is set aside to begin with."""
        self.moment_ms: Callable[[], int] = int
        """The engine's moment, set by whoever appends; asked in the thread of the journal."""
        self._primary = primary
        self._tell = tell
        self._set_aside = set_aside
        self._records_max = records_max
        self._bytes_max = bytes_max
        self._lock = Lock()
        """Of the gap; never held while the primary is asked."""
        self._gap: deque[bytes] = deque()
        self._gap_bytes = 0
        self._durable = primary.last_number()
        """The last record that the primary is known to have."""
        self._durable_checksum = self._read_checksum()
        """Of its bytes, if they are known."""
        self._parted: Aside | None = None
        """Where it could first not be written, with the state then, and what it has got since of
        the records after that: who is told of the rest begins with them."""
        self._was_lost = False
        """Whether the primary was, when it was last tried to close the gap."""
        self._closed = False

    @property
    def is_degraded(self) -> bool:
        """Whether the last records are in memory only."""
        return self.degradation is not None

    def gap(self) -> tuple[bytes, ...]:
        """The records that are in memory only, in order."""
        with self._lock:
            return tuple(self._gap)

    # --- the port ---------------------------------------------------------------------------

    def last_number(self) -> int:
        self._require_open()
        if not self.is_degraded:
            last = self._primary.last_number()
            if last != self._durable:
                self._durable, self._durable_checksum = last, None
        return self._durable + len(self._gap)

    def append(self, expected_last: int, records: Sequence[bytes]) -> None:
        self._require_open()
        require_records_fit(records)
        if self.keep(expected_last, records):
            return
        if not self._close_gap():
            if self.keep(expected_last, records):
                return
            assert self.degradation is not None, "the gap is open"
            raise JournalError(
                f"{len(self._gap)} records after {self._durable} are in memory, and no more"
                f" fit: {self.degradation.reason}"
            )
        try:
            self._primary.append(expected_last, records)
        except AppendRefused:
            raise
        except JournalError as exc:
            self._degrade(expected_last, records, exc)
        else:
            self._durable = expected_last + len(records)
            if records:
                self._durable_checksum = crc32(records[-1])

    def keep(self, expected_last: int, records: Sequence[bytes]) -> bool:
        """Appends if that takes memory alone; whether it did. In any thread: it waits for nothing.

        Raises:
            AppendRefused, JournalError: as `append`.
        """
        self._require_open()
        require_records_fit(records)
        with self._lock:
            if self.degradation is None:
                return False
            require_last(expected_last, self._durable + len(self._gap))
            if fits := self._fits(records):
                self._keep(records)
            return fits

    def read(self, after: int) -> Iterator[StoredRecord]:
        self._require_open()
        if not self.is_degraded:
            return self._primary.read(after)
        begin, held = self._held()
        require_readable(after, begin + len(held))
        if after >= begin:
            return _with_gap(iter(()), after, held[after - begin :])
        durable = islice(self._primary.read(after), begin - after)
        return _with_gap(durable, begin, held)

    def save_snapshot(self, number: int, data: bytes) -> None:
        self._require_open()
        if self.degradation is not None and number > self._durable:
            raise JournalError(
                f"no snapshot of record {number} while the journal ends at record"
                f" {self._durable}: {self.degradation.reason}"
            )
        self._primary.save_snapshot(number, data)

    def latest_snapshot(self) -> Snapshot | None:
        self._require_open()
        parted = self._parted
        if parted is not None and parted.state is not None:
            return parted.state  # the primary may be out of reach
        return self._primary.latest_snapshot()

    def close(self) -> None:
        """Try once more to close the gap, then close the primary.

        Raises:
            JournalError: the gap could not be written; says which records these were, and whether
                they are lost.
        """
        if self._closed:
            return
        self._closed = True
        reason, aside = "", None
        try:
            if self._close_gap():
                return
            aside = self._aside()
        except AppendRefused as refused:
            reason = str(refused)  # somebody else goes on: what he has not is told to him later
            aside = self._aside()
        finally:
            self._primary.close()
        if self.degradation is not None:
            reason = reason or self.degradation.reason
        raise JournalError(
            f"records {self._durable + 1} to {self._durable + len(self._gap)} were in memory only"
            f" and {self._what_became_of_it(aside)}: {reason}"
        )

    def _what_became_of_it(self, aside: Aside) -> str:
        if self._set_aside is None:
            return "are lost"
        try:
            return f"are in {self._set_aside(aside)} now"
        except JournalError as exc:
            return f"are lost ({exc})"

    def _aside(self) -> Aside:
        if (parted := self._parted) is not None:
            return replace(parted, records=self._held()[1])
        state = self._state_at_end()
        if state is None and self.state_now is not None:
            state = self.state_now()
        return Aside(self._durable, self.gap(), self._durable_checksum, state)

    def _state_at_end(self) -> Snapshot | None:
        """The primary's snapshot, if it is of its last record."""
        try:
            found = self._primary.latest_snapshot()
        except JournalError:
            return None
        return found if found is not None and found.number == self._durable else None

    def _read_checksum(self) -> int | None:
        try:
            after = max(0, self._durable - 1)
            return next((crc32(last.data) for last in self._primary.read(after)), None)
        except JournalError:
            return None

    # --- the gap ----------------------------------------------------------------------------

    def _held(self) -> tuple[int, tuple[bytes, ...]]:
        """All records in memory, and the one that they follow."""
        parted, gap = self._parted, self.gap()
        if parted is None:
            return self._durable, gap
        return parted.after, (*parted.records, *gap)

    def retry(self) -> bool:
        """Append the gap to the primary; whether the journal is whole again (or still).

        Raises:
            AppendRefused: the primary holds other records in its place. The gap is kept.
        """
        self._require_open()
        return self._close_gap()

    def held_of_lost(self) -> Aside | None:
        """What a primary is to be begun anew with that the last `retry` found lost; in its thread:
        what it had and what the state is of, for that is sent at once. The rest comes as ever.
        None: it was not, or did not answer, so that nobody knows; or no state is known."""
        parted = self._parted
        if not self._was_lost or parted is None or parted.state is None:
            return None
        count = max(parted.state.number, self._durable) - parted.after
        return replace(parted, records=self._held()[1][:count])

    def _close_gap(self) -> bool:
        self._was_lost = False
        if not self.is_degraded:
            return True
        try:
            self._drop_written()
            while batch := self._next_batch():
                self._give(batch)
        except AppendRefused:
            raise
        except JournalLost as exc:
            self._was_lost = True
            self._tell_lost(exc)
            return False
        except JournalError:
            return False  # still degraded; the reason was told when it began
        self._tell(None)
        return True

    def _next_batch(self) -> list[bytes]:
        """Of the gap; none: it is closed."""
        with self._lock:
            batch = list(islice(self._gap, _RETRY_RECORDS))
            if not batch:
                self.degradation = self._parted = None
        return batch

    def _give(self, batch: Sequence[bytes]) -> None:
        """Append it; unless one that was given up came through only now, and wrote its first."""
        try:
            self._primary.append(self._durable, batch)
        except AppendRefused:
            if not self._drop_written():
                raise
        else:
            self._drop(len(batch))

    def _drop_written(self) -> int:
        """Drop what the primary has after all: a failed append may have reached the disk."""
        last = self._primary.last_number()
        written = last - self._durable
        if not 0 <= written <= len(self._gap):
            raise AppendRefused(
                f"the journal ends at record {last}; in memory are records {self._durable + 1}"
                f" to {self._durable + len(self._gap)}"
            )
        if written:
            begin, stored = self._written()
            if stored != self.gap()[begin - self._durable : written]:
                raise AppendRefused(f"the journal's records after {begin} are not those in memory")
            self._drop(written)
        return written

    def _written(self) -> tuple[int, tuple[bytes, ...]]:
        """What can be read of the gap in the primary, and the record that this follows."""
        begin = self._durable
        try:
            found = self._primary.read(begin)
        except LeftForArchive:  # begun anew with the gap's first record: what follows it is read
            found = self._primary.read(begin := begin + 1)
        return begin, tuple(record.data for record in found)

    def _degrade(self, expected_last: int, records: Sequence[bytes], exc: JournalError) -> None:
        if expected_last != self._durable or not self._fits(records):
            raise exc
        self._keep(records)
        if self.state_now is not None:
            state = self.state_now()
            self._parted = Aside(self._durable, (), self._durable_checksum, state)
        is_lost = isinstance(exc, JournalLost)
        self.degradation = Degradation(self._durable, str(exc), is_lost, self.moment_ms())
        self._tell(self.degradation)

    def _tell_lost(self, exc: JournalLost) -> None:
        if self.degradation is not None and not self.degradation.is_lost:
            since_ms = self.degradation.since_ms
            self.degradation = Degradation(self._durable, str(exc), True, since_ms)
            self._tell(self.degradation)

    def _fits(self, records: Sequence[bytes]) -> bool:
        size = sum(len(data) for data in records)
        return (
            len(self._gap) + len(records) <= self._records_max
            and self._gap_bytes + size <= self._bytes_max
        )

    def _keep(self, records: Sequence[bytes]) -> None:
        self._gap.extend(records)
        self._gap_bytes += sum(len(data) for data in records)

    def _drop(self, count: int) -> None:
        """The primary has the first of them."""
        with self._lock:
            dropped = [self._gap.popleft() for _ in range(count)]
            self._gap_bytes -= sum(map(len, dropped))
            self._durable += count
        self._durable_checksum = crc32(dropped[-1])
        parted = self._parted
        if parted is not None:  # also of the last of them: another may come before it is closed
            fits = len(written := (*parted.records, *dropped)) <= _WRITTEN_MAX
            self._parted = replace(parted, records=written) if fits else None

    def _require_open(self) -> None:
        if self._closed:
            raise JournalError("the journal is closed")


def _with_gap(
    durable: Iterator[StoredRecord], after: int, gap: Sequence[bytes]
) -> Iterator[StoredRecord]:
    """The records of the primary, then those in memory, which follow record `after`."""
    yield from durable
    for number, data in enumerate(gap, start=after + 1):
        yield StoredRecord(number, data)
