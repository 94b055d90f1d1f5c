"""`samko staff`: what it prints, writes and refuses."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from queue_engine import cli
from queue_engine.cli.staff import EXIT_MISSED
from simulations.scenario.file import load_scenario
from simulations.staffing.search import Search
from tests.cli.test_cli_simulate import Terminal

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
    assert written.startswith(
        "# Nurses for 80 % in 3 min in every region, by samko staff: policy tog"
    )
    assert "# policy alone, " in written
    north, south = load_scenario(out).regions
    assert (len(north.staff[0].nurses), len(south.staff[0].nurses)) == (1, 48)
    assert cli.main(["simulate", str(out), "--policy", "together"]) == 0


def test_numbers_may_hold_for_an_hour(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["staff", str(scenario), "-r", "1", "--json", "--step", "hour"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["step"] == "hour"
    south = found["staffings"][0]["regions"]["south"]
    assert len(south["nurses"]) == 24
    assert south["groups"] == [south["nurses"]]


def test_a_place_that_cannot_be_written_to_is_told_before_the_work(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["staff", str(scenario), "--out", str(tmp_path / "none" / "out.yaml")]) == 1
    assert "cannot be written (No such file or directory)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("during", "told"),
    [("alone", "nothing was found yet"), ("shared", "here is each region alone")],
)
def test_ctrl_c_ends_it_and_what_was_found_is_told(
    during: str,
    told: str,
    scenario: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Search, during, interrupted)
    out = tmp_path / "out.yaml"
    assert cli.main(["staff", str(scenario), "-r", "1", "--json", "--out", str(out)]) == 130
    said = capsys.readouterr()
    assert f"ended by you; {told}" in said.err
    found = json.loads(said.out)["staffings"] if said.out else []
    assert [one["policy"] for one in found] == ([] if during == "alone" else ["alone"])
    assert out.exists() == bool(found)


def test_on_a_terminal_each_round_has_a_bar(
    scenario: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    assert cli.main(["staff", str(scenario), "-r", "1"]) == 0
    for what in ("alone, round 1 of 14 at most", "together, other seeds"):
        assert what in terminal.getvalue()


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
