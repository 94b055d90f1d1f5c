"""The nation of the reference, as it is shipped: one file for each of its staffings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from queue_engine.core.errors import BadInput
from simulations.reference.nation import POLICIES, nation_scenario
from simulations.scenario.file import load_scenario
from simulations.scenario.library import found, names
from simulations.scenario.model import DAY_MS, End, Length
from simulations.scenario.results import result
from simulations.scenario.run import Run

REFERENCE: Final = Path(__file__).parent / "reference"
NATION: Final = REFERENCE / "national.json"
CALLS: Final = 12_011
GOLDEN: Final = {
    "separate": (0.7017, 0.1504, 0.0),
    "overflow_120": (0.9086, 0.0837, 0.2178),
    "national_priority": (0.9471, 0.0331, 0.7252),
}
"""Of the golden Monday: answered within 180 s, abandoned, answered elsewhere (of the answered)."""
STAFFINGS: Final = list(json.loads(NATION.read_text("utf-8"))["staffing"])


@pytest.mark.parametrize("staffing", STAFFINGS)
def test_what_is_shipped_is_the_nation_of_the_reference(staffing: str) -> None:
    assert found(f"nation_{staffing}").read_text("utf-8") == nation_scenario(NATION, staffing)
    assert f"nation_{staffing}" in dict(names())


def test_it_has_the_calls_and_nurses_of_the_reference_and_nine_policies() -> None:
    known = json.loads(NATION.read_text("utf-8"))
    scenario = load_scenario(found("nation_own80"))
    calls = sum(sum(region.calls_per_hour) for region in scenario.regions)
    assert calls == pytest.approx(known["calls_per_week"], rel=1e-6)
    nurses = sum(sum(group.nurses) for region in scenario.regions for group in region.staff)
    assert nurses == known["staffing"]["own80"]["nurse_hours_per_week"]
    assert tuple(name for name, _ in scenario.policies) == POLICIES
    assert len(POLICIES) == 9


@pytest.mark.parametrize("policy", list(GOLDEN))
def test_a_drawn_monday_is_much_like_the_golden_one(policy: str) -> None:
    scenario = replace(load_scenario(found("nation_prop100")), length=Length(End.TIME, DAY_MS))
    total = result(scenario, Run(scenario, policy, 1).go())["total"]
    answered_180, abandoned, remote = GOLDEN[policy]
    assert total["offered"] == pytest.approx(CALLS, rel=0.03)
    within = total["answered_within"]["3 min"]
    assert within == pytest.approx(answered_180, abs=0.03)
    assert total["abandoned"] / total["offered"] == pytest.approx(abandoned, abs=0.02)
    elsewhere = total["answered_elsewhere"] / total["answered"]
    assert elsewhere == pytest.approx(remote, abs=0.03)


def test_a_staffing_that_is_not_known_is_told() -> None:
    with pytest.raises(BadInput, match="no staffing 'none'; it has own60"):
        nation_scenario(NATION, "none")
