"""From the journal to the state, or an error that says where: never an emptier state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from queue_engine.core.errors import JournalCorrupt
from queue_engine.core.snapshot import digest, write_snapshot
from queue_engine.core.state import State
from queue_engine.journal.base import StoredRecord
from queue_engine.journal.memory import MemoryJournal
from queue_engine.runtime.recovery import recover
from tests.runtime.driver_world import begin, running


class Given(MemoryJournal):
    """Holds whatever it is given, numbered as it comes."""

    def __init__(self, rows: list[bytes]) -> None:
        super().__init__()
        self._rows = rows

    def read(self, after: int) -> Iterator[StoredRecord]:
        return (StoredRecord(n, data) for n, data in enumerate(self._rows, 1) if n > after)


async def lived() -> tuple[MemoryJournal, State]:
    """A journal with a few records, and the state after them."""
    journal = MemoryJournal()
    async with running(journal) as driver:
        await begin(driver)
    return journal, driver.state


def rows_of(journal: MemoryJournal) -> list[bytes]:
    return [row.data for row in journal.read(0)]


async def test_an_empty_journal_is_the_state_before_the_first_record() -> None:
    assert digest(recover(MemoryJournal())) == digest(State())


async def test_from_the_records_or_from_a_snapshot_it_is_the_same() -> None:
    journal, state = await lived()
    assert digest(recover(journal)) == digest(state)
    journal.save_snapshot(state.record_number, write_snapshot(state))
    assert digest(recover(journal)) == digest(state)


async def test_a_snapshot_that_is_none_or_of_another_record_is_said() -> None:
    journal, state = await lived()
    last = state.record_number
    journal.save_snapshot(last - 1, write_snapshot(state))
    with pytest.raises(JournalCorrupt, match=f"snapshot of record {last - 1} says it is of {last}"):
        recover(journal)
    journal.save_snapshot(last, b"{}")
    with pytest.raises(JournalCorrupt, match=f"snapshot of record {last}: snapshot: expected"):
        recover(journal)


async def test_a_record_that_is_none_is_said() -> None:
    journal, _ = await lived()
    rows = rows_of(journal)
    with pytest.raises(JournalCorrupt, match="record 3: record: not JSON"):
        recover(Given([*rows[:2], b"{", *rows[3:]]))
    with pytest.raises(JournalCorrupt, match="record 3 says it is 4"):
        recover(Given([*rows[:2], rows[3]]))


async def test_a_record_that_does_not_follow_from_those_before_is_said() -> None:
    journal, _ = await lived()
    rows = rows_of(journal)
    seen = next(row for row in rows if b"ContactSeenWaiting" in row)
    number = rows.index(seen) + 1
    first = seen.replace(f'"n":{number}'.encode(), b'"n":1')
    with pytest.raises(JournalCorrupt, match="record 1 does not follow from those before it"):
        recover(Given([first]))
