"""A journal that cannot be reached, as far as it was followed: what it held last, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from queue_engine.core.errors import JournalError
from queue_engine.journal.base import Snapshot, StoredRecord, require_last, require_readable


class OutOfReach:
    """A `Journal` that ends with what was folded of another, and takes nothing.

    Whoever writes goes on over it in memory (`FallbackJournal`), from that record on.

    Args:
        held: the state after the last record that was folded.
        reason: why the journal cannot be reached, for whoever wants to write.
    """

    def __init__(self, held: Snapshot, reason: str) -> None:
        self._held: Final = held
        self._reason = reason

    def last_number(self) -> int:
        return self._held.number

    def append(self, expected_last: int, records: Sequence[bytes]) -> None:
        """Refused, always.

        Raises:
            AppendRefused: the last record is not `expected_last`.
            JournalError: it cannot be reached.
        """
        require_last(expected_last, self._held.number)
        if records:
            raise JournalError(self._reason)

    def read(self, after: int) -> Iterator[StoredRecord]:
        """None: what follows the state is nowhere."""
        require_readable(after, self._held.number)
        if after < self._held.number:
            raise JournalError(self._reason)
        return iter(())

    def save_snapshot(self, number: int, data: bytes) -> None:
        """Refused, always.

        Raises:
            JournalError: it cannot be reached.
        """
        raise JournalError(self._reason)

    def latest_snapshot(self) -> Snapshot | None:
        return self._held

    def close(self) -> None:
        """Nothing was opened."""
