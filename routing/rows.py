"""Rows of contacts that are alike, themselves in the order of their first contacts.

Whoever looks for the first contact that an agent may answer asks row after row, best first, and
can stop at the first answer: how many rows there are does not matter to her.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar

from sortedcontainers import SortedList

Item = TypeVar("Item")
Row = Sequence[tuple[int, int, Item]]
"""(due, sequence, contact) in order; never empty."""
Head = tuple[int, int, Row[Item]]
"""Due and sequence of a row's first contact, and the row."""


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
        due_ms, sequence, _ = entry
        row = self._by_key.get(key)
        if row is None:
            row = self._by_key[key] = SortedList((entry,))
            insort(self.heads, (due_ms, sequence, row))
            return
        first_ms, first, _ = row[0]
        row.add(entry)
        if (due_ms, sequence) < (first_ms, first):
            del self.heads[bisect_left(self.heads, (first_ms, first))]
            insort(self.heads, (due_ms, sequence, row))

    def leave(self, key: object, entry: tuple[int, int, Item]) -> None:
        """The contact no longer stands there."""
        row = self._by_key[key]
        is_first = row[0][1] == entry[1]
        row.remove(entry)
        if is_first:
            del self.heads[bisect_left(self.heads, (entry[0], entry[1]))]
            if row:
                first_ms, first, _ = row[0]
                insort(self.heads, (first_ms, first, row))
            else:
                del self._by_key[key]

    def before(self, due_ms: int, sequence: int) -> int:
        """How many contacts stand before this place."""
        return sum(row.bisect_left((due_ms, sequence)) for row in self._by_key.values())

    def count(self) -> int:
        """How many contacts stand in all rows."""
        return sum(map(len, self._by_key.values()))

    def items(self) -> Iterator[tuple[object, Row[Item]]]:
        """Every row by its key."""
        yield from self._by_key.items()
