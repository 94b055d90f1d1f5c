"""What a long run of the nation holds in memory, and how it is told."""

from __future__ import annotations

from benchmarks.simulators import Mark, memory_goal, memory_text, run_with_marks


def test_a_run_is_looked_at_at_a_quarter_at_half_and_at_its_end() -> None:
    marks = run_with_marks(4_000)
    assert [mark.calls for mark in marks] == [1_000, 2_000, 3_000]
    assert all(mark.mib > 10 for mark in marks)
    assert 0 < marks[0].seconds <= marks[1].seconds <= marks[2].seconds
    assert "| half                    | 2,000 |" in memory_text(marks)


def test_memory_that_grows_breaks_the_promise() -> None:
    def marks(*mib: float) -> list[Mark]:
        return [Mark(1, each, 1.0) for each in mib]

    assert memory_goal(marks(50, 60, 61)).is_kept
    assert not memory_goal(marks(50, 60, 70)).is_kept
