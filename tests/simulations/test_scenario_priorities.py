"""The figures of each priority: nurses' time with its calls, and how much of it was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulations.scenario.results import result
from simulations.scenario.run import Run
from tests.simulations.scenario_files import scenario_of

MIXED = """\
length: 3 days
callers:
  handling: {exponential: 6 min}
  patience: {exponential: 10 min}
  kinds:
    - {name: urgent, weight: 20, priority: urgent}
    - {name: standard, weight: 70}
    - {name: finnish, weight: 10}
staff: {wrap_up: {exponential: 1 min}}
regions:
  north: {calls_per_hour: 24, nurses: 3}
  south: {calls_per_hour: 40, nurses: 5}
policies:
  shared: {share: {after: 1 min}}
"""


def test_priorities_share_nurses_time_among_them(tmp_path: Path) -> None:
    scenario = scenario_of(MIXED, tmp_path)
    found = result(scenario, Run(scenario, "shared", 1).go())
    urgent, standard = (found["priorities"][name] for name in ("urgent", "standard"))
    total = found["total"]
    for part in (urgent, standard):
        share = part["handled_minutes"] / total["staffed_minutes"]
        assert part["occupancy"] == pytest.approx(share, abs=1e-6)
        assert 0 < part["given_minutes"] == part["taken_minutes"]
    assert 3 < standard["occupancy"] / urgent["occupancy"] < 5
    # Of who is talked with when the three days end, the total counts the days' part alone.
    assert urgent["occupancy"] + standard["occupancy"] == pytest.approx(
        total["occupancy"], abs=0.01
    )
    given = urgent["given_minutes"] + standard["given_minutes"]
    assert given == pytest.approx(total["given_minutes"], abs=0.02)
    assert given == pytest.approx(sum(pair["minutes"] for pair in found["pairs"]), abs=0.02)
