"""The records of worlds that have parted: as an island sets them aside, as all others have them."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

from queue_engine.core.codec import encode_record
from queue_engine.core.snapshot import write_snapshot
from queue_engine.journal.aside import Aside
from queue_engine.journal.base import Snapshot
from queue_engine.journal.memory import MemoryJournal
from queue_engine.serve.set_aside import SetAside
from tests.core.island_world import state_after
from tests.core.world import World


def journal_of(world: World) -> MemoryJournal:
    """A journal that holds what has happened in this world."""
    journal = MemoryJournal()
    journal.append(0, [encode_record(record) for record in world.records])
    return journal


def set_aside(folder: Path, island: World, after: int, *, late: int = 0) -> Path:
    """The file of an island that parted after that record.

    Args:
        late: so many records later its state was kept.
    """
    data = [encode_record(record) for record in island.records]
    state = write_snapshot(state_after(island.records, after + late))
    checksum = crc32(data[after - 1]) if after else None
    snapshot = Snapshot(after + late, state)
    return SetAside(folder)(Aside(after, tuple(data[after:]), checksum, snapshot))
