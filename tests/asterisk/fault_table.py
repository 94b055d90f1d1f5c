"""What the tests of faults did to calls, and what became of them: one table at a run's end."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from queue_engine.core.state import State
from routing.vocabulary import Outcome

_HEAD = ("what was done", "called", "answered", "hung up", "cut", "still here", "lost by us")
_audited: dict[str, tuple[int, ...]] = {}


def note(state: State, callers: int | None) -> None:
    """Notes what the books say at the end of the present test.

    Args:
        callers: how many had called; None: only the books know.
    """
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition("::test_")[2].partition(" ")[0]
    outcomes = [contact.outcome for contact in state.contacts.values()]
    called = len(outcomes) if callers is None else callers
    answered, hung_up, cut, here = (
        outcomes.count(outcome)
        for outcome in (Outcome.HANDLED, Outcome.ABANDONED, Outcome.LOST, None)
    )
    _audited[test.replace("_", " ")] = (
        *(called, answered, hung_up, cut, here),
        called - len(outcomes),
    )


def lines() -> Iterator[str]:
    """The table; nothing if no fault was tried.

    *Cut* are those whose call ended with the switch, or while no engine was there to see it.
    """
    if not _audited:
        return
    rows: list[Sequence[object]] = [_HEAD, *((name, *row) for name, row in _audited.items())]
    width = max(len(str(row[0])) for row in rows)
    for name, *figures in rows:
        yield f"{name!s:{width}}" + "".join(f"  {figure!s:>10}" for figure in figures)
