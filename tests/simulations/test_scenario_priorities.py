"""The figures of each priority: nurses' time with its calls, and how much of it was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulations.scenario.results import result
from simulations.scenario.run import Run
from tests.simulations.scenario_files import result_of, scenario_of

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

LAST = """\
length: 1 h
contacts: day.csv
staff: {wrap_up: 2 min}
regions:
  north: {nurses: 1}
  south: {nurses: 1}
policies:
  shared: {share: at_once}
"""


def test_priorities_share_nurses_time_among_them(tmp_path: Path) -> None:
    scenario = scenario_of(MIXED, tmp_path)
    found = result(scenario, Run(scenario, "shared", 1).go())
    urgent, standard = (found["priorities"][name] for name in ("urgent", "standard"))
    total = found["total"]
    for part in (urgent, standard):
        # The one of the days alone, the other to the end of the last call.
        share = part["handled_minutes"] / total["staffed_minutes"]
        assert part["occupancy"] == pytest.approx(share, abs=0.005)
        assert 0 < part["given_minutes"] == part["taken_minutes"]
    assert 3 < standard["occupancy"] / urgent["occupancy"] < 5
    both = urgent["occupancy"] + standard["occupancy"]
    assert both == pytest.approx(total["occupancy"], abs=2e-6)
    given = urgent["given_minutes"] + standard["given_minutes"]
    assert given == pytest.approx(total["given_minutes"], abs=0.02)
    assert given == pytest.approx(sum(pair["minutes"] for pair in found["pairs"]), abs=0.02)


def test_of_nurses_time_only_the_counted_part_is_a_prioritys(tmp_path: Path) -> None:
    """An hour behind one of warm-up: calls begin before it and end behind it."""
    text = MIXED.replace("3 days", "2 h\nwarm_up: 1 h").replace("handling: {exp", "handling: {fix")
    text = text.replace("fixonential: 6 min", "fixed: 40 min").replace("patience: {", "menu: {")
    text = text.replace("exponential: 10 min", "fixed: 5 min")
    total = (found := result_of(text, tmp_path))["total"]
    assert total["handled_minutes"] / total["staffed_minutes"] > 2
    parts = [part["occupancy"] for part in found["priorities"].values()]
    assert sum(parts) == pytest.approx(total["occupancy"], abs=2e-6)
    assert total["occupancy"] <= 1


def test_what_is_written_about_the_last_calls_counts(tmp_path: Path) -> None:
    rows = ["0,north,300000", "3480000,north,300000", "3480000,north,300000"]
    (tmp_path / "day.csv").write_text("\n".join(["arrival_ms,region,handling_ms", *rows]) + "\n")
    found = result_of(LAST, tmp_path)
    total = found["total"]
    assert total["handled_minutes"] == 3 * (5 + 2)
    assert total["given_minutes"] == 5 + 2
    assert [pair["minutes"] for pair in found["pairs"]] == [7]
    # Two of them are with their callers for two minutes of the hour.
    assert total["occupancy"] == pytest.approx((7 + 2 + 2) / 120, abs=1e-6)
    assert found["priorities"]["standard"]["occupancy"] == total["occupancy"]
