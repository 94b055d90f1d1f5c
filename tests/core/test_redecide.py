"""Deciding again gives the same records, in another process, with other hashes, from a snapshot."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from queue_engine.core.codec import encode_record
from tests.core.chaos import Chaos
from tests.core.world import World

ROOT = Path(__file__).parents[2]
STEPS = 150
SCRIPT = """
from tests.core.test_redecide import story
print(story(int(input())))
"""


def story(seed: int) -> str:
    """A digest of all the records of one story."""
    world = World()
    Chaos(world, seed).run(STEPS)
    return hashlib.sha256(b"\n".join(map(encode_record, world.records))).hexdigest()


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_no_order_hangs_on_hashes(hash_seed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input="7",
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == story(7)
