"""The same seed gives the same results, byte for byte, in another Python minor."""

from __future__ import annotations

from pathlib import Path

import sortedcontainers
import yaml

from simulations.scenario.library import found
from tests.other_pythons import lend, needed_pythons, said_by
from tests.simulations.simulated_elsewhere import simulated

SCENARIO = "three_regions"
SEED = 3


def test_another_python_simulates_alike(tmp_path: Path) -> None:
    pythons = needed_pythons()
    lend(tmp_path, sortedcontainers, yaml)
    path = found(SCENARIO)
    wanted = simulated(path, SEED)
    module, arguments = "tests.simulations.simulated_elsewhere", (str(path), str(SEED))
    for python in pythons:
        assert said_by(python, module, arguments, tmp_path, b"") == wanted, python
