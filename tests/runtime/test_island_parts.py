"""From the file of an island to what it tells: where it parted, and of which journal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from queue_engine.core.codec import encode_record
from queue_engine.core.errors import JournalCorrupt
from queue_engine.journal.island_file import IslandFile, read_island
from queue_engine.journal.memory import MemoryJournal
from queue_engine.runtime.islands import NotOfThisJournal, island_parts, parted_after
from routing.policy import MINUTE_MS
from routing.vocabulary import ContactId
from tests.core.island_world import parted, told
from tests.core.world import World
from tests.runtime.island_on_disk import journal_of, set_aside


def two() -> tuple[World, World, int]:
    """All others, an island of theirs, and the last record that both have."""
    common = World()
    common.agent("a1")
    common.caller("c1", "24")
    after, island = common.state.record_number, parted(common)
    island.answer("c1")
    for name in ("c2", "c3"):
        island.caller(name)
        island.wait(MINUTE_MS)
        island.gone(name)
    island.nurse_hangs_up("c1")
    common.agent("a2")
    return common, island, after


@pytest.mark.parametrize("late", range(4))
def test_what_is_told_is_what_the_island_did(tmp_path: Path, late: int) -> None:
    common, island, after = two()
    file = read_island(set_aside(tmp_path, island, after, late=late))
    assert parted_after(file, journal_of(common)) == after
    found = island_parts(file, after)
    wanted = told(island, after, late=late, until_ms=file.head.ended_ms)
    assert [part.contacts for part in found] == [part.contacts for part in wanted]
    assert found[-1].is_last
    assert found[-1].island.island_id == file.head.island_id
    assert found[-1].island.until_ms == max(file.head.ended_ms, island.records[-1].at_ms)


@pytest.mark.parametrize("late", range(4))
def test_records_that_were_written_after_all_are_no_islands_own(tmp_path: Path, late: int) -> None:
    """The answer to their append was lost; whoever took over went on after them."""
    common, island, after = two()
    file = read_island(set_aside(tmp_path, island, after, late=late))
    journal = journal_of(common)
    shared = [encode_record(record) for record in island.records[after : after + 2]]
    others = MemoryJournal()
    others.append(0, [stored.data for stored in journal.read(0)][:after])
    others.append(after, [*shared, b"another's"])
    assert parted_after(file, others) == after + 2
    (part,) = island_parts(file, after + 2)
    assert part.island.after == part.after == after + 2
    contacts = {fact.contact_id: fact for fact in part.contacts}
    assert contacts[ContactId("c3")].came_there
    assert not contacts[ContactId("c2")].came_there
    talked = contacts[ContactId("c1")]
    assert not talked.came_there
    assert talked.answer is None, "all others have seen that she answered"


def test_an_island_that_the_journal_has_as_a_whole_tells_nothing(tmp_path: Path) -> None:
    _, island, after = two()
    file = read_island(set_aside(tmp_path, island, after))
    last = parted_after(file, journal_of(island))
    assert last == island.state.record_number
    assert island_parts(file, last) == []


def test_the_island_of_another_journal_is_told_so(tmp_path: Path) -> None:
    common, island, after = two()
    file = read_island(set_aside(tmp_path, island, after))
    other = World(start_ms=common.now_ms + 1)
    with pytest.raises(NotOfThisJournal, match=f"ends at record {len(other.records)}"):
        parted_after(file, journal_of(other))
    other.agent("a1")
    other.caller("c1", "24")
    other.wait(MINUTE_MS)
    other.gone("c1")
    with pytest.raises(NotOfThisJournal, match=f"of another journal: record {after}"):
        parted_after(file, journal_of(other))


def test_of_one_that_was_only_followed_the_moment_tells(tmp_path: Path) -> None:
    """Its state is of the very record after which it parted."""
    common, island, after = two()
    file = read_island(set_aside(tmp_path, island, after))
    followed = _without_checksum(file)
    assert parted_after(followed, journal_of(common)) == after
    other = World(start_ms=common.now_ms + 1)
    other.agent("a1")
    other.caller("c1", "24")
    other.caller("c9", "24")
    with pytest.raises(NotOfThisJournal, match="of another journal"):
        parted_after(followed, journal_of(other))
    late = read_island(set_aside(tmp_path, island, after, late=2))
    with pytest.raises(NotOfThisJournal, match="does not tell of which journal"):
        parted_after(_without_checksum(late), journal_of(common))


def _without_checksum(file: IslandFile) -> IslandFile:
    return replace(file, head=replace(file.head, record_checksum=None))


def test_records_that_do_not_follow_are_damage(tmp_path: Path) -> None:
    _, island, after = two()
    wrong = parted(island)
    wrong.records = [*island.records[:after], *island.records[after + 1 :]]
    wrong.records[after:] = [
        replace(record, number=number)
        for number, record in enumerate(wrong.records[after:], start=after + 1)
    ]
    file = read_island(set_aside(tmp_path, wrong, after))
    with pytest.raises(JournalCorrupt, match="does not follow from those before it"):
        island_parts(file, after)
