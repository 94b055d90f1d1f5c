"""An island in a story: a world of its own from a moment on, which tells of it afterwards."""

from __future__ import annotations

from queue_engine.core.commands import ReportIsland
from tests.core.island_world import parted, told
from tests.core.world import World


class Apart:
    """The island that has parted from this world."""

    def __init__(self, world: World) -> None:
        self.world = parted(world)
        self._after = world.state.record_number

    def told(self) -> list[ReportIsland]:
        """What it tells: all that it did so far."""
        return told(self.world, self._after, part_max=2)
