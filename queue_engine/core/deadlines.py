"""Moments at which the core must be called again: rows of the state, with an index.

Written by `apply` alone, so that replay rebuilds them; `decide` reads what is due and emits the
event that removes the row. Order: moment, kind, subject, detail; nothing is left to chance.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from sortedcontainers import SortedList


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


class Deadline(NamedTuple):
    """One row: `subject` is a contact or an agent, `detail` tells its rows of a kind apart."""

    at_ms: int
    kind: DeadlineKind
    subject: str
    detail: str = ""


class Deadlines:
    """The rows, at most one per (kind, subject, detail). All operations O(log n)."""

    def __init__(self) -> None:
        self._rows: dict[tuple[DeadlineKind, str, str], int] = {}
        self._index: Any = SortedList()
        self._subjects: dict[tuple[DeadlineKind, str], set[str]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def set(self, at_ms: int, kind: DeadlineKind, subject: str, detail: str = "") -> None:
        """The row is due at `at_ms`, whatever it was before."""
        self.clear(kind, subject, detail)
        self._rows[kind, subject, detail] = at_ms
        self._index.add(Deadline(at_ms, kind, subject, detail))
        self._subjects.setdefault((kind, subject), set()).add(detail)

    def clear(self, kind: DeadlineKind, subject: str, detail: str = "") -> None:
        """The row is gone, if it was there."""
        at_ms = self._rows.pop((kind, subject, detail), None)
        if at_ms is not None:
            self._index.remove(Deadline(at_ms, kind, subject, detail))
            details = self._subjects[kind, subject]
            details.remove(detail)
            if not details:
                del self._subjects[kind, subject]

    def clear_all(self, kind: DeadlineKind, subject: str) -> None:
        """All rows of the kind for this subject are gone."""
        for detail in sorted(self._subjects.get((kind, subject), ())):
            self.clear(kind, subject, detail)

    def at_ms(self, kind: DeadlineKind, subject: str, detail: str = "") -> int | None:
        """When this row is due; None if there is no such row."""
        return self._rows.get((kind, subject, detail))

    def first(self) -> Deadline | None:
        """The row that is due next."""
        return self._index[0] if self._index else None

    def next_ms(self) -> int | None:
        """When the next row is due."""
        return self._index[0].at_ms if self._index else None

    def rows(self) -> tuple[Deadline, ...]:
        """All rows in order."""
        return tuple(self._index)
