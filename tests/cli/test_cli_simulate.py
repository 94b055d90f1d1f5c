"""`samko simulate`: what it prints and writes, says of bad input, and how Ctrl-C ends it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from copy import deepcopy
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from queue_engine import cli
from queue_engine.cli.simulate_progress import progressing
from queue_engine.cli.simulate_tables import print_tables
from simulations.scenario import replications
from simulations.scenario.replications import jobs_of
from tests.simulations.small_scenario import SMALL, small_whole, write_small

ROOT = Path(__file__).parents[2]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "80")
    return write_small(tmp_path)


def test_it_writes_everything_and_prints_what_is_worth_a_look(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results"
    assert cli.main(["simulate", str(small), "-r", "2", "--contacts", "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == sorted(
        [
            *(f"contacts-{name}-{seed}.csv" for name in ("alone", "together") for seed in (1, 2)),
            *("course.csv", "kinds.csv", "pairs.csv", "priorities.csv", "regions.csv"),
            *("total.csv", "report.html", "result.json"),
        ]
    )
    told = json.loads((out / "result.json").read_text("utf-8"))
    assert [policy["policy"] for policy in told["policies"]] == ["alone", "together"]
    said = capsys.readouterr().out
    for words in ("Against alone", "Shortest mean wait: together", "Norr & Öst", "report.html"):
        assert words in said


def test_json_is_the_file_and_nothing_else(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["simulate", str(small), "--json", "-p", "alone", "-o", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert said == (tmp_path / "result.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "policies"),
    [
        ("SMALL --policy together alone", ["together", "alone"]),
        ("SMALL --policy together --policy alone", ["together", "alone"]),
        ("--policy together alone -- SMALL", ["together", "alone"]),
        ("--policy together alone --seed 2 SMALL", ["together", "alone"]),
        ("--policy together alone SMALL", ["together", "alone"]),
        ("-p together -p alone SMALL", ["together", "alone"]),
        ("-p together SMALL -p alone", ["together", "alone"]),
        ("SMALL -p alone together alone", ["alone", "together"]),
        ("SMALL -palone", ["alone"]),
        ("SMALL", ["alone", "together"]),
    ],
)
def test_policies_may_be_named_together_or_one_by_one(
    small: Path, words: str, policies: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(small) if word == "SMALL" else word for word in words.split()]
    assert cli.main(["simulate", "--json", *arguments]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [policy["policy"] for policy in told["policies"]] == policies


@pytest.mark.parametrize("runs", [1, 3])
@pytest.mark.parametrize("width", [50, 80, 120])
def test_nothing_is_wider_than_the_terminal_or_cut(width: int, runs: int) -> None:
    out = StringIO()
    print_tables(small_whole(runs), Console(file=out, width=width, highlight=False))
    said = out.getvalue()
    assert max(map(len, said.splitlines())) <= width
    assert "…" not in said
    assert "small <b>storm</b>" in said


@pytest.mark.parametrize("width", [80, 120])
def test_wide_figures_leave_policies_their_names(width: int) -> None:
    whole = deepcopy(small_whole(3))
    for policy in whole["policies"]:
        policy["total"]["callbacks"] = 345_678
        for part in (policy["total"], *policy["regions"].values()):
            part["mean_wait_ms"] = part["p95_wait_ms"] = 12_345_678
    out = StringIO()
    print_tables(whole, Console(file=out, width=width, highlight=False))
    said = out.getvalue()
    for name in ("alone", "together"):
        assert said.count(f"\n {name} ") >= 1, said
    assert "345,678" in said
    assert "verdict" in said
    assert "…" not in said
    assert max(map(len, said.splitlines())) <= width


def test_a_difference_that_may_be_chance_has_a_question_mark() -> None:
    out = StringIO()
    print_tables(small_whole(1), Console(file=out, width=80, highlight=False))
    assert "? may be chance" in " ".join(out.getvalue().split())
    assert "try -r 10" in out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["three_region"], "no scenario 'three_region'; did you mean \"three_regions\"?"),
        (["zzzz.yaml"], "; samko simulate --list tells those there are"),
        (["SMALL", "-p", "togeter"], 'did you mean "together"? It has alone, together.'),
        (["-p", "alone", "together"], "no scenario 'together'"),
        (["-p", "alone"], "--policy alone: of which SCENARIO?"),
        (["SMALL", "--contacts"], "--contacts needs --out DIR"),
        (["SMALL", "--out", "/proc/samko"], "choose another folder"),
    ],
)
def test_bad_input_says_what_to_do_next(
    small: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = [str(small) if one == "SMALL" else one for one in arguments]
    assert cli.main(["simulate", *chosen]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert told in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "value"), [("--seed", "first"), ("--jobs", "0"), ("--replications", "-1")]
)
def test_a_number_that_is_none_is_told(
    small: Path, option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["simulate", str(small), f"{option}={value}"])
    assert ended.value.code == 2
    assert "expected a whole number from" in capsys.readouterr().err


def test_a_fault_of_the_file_is_told_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(SMALL.replace("calls_per_hour: 36", "calls_per_hours: 36"))
    assert cli.main(["simulate", str(path)]) == 1
    said = capsys.readouterr().err
    line = SMALL[: SMALL.index("north: {name")].count("\n") + 1
    assert f"bad.yaml:{line}: regions.north: unknown key" in said
    assert 'did you mean "calls_per_hour"?' in said


def test_the_list_names_each_with_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["simulate", "--list"]) == 0
    assert "three_regions   Three regions over a day" in capsys.readouterr().out


# --- Ctrl-C ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runs", "whole"), [(5, "2 whole replications say"), (1, "no replication is whole")]
)
def test_what_was_finished_is_told_in_whole_replications(
    small: Path,
    runs: int,
    whole: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    really = replications.as_finished

    def interrupted(*arguments: Any) -> Generator[tuple[int, dict[str, Any]], None, None]:
        results = really(*arguments)
        for _ in range(runs):
            yield next(results)
        raise KeyboardInterrupt

    monkeypatch.setattr(replications, "as_finished", interrupted)
    assert cli.main(["simulate", str(small), "-r", "4", "--json"]) == 130
    said = capsys.readouterr()
    assert f"ended by you after {runs} of 8 runs" in said.err
    assert whole in said.err
    seeds = [policy["seeds"] for policy in json.loads(said.out)["policies"]] if said.out else []
    assert seeds == ([[1, 2], [1, 2]] if runs == 5 else [])


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_ends_all_processes_without_a_trace(small: Path, tmp_path: Path, jobs: str) -> None:
    out = tmp_path / "results"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "queue_engine.cli", "simulate", str(small)),
            *("-r", "5000", "-j", jobs, "--contacts", "--out", str(out)),
        ],
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (out / "contacts-together-1.csv").exists():
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.1)
    os.killpg(process.pid, signal.SIGINT)
    said, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "ended by you after" in told
    assert "Traceback" not in told
    assert "Against alone" in said or "no replication is whole" in told
    assert list(out.glob("*.csv")), "of the runs that were whole"
    assert not list(out.glob("*.part"))
    patience = threading.Event()
    while _living(process.pid):
        # Python's own tracker of a process's resources ends when it sees that the others are gone.
        patience.wait(0.05)


def _living(group: int) -> list[int]:
    """Processes of a group that have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group and state != "Z":
            found.append(int(path.parent.name))
    return found


# --- the bar --------------------------------------------------------------------------------


class Terminal(StringIO):
    """A terminal, to those who ask."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_each_run_in_hand_has_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with progressing(jobs_of(["alone", "[x]"], 1, 2)) as tell:
        tell(0, 0.25)
        tell(1, 0.5)
        tell(0, 1.0)
        tell(2, 0.1)
    shown = terminal.getvalue()
    for words in ("of 4 runs", "[x], seed 1", "alone, seed 2"):
        assert words in shown


def test_elsewhere_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with progressing(jobs_of(["alone"], 1, 1)) as tell:
        tell(0, 0.5)
    assert capsys.readouterr().err == ""
