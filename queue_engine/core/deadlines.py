"""Moments at which the core must be called again: rows of the state, with an index.

Written by `apply` alone, so that replay rebuilds them; `decide` reads what is due and emits the
event that removes the row. Order: moment, kind, subject, detail; nothing is left to chance.
"""

from __future__ import annotations

from enum import StrEnum
from heapq import heappop, heappush
from typing import NamedTuple


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
    KEEP = "k_keep"
    """A contact has waited long enough for those whom it prefers."""
    PROMISE = "p_promise"
    """Who was promised to be rung back by now has not been answered."""
    RELAX = "r_relax"
    """A contact becomes content with less, by a relax rule."""
    STRAIN = "s_strain"
    """An agent has rested."""


class Deadline(NamedTuple):
    """One row: `subject` is a contact or an agent, `detail` tells its rows of a kind apart."""

    at_ms: int
    kind: DeadlineKind
    subject: str
    detail: str = ""


_Due = tuple[int, DeadlineKind, str, str]


class Deadlines:
    """The rows, at most one per (kind, subject, detail).

    The index is a heap in which what has been cleared stays until its moment comes: a row is true
    if `_rows` says so. set, first: O(log n), and nearly O(1) for what is due last; clear: O(1).
    """

    def __init__(self) -> None:
        self._rows: dict[DeadlineKind, dict[str, dict[str, int]]] = {k: {} for k in DeadlineKind}
        """Kind -> subject -> detail -> moment; never an empty one within."""
        self._heap: list[_Due] = []

    def __len__(self) -> int:
        return sum(len(of) for subjects in self._rows.values() for of in subjects.values())

    def set(self, at_ms: int, kind: DeadlineKind, subject: str, detail: str = "") -> None:
        """The row is due at `at_ms`, whatever it was before."""
        subjects = self._rows[kind]
        details = subjects.get(subject)
        if details is None:
            subjects[subject] = {detail: at_ms}
        else:
            details[detail] = at_ms
        heappush(self._heap, (at_ms, kind, subject, detail))

    def clear(self, kind: DeadlineKind, subject: str, detail: str = "") -> None:
        """The row is gone, if it was there."""
        subjects = self._rows[kind]
        details = subjects.get(subject)
        if details is not None and details.pop(detail, None) is not None and not details:
            del subjects[subject]

    def clear_all(self, subject: str, *kinds: DeadlineKind) -> None:
        """All rows of these kinds for this subject are gone."""
        rows = self._rows
        for kind in kinds:
            rows[kind].pop(subject, None)

    def at_ms(self, kind: DeadlineKind, subject: str, detail: str = "") -> int | None:
        """When this row is due; None if there is no such row."""
        details = self._rows[kind].get(subject)
        return None if details is None else details.get(detail)

    def first(self) -> Deadline | None:
        """The row that is due next."""
        return None if self.next_ms() is None else Deadline(*self._heap[0])

    def is_due(self, now_ms: int) -> bool:
        """Whether a row is due by this moment."""
        heap = self._heap
        if not heap or heap[0][0] > now_ms:  # as nearly always: what is cleared need not be asked
            return False
        due_ms = self.next_ms()
        return due_ms is not None and due_ms <= now_ms

    def next_ms(self) -> int | None:
        """When the next row is due."""
        heap = self._heap
        while heap:
            at_ms, kind, subject, detail = heap[0]
            details = self._rows[kind].get(subject)
            if details is not None and details.get(detail) == at_ms:
                return at_ms
            heappop(heap)
        return None

    def rows(self) -> tuple[Deadline, ...]:
        """All rows in order."""
        return tuple(
            sorted(
                Deadline(at_ms, kind, subject, detail)
                for kind, subjects in self._rows.items()
                for subject, details in subjects.items()
                for detail, at_ms in details.items()
            )
        )

    def unindexed(self) -> frozenset[Deadline]:
        """Rows that nobody would be reminded of: for checking."""
        return frozenset(self.rows()) - {Deadline(*due) for due in self._heap}
