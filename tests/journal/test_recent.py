"""The latest rows: bounded, in order, and checked against what they are to follow."""

from __future__ import annotations

from queue_engine.journal.checksum import CHAIN_START, chain
from queue_engine.journal.recent import RecentRows

ROWS = chain(0, CHAIN_START, [b"a", b"bb", b"ccc", b"dddd"])


def filled(recent: RecentRows) -> RecentRows:
    for row in ROWS:
        recent.add(row)
    return recent


def test_what_follows_is_given_only_if_it_follows() -> None:
    recent = filled(RecentRows())
    assert recent.after(0, CHAIN_START) == ROWS
    assert recent.after(2, ROWS[1].checksum) == ROWS[2:]
    assert recent.after(2, ROWS[2].checksum) is None
    assert recent.after(4, ROWS[3].checksum) is None, "nothing follows"
    assert RecentRows().after(0, CHAIN_START) is None


def test_the_oldest_go_first_and_the_last_stays_however_large() -> None:
    few = filled(RecentRows(records_max=2))
    assert few.up_to(4) == ROWS[2:]
    assert few.after(2, ROWS[1].checksum) == ROWS[2:]
    assert few.after(1, ROWS[0].checksum) is None
    assert filled(RecentRows(bytes_max=7)).up_to(4) == ROWS[2:]
    assert filled(RecentRows(bytes_max=1)).up_to(4) == ROWS[3:]


def test_those_up_to_one_in_the_midst_are_given_as_well() -> None:
    few = filled(RecentRows(records_max=3))
    assert few.up_to(3) == ROWS[1:3]
    assert few.up_to(1) == few.up_to(5) == []


def test_a_row_that_does_not_follow_begins_anew() -> None:
    recent = filled(RecentRows())
    (far,) = chain(9, 1, [b"x"])
    recent.add(far)
    assert recent.up_to(10) == [far]
    assert recent.up_to(9) == []
    assert recent.last == far
