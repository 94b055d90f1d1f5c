"""The same commands give the same records and the same state in another Python minor."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sortedcontainers

from queue_engine.core.codec import encode_record
from tests.core.chaos import Chaos
from tests.core.decided_elsewhere import decided
from tests.core.world import World

ROOT = Path(__file__).parents[2]
MINORS = ("3.11", "3.12", "3.13", "3.14")
SEEDS = (7, 8, 9)
STEPS = 200
DEADLINE_S = 60.0


def others() -> Iterator[Path]:
    """Other minors than ours that are on this machine, installed as they may be."""
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for minor in MINORS:
        named = shutil.which(f"python{minor}")
        found = [*kept.glob(f"{minor}.*/bin/python"), *([Path(named)] if named else [])]
        if minor != ours and found:
            yield found[0]


@pytest.fixture
def lent(tmp_path: Path) -> Path:
    """A folder with sortedcontainers and nothing else."""
    shutil.copytree(Path(sortedcontainers.__file__).parent, tmp_path / "sortedcontainers")
    return tmp_path


@pytest.mark.parametrize("seed", SEEDS)
def test_another_python_decides_alike(seed: int, lent: Path) -> None:
    pythons = list(others())
    if not pythons:
        pytest.skip("no other Python minor is on this machine")
    world = World(watch=None)
    Chaos(world, seed).run(STEPS)
    lines = [encode_record(record) for record in world.records]
    wanted = decided(lines)
    for python in pythons:
        done = subprocess.run(
            [str(python), "-m", "tests.core.decided_elsewhere"],
            input=b"\n".join(lines),
            capture_output=True,
            cwd=ROOT,
            env={"PYTHONPATH": f"{ROOT}{os.pathsep}{lent}", "PYTHONHASHSEED": str(seed)},
            timeout=DEADLINE_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        assert done.stdout.decode().split(" ", 1)[1].strip() == wanted, python
