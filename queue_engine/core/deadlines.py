"""Moments at which the core must be called again: rows of the state, with an index.

Written by `apply` alone, so that replay rebuilds them; `decide` reads what is due and emits the
event that removes the row. Order: moment, kind, subject, detail; nothing is left to chance.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from enum import StrEnum
from functools import partial
from heapq import heappop, heappush
from itertools import chain
from typing import Final, NamedTuple


class DeadlineKind(StrEnum):
    """What happens at a moment, in the order in which one moment's are taken."""

    HEAL = "a_heal"
    """An agent's first no_answer ends."""
    WRAP_UP = "b_wrap_up"
    RING = "c_ring"
    TRIED = "d_tried"
    """A contact may be offered again to an agent who did not answer it."""
    NOT_BEFORE = "e_not_before"
    SHARE = "f_share"
    OVERDUE = "g_overdue"
    """An emergency has waited longer than agreed."""
    FORGET = "h_forget"
    FORGET_CALLS = "i_forget_calls"
    """Who rang on a day, which is the subject, is no longer remembered."""
    RECALL = "i_recall"
    """A caller has been on hold for as long as agreed."""
    CONSULT = "j_consult"
    """A colleague's phone has rung for as long as an offer may."""
    ISLAND = "k_island"
    """An island is too long ago to be told of."""
    KEEP = "k_keep"
    """A contact has waited long enough for those whom it prefers."""
    PROMISE = "p_promise"
    """Who was promised to be rung back by now has not been answered."""
    RELAX = "r_relax"
    """A contact becomes content with less, by a relax rule."""
    STRAIN = "s_strain"
    """An agent has rested."""
    TEXT = "t_text"
    """A text message is tried again, given up, or no longer shown."""
    TRUNK = "t_trunk"
    """A trunk that failed is tried again; the subject and the detail are its switches."""
    TRUNK_EMERGENCY = "u_trunk_emergency"
    """The same, for emergencies alone."""


class Deadline(NamedTuple):
    """One row: `subject` is whom or what it is about, `detail` tells its rows of a kind apart."""

    at_ms: int
    kind: DeadlineKind
    subject: str
    detail: str = ""


_Row = tuple[int, DeadlineKind, str, str]
"""What a `Deadline` is made of: as it is, for the hundred thousands that are kept."""
_IN_TURN: Final = (DeadlineKind.WRAP_UP, DeadlineKind.RING, DeadlineKind.FORGET)
"""Every call has them, and all of a kind come so long after they are set."""
_deadline: Final[Callable[[_Row], Deadline]] = partial(tuple.__new__, Deadline)
"""For every row whose moment comes; see `routing.order`."""
_NEVER: Final[_Row] = (2**63, DeadlineKind.FORGET, "", "")


class Deadlines:
    """The rows, at most one per (kind, subject, detail).

    What has been cleared stays in the index until its moment: a row is true if `_rows` has it.
    set, first: O(log n), and O(1) for the kinds whose rows come in order; clear: O(1).
    """

    def __init__(self) -> None:
        self._rows: dict[str, list[_Row]] = {}
        """By subject, of which each has a few; never an empty list."""
        self._lines: dict[DeadlineKind, deque[_Row]] = {kind: deque() for kind in _IN_TURN}
        """The index, in order, of the kinds that come in order..."""
        self._heap: list[_Row] = []
        """...and of all others, and what comes out of order all the same."""
        self._next = _NEVER
        """No row is due before it; true or cleared meanwhile."""
        self._is_next_true = True
        """Nothing of its subject's has been cleared since it was found."""
        self.earliest_ms = _NEVER[0]
        """No row is due before it: what a loop looks at first. For reading."""

    def __len__(self) -> int:
        return sum(map(len, self._rows.values()))

    def set(self, at_ms: int, kind: DeadlineKind, subject: str, detail: str = "") -> None:
        """The row is due at `at_ms`, whatever it was before."""
        row = (at_ms, kind, subject, detail)
        rows = self._rows.get(subject)
        if rows is None:
            self._rows[subject] = [row]
        else:
            self.clear(kind, subject, detail)
            self._rows.setdefault(subject, rows).append(row)
        line = self._lines.get(kind)
        if line is not None and (not line or row > line[-1]):
            line.append(row)
        else:
            heappush(self._heap, row)
        if row < self._next:
            self._next, self.earliest_ms = row, at_ms

    def clear(self, kind: DeadlineKind, subject: str, detail: str = "") -> None:
        """The row is gone, if it was there."""
        rows = self._rows.get(subject)
        if rows is None:
            return
        for at, row in enumerate(rows):
            if row[1] is kind and row[3] == detail:
                del rows[at]
                if not rows:
                    del self._rows[subject]
                if subject == self._next[2]:
                    self._is_next_true = False
                return

    def clear_all(self, subject: str, kinds: Collection[DeadlineKind]) -> None:
        """All rows of these kinds for this subject are gone."""
        rows = self._rows.get(subject)
        if rows is None:
            return
        if subject == self._next[2]:
            self._is_next_true = False
        left = [each for each in rows if each[1] not in kinds]
        if left:
            self._rows[subject] = left
        else:
            del self._rows[subject]

    def at_ms(self, kind: DeadlineKind, subject: str, detail: str = "") -> int | None:
        """When this row is due; None if there is no such row."""
        for at_ms, of, _, about in self._rows.get(subject, ()):
            if of is kind and about == detail:
                return at_ms
        return None

    def first(self) -> Deadline | None:
        """The row that is due next."""
        row = self._first()
        return None if row is _NEVER else Deadline(*row)

    def first_due(self, now_ms: int) -> Deadline | None:
        """The row that is due next, if that is by this moment."""
        if now_ms < self.earliest_ms:
            return None
        row = self._first()
        return _deadline(row) if row[0] <= now_ms else None

    def is_due(self, now_ms: int) -> bool:
        """Whether a row is due by this moment."""
        # Nearly always the first look says no.
        if now_ms < self.earliest_ms:
            return False
        return self._is_next_true or now_ms >= self._first()[0]

    def next_ms(self) -> int | None:
        """When the next row is due."""
        row = self._first()
        return None if row is _NEVER else row[0]

    def _first(self) -> _Row:
        """The row that is due next, or `_NEVER`; what has been cleared before it is let go of."""
        rows, heap, first = self._rows, self._heap, self._next
        if self._is_next_true or first in rows.get(first[2], ()):
            return first
        first = _NEVER
        while heap and heap[0] not in rows.get(heap[0][2], ()):
            heappop(heap)
        if heap:
            first = heap[0]
        for line in self._lines.values():
            while line and line[0] not in rows.get(line[0][2], ()):
                line.popleft()
            if line and line[0] < first:
                first = line[0]
        self._next, self._is_next_true, self.earliest_ms = first, True, first[0]
        return first

    def rows(self) -> tuple[Deadline, ...]:
        """All rows in order."""
        return tuple(sorted(Deadline(*row) for rows in self._rows.values() for row in rows))

    def unindexed(self) -> frozenset[Deadline]:
        """Rows that nobody would be reminded of: for checking."""
        indexed = chain(self._heap, *self._lines.values())
        return frozenset(self.rows()) - {Deadline(*due) for due in indexed}
