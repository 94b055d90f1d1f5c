"""The latest records that a writer has written, should the journal turn out to lack them."""

from __future__ import annotations

from collections import deque
from itertools import dropwhile, takewhile
from typing import Final

from queue_engine.journal.checksum import Row, chained

RECORDS_MAX: Final = 2_000
BYTES_MAX: Final = 16 * 1024 * 1024


class RecentRows:
    """The latest rows in order; at least the last one, however large.

    Args:
        records_max: how many are kept.
        bytes_max: how many bytes they may have together.
    """

    def __init__(self, records_max: int = RECORDS_MAX, bytes_max: int = BYTES_MAX) -> None:
        self._records_max = records_max
        self._bytes_max = bytes_max
        self._rows: deque[Row] = deque()
        self._bytes = 0

    @property
    def last(self) -> Row | None:
        """The last row."""
        return self._rows[-1] if self._rows else None

    def add(self, row: Row) -> None:
        """The next one; a row that does not follow the last begins anew."""
        if self._rows and row.number != self._rows[-1].number + 1:
            self._rows.clear()
            self._bytes = 0
        self._rows.append(row)
        self._bytes += len(row.data)
        while len(self._rows) > 1 and not self._fits():
            self._bytes -= len(self._rows.popleft().data)

    def up_to(self, number: int) -> list[Row]:
        """Those up to that one, if it is kept; else none."""
        found = list(takewhile(lambda row: row.number <= number, self._rows))
        return found if found and found[-1].number == number else []

    def after(self, number: int, checksum: int) -> list[Row] | None:
        """The rows that follow that one; None unless they are kept, and follow from this checksum.

        None as well if there are none.
        """
        found = list(dropwhile(lambda row: row.number <= number, self._rows))
        if not found or found[0].number != number + 1:
            return None
        first = found[0]
        return found if chained(checksum, first.number, first.data) == first.checksum else None

    def _fits(self) -> bool:
        return len(self._rows) <= self._records_max and self._bytes <= self._bytes_max
