"""What the tests of faults did, and what became of whom they concerned: a table at a run's end."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

PROPERTY: Final = "fault"
"""Of a test's report: a row's name, and its figures."""


class Row(NamedTuple):
    """Contacts, counted when all was over. All who were given are in one of the columns, and in
    one alone, but for `twice`."""

    given: int
    """Who had come."""
    ended: int
    """Who had his talk, or left of himself."""
    cut: int
    """Whose call ended with the switch, or while no engine was there to see it."""
    alive: int
    """Who was still there."""
    twice: int
    """Who was given twice what he should have had once."""
    lost: int
    """Of whom nothing was known any more."""


_rows: dict[str, Row] = {}


def note(row: Row, more: str = "") -> None:
    """Notes what the books say at the end of the present test; the last word counts.

    Args:
        more: what tells this row from others of the test.
    """
    _rows[f"{_this_test()}{more}"] = row


def _this_test() -> str:
    """In words."""
    test, _, _ = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")
    return test.rpartition("::test_")[2].replace("_", " ").replace("[", ": ").replace("]", "")


def taken() -> list[tuple[str, Row]]:
    """What was noted since it was asked last."""
    noted = list(_rows.items())
    _rows.clear()
    return noted


def lines(rows: Mapping[str, Row]) -> Iterator[str]:
    """The table, in the order of the names; nothing if no fault was tried."""
    if not rows:
        return
    head = ("what was done", *Row._fields)
    table: list[Sequence[object]] = [head, *((name, *row) for name, row in sorted(rows.items()))]
    width = max(len(str(row[0])) for row in table)
    for name, *figures in table:
        yield f"{name!s:{width}}" + "".join(f"  {figure!s:>6}" for figure in figures)
