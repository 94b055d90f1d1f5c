"""Nurses who come and go, and calls that are told of, by the half-hour."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulations.scenario.arrivals import calls
from simulations.scenario.model import HALF_HOUR_MS, HOUR_MS
from tests.simulations.scenario_files import result_of, scenario_of

DAY = """\
length: 4 h
interval: 10 min
callers: {handling: {exponential: 6 min}, patience: {exponential: 10 min}}
regions:
  north: {calls_per_hour: 24, nurses: NURSES}
"""


def test_nurses_come_and_go_at_half_hours(tmp_path: Path) -> None:
    found = result_of(DAY.replace("NURSES", str([2, 3, 1, 4] * 12)), tmp_path)
    nurses = {row["at_minute"]: row["nurses"] for row in found["course"]}
    # A moment later, since at the change itself it depends on who is looked at first.
    assert [nurses[minute] for minute in (10, 40, 100, 130)] == [2, 3, 4, 2]
    assert nurses[80] >= 1
    assert found["total"]["staffed_minutes"] == pytest.approx(30 * 20, rel=0.1)


def test_an_hour_told_as_two_halves_is_the_same_hour(tmp_path: Path) -> None:
    hours = [2, 3, 1, 4] * 6
    halves = [nurses for nurses in hours for _ in range(2)]
    for by_hour, by_half in ((hours, halves), (hours * 7, halves * 7)):
        assert result_of(DAY.replace("NURSES", str(by_hour)), tmp_path) == result_of(
            DAY.replace("NURSES", str(by_half)), tmp_path
        )


def test_calls_told_by_the_half_hour_come_then(tmp_path: Path) -> None:
    text = DAY.replace("NURSES", "3").replace(
        "calls_per_hour: 24", f"calls_per_hour: {[60, 0] * 24}"
    )
    scenario = scenario_of(text, tmp_path)
    came = [call.arrived_ms for call in calls(scenario, 1)]
    assert all(at_ms % HOUR_MS < HALF_HOUR_MS for at_ms in came)
    assert 80 < len(came) < 160, "60 an hour, in four half-hours"


def test_as_many_nurses_as_are_to_be_busy_in_each_half_hour(tmp_path: Path) -> None:
    text = DAY.replace("NURSES", "{busy: 80 %}").replace("24,", f"{[24, 48] * 24},")
    assert scenario_of(text, tmp_path).regions[0].staff[0].nurses == (3.0, 6.0) * 24
