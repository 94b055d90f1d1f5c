"""Deadlines against a plain dictionary."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, strategies as st

from queue_engine.core.deadlines import Deadline, DeadlineKind, Deadlines

KINDS = st.sampled_from([DeadlineKind.RING, DeadlineKind.SHARE, DeadlineKind.TRIED])
SUBJECTS = st.sampled_from(["c1", "c2"])
DETAILS = st.sampled_from(["", "a", "b"])
MOMENTS = st.integers(0, 5)
STEPS = st.lists(
    st.tuples(st.sampled_from(["set", "clear", "clear_all"]), MOMENTS, KINDS, SUBJECTS, DETAILS)
)


@given(STEPS)
def test_rows_index_and_order(
    steps: list[tuple[str, int, DeadlineKind, str, str]],
) -> None:
    deadlines, rows = Deadlines(), dict[tuple[DeadlineKind, str, str], int]()
    for what, at_ms, kind, subject, detail in steps:
        if what == "set":
            deadlines.set(at_ms, kind, subject, detail)
            rows[kind, subject, detail] = at_ms
        elif what == "clear":
            deadlines.clear(kind, subject, detail)
            rows.pop((kind, subject, detail), None)
        else:
            deadlines.clear_all(subject, (kind,))
            rows = {key: at for key, at in rows.items() if key[:2] != (kind, subject)}
        wanted = tuple(sorted(Deadline(at, *key) for key, at in rows.items()))
        assert deadlines.rows() == wanted
        assert len(deadlines) == len(wanted)
        assert not deadlines.unindexed()
        assert deadlines.first() == (wanted[0] if wanted else None)
        assert deadlines.next_ms() == (wanted[0].at_ms if wanted else None)
        for moment in range(7):
            due = [row for row in wanted if row.at_ms <= moment]
            assert deadlines.is_due(moment) == bool(due)
            assert deadlines.first_due(moment) == (due[0] if due else None)
        assert deadlines.at_ms(kind, subject, detail) == rows.get((kind, subject, detail))


@given(STEPS)
def test_what_is_due_next_may_be_asked_seldom(
    steps: list[tuple[str, int, DeadlineKind, str, str]],
) -> None:
    deadlines = Deadlines()
    for what, at_ms, kind, subject, detail in steps:
        if what == "set":
            deadlines.set(at_ms, kind, subject, detail)
        elif what == "clear":
            deadlines.clear(kind, subject, detail)
        else:
            assert deadlines.is_due(at_ms) == any(row.at_ms <= at_ms for row in deadlines.rows())
    assert deadlines.first() == next(iter(deadlines.rows()), None)
    assert not deadlines.unindexed()


def test_of_one_moment_the_kinds_have_their_order() -> None:
    deadlines = Deadlines()
    for kind in reversed(DeadlineKind):
        deadlines.set(1, kind, "x")
    assert [row.kind for row in deadlines.rows()] == [
        DeadlineKind.HEAL,
        DeadlineKind.WRAP_UP,
        DeadlineKind.RING,
        DeadlineKind.TRIED,
        DeadlineKind.NOT_BEFORE,
        DeadlineKind.SHARE,
        DeadlineKind.OVERDUE,
        DeadlineKind.FORGET,
        DeadlineKind.FORGET_CALLS,
        DeadlineKind.RECALL,
        DeadlineKind.CONSULT,
        DeadlineKind.ISLAND,
        DeadlineKind.KEEP,
        DeadlineKind.PROMISE,
        DeadlineKind.RELAX,
        DeadlineKind.STRAIN,
        DeadlineKind.TEXT,
        DeadlineKind.TRUNK,
        DeadlineKind.TRUNK_EMERGENCY,
    ]


@pytest.mark.parametrize("moments", list(permutations((3, 4, 5, 6))), ids=str)
def test_a_moment_that_is_set_out_of_turn_comes_in_its_turn_all_the_same(
    moments: tuple[int, ...],
) -> None:
    deadlines = Deadlines()
    for at_ms in moments:
        kind = DeadlineKind.SHARE if at_ms == 5 else DeadlineKind.RING
        deadlines.set(at_ms, kind, f"c{at_ms}")
    reminded = []
    while (due := deadlines.first()) is not None:
        reminded.append(due.at_ms)
        deadlines.clear(due.kind, due.subject)
    assert reminded == [3, 4, 5, 6]


def test_to_clear_one_row_leaves_the_others_of_its_subject() -> None:
    deadlines = Deadlines()
    rows = [(DeadlineKind.SHARE, "a"), (DeadlineKind.SHARE, "b"), (DeadlineKind.RING, "")]
    for at_ms, (kind, detail) in enumerate(rows):
        deadlines.set(at_ms, kind, "c1", detail)
    deadlines.clear(DeadlineKind.SHARE, "c1", "a")
    assert [(row.kind, row.detail) for row in deadlines.rows()] == rows[1:]
    assert deadlines.first_due(1) == Deadline(1, DeadlineKind.SHARE, "c1", "b")


def test_after_the_next_row_is_cleared_nothing_is_due_before_the_one_behind_it() -> None:
    """Asked for the first time since then."""
    deadlines = Deadlines()
    deadlines.set(3, DeadlineKind.RING, "c1")
    deadlines.set(5, DeadlineKind.RING, "c2")
    deadlines.clear(DeadlineKind.RING, "c1")
    assert deadlines.first_due(4) is None
    assert deadlines.first_due(5) == Deadline(5, DeadlineKind.RING, "c2")
