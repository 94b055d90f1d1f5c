"""A journal that cannot be reached: what was folded of it is there, and nothing is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.core.errors import AppendRefused, JournalError
from queue_engine.journal.aside import Aside
from queue_engine.journal.base import Snapshot
from queue_engine.journal.degraded import FallbackJournal
from queue_engine.journal.out_of_reach import OutOfReach

HELD = Snapshot(7, b"the state")


def test_it_ends_with_what_was_folded_and_takes_nothing() -> None:
    journal = OutOfReach(HELD, "cut off")
    assert (journal.last_number(), journal.latest_snapshot()) == (7, HELD)
    assert list(journal.read(7)) == []
    journal.append(7, [])
    with pytest.raises(AppendRefused):
        journal.append(6, [b"a"])
    for refused in (
        lambda: journal.append(7, [b"a"]),
        lambda: journal.save_snapshot(7, b"another"),
        lambda: journal.read(6),
        lambda: journal.read(8),
    ):
        with pytest.raises(JournalError):
            refused()
    journal.close()


def test_what_is_written_over_it_goes_on_in_memory_and_is_set_aside() -> None:
    asides: list[Aside] = []

    def set_aside(aside: Aside) -> Path:
        asides.append(aside)
        return Path("there")

    journal = FallbackJournal(OutOfReach(HELD, "cut off"), lambda _: None, set_aside=set_aside)
    journal.append(7, [b"a", b"b"])
    assert journal.is_degraded
    assert [(one.number, one.data) for one in journal.read(7)] == [(8, b"a"), (9, b"b")]
    assert not journal.retry()
    with pytest.raises(JournalError, match=r"records 8 to 9 .* are in there now: cut off"):
        journal.close()
    (aside,) = asides
    assert (aside.after, aside.records, aside.state) == (7, (b"a", b"b"), HELD)
