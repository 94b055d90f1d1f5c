"""What `samko doctor` says of islands whose records lie here."""

from __future__ import annotations

from pathlib import Path

from queue_engine.journal.archive_file import write_day
from queue_engine.journal.checksum import CHAIN_START, Row
from queue_engine.journal.island_file import mark_failed, mark_merged
from queue_engine.serve.doctor_files import islands
from queue_engine.serve.doctor_finding import Level
from tests.core.island_world import parted
from tests.core.world import World
from tests.runtime.island_on_disk import set_aside


def test_what_waits_to_be_merged_is_told_until_it_is(tmp_path: Path) -> None:
    assert islands(tmp_path / "none") is None, "there was no island"
    world = World()
    after, island = world.state.record_number, parted(world)
    island.caller("c1")
    file = set_aside(tmp_path, island, after)
    found = islands(tmp_path)
    assert found is not None
    assert found.level is Level.WARNING
    assert f"1 files in {tmp_path} are not merged, the first: {file.name}" in found.text
    aside = mark_failed(set_aside(tmp_path, island, after))
    mark_merged(file)
    found = islands(tmp_path)
    assert found is not None
    assert found.level is Level.WARNING
    assert f"failed at {aside}" in found.text
    assert f"samko cluster merge {aside}" in found.advice
    aside.unlink()
    found = islands(tmp_path)
    assert found is not None
    assert (found.level, found.text) == (Level.OK, "1 merged, none waits")


def test_records_without_a_state_are_for_people(tmp_path: Path) -> None:
    write_day(tmp_path, "2026-11-21", Row(7, CHAIN_START, b""), [b"x"])
    found = islands(tmp_path)
    assert found is not None
    assert found.level is Level.WARNING
    assert "cannot be merged" in found.text
