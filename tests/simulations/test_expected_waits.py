"""How right what a scenario's callers are told is: bias, error, by length of wait."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from queue_engine import cli
from routing.policy import MINUTE_MS
from simulations.estimates import Told, accuracy, accuracy_by_wait
from simulations.scenario.expected_waits import expected_waits
from simulations.scenario.file import load_scenario
from simulations.scenario.replications import jobs_of

SCENARIO = """\
name: busy
length: 4 h
callers:
  handling: {exponential: 10 min}
  patience: {exponential: 30 min}
regions:
  north: {calls_per_hour: 40, nurses: 6}
policies:
  apart: {share: never}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "busy.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    return file


def test_bias_and_error_of_what_was_told() -> None:
    found = [Told(4 * MINUTE_MS, 2 * MINUTE_MS), Told(6 * MINUTE_MS, 7 * MINUTE_MS)]
    assert accuracy(found) == {
        "told": 2,
        "right_band": 1.0,
        "bias_ms": 30_000,
        "mean_error_ms": 90_000,
    }
    assert accuracy([]) == {"told": 0}
    by_wait = {row["from_minutes"]: row for row in accuracy_by_wait(found)}
    assert [minutes for minutes, row in by_wait.items() if row["told"]] == [1, 5]
    assert (by_wait[1]["bias_ms"], by_wait[5]["bias_ms"]) == (120_000, -60_000)


def test_all_seeds_of_a_policy_are_told_together(path: Path) -> None:
    scenario = load_scenario(path)
    one, two, both = (
        expected_waits(scenario, jobs_of(["apart"], seed, count))[0]["by_place"]["told"]
        for seed, count in ((1, 1), (2, 1), (1, 2))
    )
    assert one > 50
    assert one + two == both


def test_the_waits_told_of_add_up_and_the_long_ones_are_foretold_too_short(path: Path) -> None:
    (found,) = expected_waits(load_scenario(path), jobs_of(["apart"], 1, 2))
    for form in ("by_place", "by_history"):
        rows = found[form]["by_wait"]
        assert sum(row["told"] for row in rows) == found[form]["told"]
        biases = [row["bias_ms"] for row in rows if row["told"]]
        assert biases[0] > biases[-1]
        assert found[form]["mean_error_ms"] >= abs(found[form]["bias_ms"])


def test_as_a_table_and_for_programs(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["simulate", str(path), "--expected-waits"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for words in ("as told all", "by place all", "right band", "1-3 min"):
        assert words in said
    assert cli.main(["simulate", str(path), "--expected-waits", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["scenario"], found["seeds"]) == ("busy", [1])
    assert found["policies"][0]["by_history"]["told"] > 50
