"""The engine dies and reports come late or twice: nobody is lost, and nothing is answered twice."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from simulations.scenario.results import result
from simulations.scenario.run import Run
from tests.properties.auditor import Auditor
from tests.simulations.scenario_files import SMALL, result_of, scenario_of

STAFFED: Final = SMALL.replace(
    "regions:", "staff: {answer: 4 s, misses: 5 %, wrap_up: {exponential: 1 min}}\nregions:"
)
CRASHES: Final = "faults: {crash_every: 7 min}\n"
DISTURBED: Final = """\
faults:
  crash_every: 11 min
  reports: {late: 10 %, late_by: {exponential: 20 s}, twice: 10 %}
"""


@pytest.mark.parametrize("text", [SMALL, STAFFED], ids=["exact", "staffed"])
def test_an_engine_that_dies_changes_nothing(text: str, tmp_path: Path) -> None:
    whole = result_of(text, tmp_path, "shared")
    dying = result_of(CRASHES + text, tmp_path, "shared")
    for name in ("total", "regions", "pairs", "course"):
        assert dying[name] == whole[name]


@pytest.mark.parametrize("seed", range(1, 7))
@pytest.mark.parametrize("text", [SMALL, STAFFED], ids=["exact", "staffed"])
def test_late_and_repeated_reports_lose_nobody(text: str, seed: int, tmp_path: Path) -> None:
    scenario = scenario_of(DISTURBED + text, tmp_path)
    auditor = Auditor()
    run = Run(scenario, "shared", seed, checks=True, follow=[auditor.follow])
    found = result(scenario, run.go())["total"]
    assert found["offered"] == 300
    assert found["offered"] == found["answered"] + found["abandoned"]
    assert found["answered"] > 150
