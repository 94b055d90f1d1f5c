"""`samko staff`: what it prints, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from queue_engine import cli
from queue_engine.cli.staff import EXIT_MISSED
from simulations.scenario.file import load_scenario

SCENARIO = """\
name: two
length: 4 h
callers:
  handling: {exponential: 10 min}
  patience: {exponential: 20 min}
regions:
  north: {calls_per_hour: 12, nurses: 1}
  south: {name: Söder, calls_per_hour: HOURS, nurses: 1}
policies:
  apart: {share: never}
  together: {home_first: never, share: at_once}
""".replace("HOURS", str([6] * 24))


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "two.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def test_it_prints_both_staffings_and_writes_what_a_scenario_reads(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "staffing.yaml"
    assert cli.main(["staff", str(scenario), "-r", "1", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    for words in ("north alone", "together", "Söder alone", "Sharing by together saves"):
        assert words in " ".join(said.split())
    written = out.read_text(encoding="utf-8")
    assert written.startswith("# two: nurses for 80 % in 3 min, by samko staff\n# # policy alone")
    (tmp_path / "again.yaml").write_text("length: 1 h\n" + written, encoding="utf-8")
    north, south = load_scenario(tmp_path / "again.yaml").regions
    assert (len(north.staff[0].nurses), len(south.staff[0].nurses)) == (1, 24)


def test_without_a_policy_to_share_by_each_is_alone(
    scenario: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.write_text(SCENARIO.split("policies:")[0], encoding="utf-8")
    assert cli.main(["staff", str(scenario), "-r", "1", "--json", "--target", "50 % in 5 min"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["policy"] for one in found["staffings"]] == ["alone"]
    north = found["staffings"][0]["regions"]["north"]
    assert north["answered_within"] >= 0.5
    assert north["hours_per_week"] == 168 * north["nurses"][0]


def test_what_is_out_of_reach_is_told(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slow = SCENARIO.replace("callers:", "callers:\n  menu: 5 min").replace("4 h", "1 h")
    scenario.write_text(slow.split("policies:")[0], encoding="utf-8")
    assert cli.main(["staff", str(scenario), "-r", "1"]) == EXIT_MISSED
    assert "alone: the target is missed in north, south" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--target", "soon"], "--target is as in"),
        (["--policy", "apart"], "under policy 'apart' no region takes part"),
        (["--policy", "fifo"], "no policy 'fifo' in the scenario; it has apart, together"),
        (["--replications", "0"], "--replications is from 1"),
    ],
)
def test_what_is_not_understood_is_told(
    scenario: Path, options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["staff", str(scenario), *options]) == 1
    assert told in capsys.readouterr().err
