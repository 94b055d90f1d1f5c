"""The chain of checksums: each record's covers its number, its bytes and the one before it.

So a row that was damaged, lost, swapped or put in from elsewhere shows at that row or at the next.
CRC-32 finds accidents; it is no seal against somebody who means harm and has write access.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple
from zlib import crc32

CHAIN_START: Final = 0
"""What stands before the first record."""
_NO_CHECKSUM: Final = -1
"""No CRC-32 is negative."""


def chained(previous: int, number: int, data: bytes) -> int:
    """The checksum of record `number`, given that of the record before it."""
    return crc32(data, crc32(number.to_bytes(8, "big"), previous))


class Row(NamedTuple):
    """A record as a journal keeps it."""

    number: int
    checksum: int
    """Chained."""
    data: bytes


def chain(last: int, checksum: int, records: Iterable[bytes]) -> list[Row]:
    """The rows of records that follow record `last`, which has this checksum."""
    rows = []
    for number, data in enumerate(records, start=last + 1):
        checksum = chained(checksum, number, data)
        rows.append(Row(number, checksum, data))
    return rows


def unbroken(number: int, rows: Iterable[Row]) -> list[Row]:
    """The rows from record `number` on, as far as each follows from the one before it."""
    found: list[Row] = []
    for row in rows:
        if not found:
            if row.number != number:
                break
            walk = ChainWalk(row.number, row.checksum)
        elif not walk.step(*row):
            break
        found.append(row)
    return found


class ChainWalk:
    """Goes over rows in order and says which of them are damaged.

    A row is good if it has the next number and its checksum follows from the one stored before it.
    It is also good if it follows from the one *computed* before it: then only the former row's
    stored checksum was damaged, and this row proves it.

    Args:
        after: the number of the record before the first row.
        checksum: that record's checksum.
    """

    def __init__(self, after: int, checksum: int) -> None:
        self.number = after
        """The number of the last row seen."""
        self.checksum = checksum
        """Its checksum, as stored."""
        self._computed = checksum

    def step(self, number: int, checksum: object, data: object) -> bool:
        """Take the next row; whether it is good.

        The file's damage may have made anything of a column, not only another number.
        """
        if not isinstance(checksum, int) or not isinstance(data, bytes):
            checksum, data = _NO_CHECKSUM, b""
        follows = number == self.number + 1
        computed = chained(self.checksum, number, data)
        good = follows and computed == checksum
        if follows and not good:
            good = chained(self._computed, number, data) == checksum
        self.number, self.checksum, self._computed = number, checksum, computed
        return good
