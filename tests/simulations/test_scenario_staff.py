"""Nurses of a scenario who come and go by the hour."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from simulations.scenario.results import result
from simulations.scenario.run import Run
from tests.simulations.scenario_files import scenario_of

FEWER = f"""\
length: 90 min
callers: {{handling: 20 min}}
staff: {{wrap_up: 10 min}}
regions:
  north: {{calls_per_hour: 12, nurses: [3{", 1" * 23}]}}
"""


@pytest.mark.parametrize("seed", range(1, 6))
def test_one_who_is_to_go_may_be_taken_off_by_the_limit_of_her_wrap_up(
    tmp_path: Path, seed: int
) -> None:
    scenario = scenario_of(FEWER, tmp_path)
    name, policy = scenario.policies[0]
    limited = replace(scenario, policies=((name, replace(policy, wrap_up_ms_max=300_000)),))
    found = result(limited, Run(limited, name, seed, checks=True).go())["total"]
    assert found["answered"] == found["offered"]
