"""The same commands give the same records and the same state in another Python minor."""

from __future__ import annotations

from pathlib import Path

import pytest
import sortedcontainers

from queue_engine.core.codec import encode_record
from tests.core.chaos import Chaos
from tests.core.decided_elsewhere import decided
from tests.core.world import World
from tests.other_pythons import lend, needed_pythons, said_by

SEEDS = (7, 8, 9)
STEPS = 200


@pytest.mark.parametrize("seed", SEEDS)
def test_another_python_decides_alike(seed: int, tmp_path: Path) -> None:
    pythons = needed_pythons()
    lend(tmp_path, sortedcontainers)
    world = World(watch=None)
    Chaos(world, seed).run(STEPS)
    lines = [encode_record(record) for record in world.records]
    wanted = decided(lines)
    for python in pythons:
        told = said_by(python, "tests.core.decided_elsewhere", (), tmp_path, b"\n".join(lines))
        assert told.split(" ", 1)[1] == wanted, python
