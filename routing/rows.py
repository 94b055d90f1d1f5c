"""Rows of contacts that are alike, themselves in the order of their first contacts.

Whoever looks for the first contact that an agent may answer asks row after row, best first, and
can stop at the first answer: how many rows there are does not matter to her.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from typing import Any, Final, Generic, TypeVar

from sortedcontainers import SortedList

Item = TypeVar("Item")
Row = Sequence[tuple[int, int, Item]]
"""(due, sequence, contact) in order; never empty."""
Head = tuple[int, int, Row[Item]]
"""Due and sequence of a row's first contact, and the row."""
_LONG: Final = 2_000
"""From so many on a row is a `SortedList`; below, moving a plain list's pointers is quicker."""


class Rows(Generic[Item]):
    """Sorted rows by what their contacts have in common. enter, leave: O(log n + rows)."""

    __slots__ = ("_by_key", "heads")

    def __init__(self) -> None:
        self._by_key: dict[object, Any] = {}
        self.heads: list[Head[Item]] = []
        """One of each row, in order. For reading."""

    def __len__(self) -> int:
        return len(self.heads)

    def enter(self, key: object, entry: tuple[int, int, Item]) -> None:
        """The contact stands in the row of this key."""
        row = self._by_key.get(key)
        if row is None:
            row = self._by_key[key] = [entry]
            insort(self.heads, (entry[0], entry[1], row))
            return
        first = row[0]
        if type(row) is not list:
            row.add(entry)
        elif len(row) < _LONG:
            insort(row, entry)
        else:
            row = self._lengthen(key, row)
            row.add(entry)
        if entry < first:
            del self.heads[bisect_left(self.heads, first[:2])]
            insort(self.heads, (entry[0], entry[1], row))

    def _lengthen(self, key: object, row: Row[Item]) -> Any:
        """The same row, from now on as one that may be very long."""
        due_ms, sequence, _ = row[0]
        longer = self._by_key[key] = SortedList(row)
        self.heads[bisect_left(self.heads, (due_ms, sequence))] = (due_ms, sequence, longer)
        return longer

    def leave(self, key: object, entry: tuple[int, int, Item]) -> None:
        """The contact no longer stands there."""
        row = self._by_key[key]
        at = bisect_left(row, entry) if type(row) is list else row.bisect_left(entry)
        assert row[at][2] is entry[2], entry
        del row[at]
        if at:
            return
        del self.heads[bisect_left(self.heads, entry[:2])]
        if row:
            first_ms, first, _ = row[0]
            insort(self.heads, (first_ms, first, row))
        else:
            del self._by_key[key]

    def before(self, due_ms: int, sequence: int) -> int:
        """How many contacts stand before this place."""
        place, count = (due_ms, sequence), 0
        for row in self._by_key.values():
            count += bisect_left(row, place) if type(row) is list else row.bisect_left(place)
        return count

    def count(self) -> int:
        """How many contacts stand in all rows."""
        return sum(map(len, self._by_key.values()))

    def items(self) -> Iterator[tuple[object, Row[Item]]]:
        """Every row by its key."""
        yield from self._by_key.items()
