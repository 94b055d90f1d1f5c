"""A journal folded anew gives the state that was, from a snapshot or from its first record."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.core.errors import JournalCorrupt
from queue_engine.core.snapshot import digest, write_snapshot
from queue_engine.core.state import State
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.journal.sqlite_reading import SqliteReading
from queue_engine.runtime.replay import TELL_EVERY, newest_state, records, replay
from tests.core.chaos import Chaos
from tests.core.world import World
from tests.runtime.kept_story import keep


@pytest.fixture(scope="module")
def world() -> World:
    found = World(watch=None)
    Chaos(found, 3).run(120)
    return found


def quiet(number: int) -> None:
    """Nobody wants to know how far it is."""


def test_from_a_snapshot_or_from_the_first_record_it_is_the_same(
    tmp_path: Path, world: World
) -> None:
    last = world.records[-1].number
    state = keep(tmp_path / "samko.db", world.records, 20, 60)
    with SqliteReading(tmp_path / "samko.db") as reading:
        assert newest_state(reading).record_number == 60
        assert newest_state(reading, before=60).record_number == 20
        assert newest_state(reading, before=20).record_number == 0
        for begin, agreed in ((State(), 2), (newest_state(reading), 0)):
            assert replay(reading, begin, quiet) == agreed
            assert digest(begin) == digest(state)
            assert begin.record_number == last


def test_a_snapshot_that_says_otherwise_is_told(tmp_path: Path, world: World) -> None:
    state = keep(tmp_path / "samko.db", world.records, 20)
    journal = SqliteJournal(tmp_path / "samko.db")
    state.record_number = 21
    journal.save_snapshot(21, write_snapshot(state))
    journal.close()
    with (
        SqliteReading(tmp_path / "samko.db") as reading,
        pytest.raises(JournalCorrupt, match="snapshot of record 21 is not what the records"),
    ):
        replay(reading, State(), quiet)


def test_a_snapshot_that_is_not_understood_is_no_reason_against_the_records(
    tmp_path: Path, world: World
) -> None:
    keep(tmp_path / "samko.db", world.records)
    journal = SqliteJournal(tmp_path / "samko.db")
    journal.save_snapshot(9, b"of an earlier form")
    journal.close()
    with SqliteReading(tmp_path / "samko.db") as reading:
        assert replay(reading, State(), quiet) == 0


def test_it_tells_how_far_it_is(tmp_path: Path, world: World) -> None:
    told: list[int] = []
    journal = SqliteJournal(tmp_path / "samko.db")
    data = [b'{"v":1,"n":%d,"t":1,"r":2,"c":["PassTime",{}],"e":[]}' % n for n in range(1, 2502)]
    journal.append(0, data)
    journal.close()
    with SqliteReading(tmp_path / "samko.db") as reading:
        assert sum(1 for _ in records(reading, 0, told.append)) == 2501
    assert told == [TELL_EVERY, 2 * TELL_EVERY]


def test_a_long_journal_leaves_nothing_behind_in_memory() -> None:
    """The moments that were set and cleared again on the way are let go of."""
    world = World(watch=None)
    for number in range(300):
        world.caller(f"c{number}")
        world.gone(f"c{number}")
        world.wait(60_000)
    assert len(world.records) > 900
    index = world.twin.deadlines._heap
    assert len(index) < 60, "fifteen minutes of callers"
