"""Callers who are neither answered nor gone when a run is over: they are told, and not lost."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import Any, Final

import pytest
from rich.console import Console

from queue_engine.cli.simulate_tables import print_tables
from simulations.scenario.file import load_scenario
from simulations.scenario.replications import jobs_of, run_all
from simulations.scenario.tables import rows
from simulations.scenario.whole import whole
from simulations.scenario_report.page import report

WEEK_MS: Final = 7 * 24 * 3_600_000
NOBODY_AT_WORK: Final = """\
length: 3 calls
contacts: day.csv
callers:
  kinds: [{name: advice}, {name: pressing, priority: urgent}]
regions:
  north: {nurses: 1}
  south: {nurses: 0}
"""
TOO_MANY: Final = """\
length: 3000 calls
callers: {handling: {exponential: 10 min}}
regions:
  north: {calls_per_hour: 60, nurses: 1}
"""


def _whole(folder: Path, text: str = NOBODY_AT_WORK) -> dict[str, Any]:
    (folder / "day.csv").write_text(
        "arrival_ms,region,kind,handling_ms\n"
        "0,north,advice,60000\n500,south,pressing,60000\n1000,north,advice,60000\n"
    )
    (folder / "scenario.yaml").write_text(text)
    scenario = load_scenario(folder / "scenario.yaml")
    jobs = jobs_of(["alone"], 1, 1, contacts_in=folder)
    return whole(scenario, ["alone"], run_all(scenario, jobs))


def test_who_waits_when_the_run_is_over_is_counted_where_he_is_from(tmp_path: Path) -> None:
    found = _whole(tmp_path)
    (policy,) = found["policies"]
    total, south = policy["total"], policy["regions"]["south"]
    pressing = policy["priorities"]["urgent"]
    assert (total["offered"], total["answered"], total["unfinished"]) == (3, 2, 1)
    assert [part["unfinished"] for part in (south, pressing)] == [1, 1]
    assert policy["regions"]["north"]["unfinished"] == 0
    assert total["p_wait"] == pytest.approx(2 / 3, abs=1e-6)
    assert south["p_wait"] == 1
    waited_ms = 1_000 + WEEK_MS - 500
    assert south["mean_wait_ms"] == waited_ms
    assert total["mean_wait_ms"] == round((59_000 + waited_ms) / 3, 3)
    assert total["waited_at_most"] == total["answered_within"]
    course = [row for row in policy["course"] if row["region"] == "south"]
    assert [(row["unfinished"], row["abandoned"], row["mean_wait_ms"]) for row in course] == [
        (1, 0, waited_ms)
    ]
    assert ("alone", "south", "south", "unfinished", 1, None) in list(rows("regions", found))


def test_he_has_a_line_among_the_calls(tmp_path: Path) -> None:
    _whole(tmp_path)
    with (tmp_path / "contacts-alone-1.csv").open(encoding="utf-8", newline="") as file:
        found = {row["number"]: row for row in csv.DictReader(file)}
    assert [found[number]["outcome"] for number in "012"] == ["answered", "unfinished", "answered"]
    assert (found["1"]["wait_ms"], found["1"]["answered_in"]) == (str(WEEK_MS + 500), "")


def test_of_ten_times_as_many_as_can_be_answered_nobody_is_lost(tmp_path: Path) -> None:
    total = _whole(tmp_path, TOO_MANY)["policies"][0]["total"]
    assert total["answered"] + total["unfinished"] == total["offered"] == 3_000
    assert total["unfinished"] > 1_500
    assert total["p_wait"] > 0.99
    assert total["mean_wait_ms"] > total["mean_wait_answered_ms"] * 1.2


@pytest.mark.parametrize("width", [50, 80])
def test_terminal_and_page_tell_it_where_there_is_anybody(tmp_path: Path, width: int) -> None:
    for text, is_told in ((NOBODY_AT_WORK, True), (NOBODY_AT_WORK.replace(": 0", ": 1"), False)):
        found = _whole(tmp_path, text)
        out = StringIO()
        print_tables(found, Console(file=out, width=width, highlight=False))
        assert max(map(len, out.getvalue().splitlines())) <= width
        said = " ".join(out.getvalue().split())
        assert ("Still waiting when the run was over, under alone: 1 (south 1)." in said) is (
            is_told
        )
        assert ("Väntar än" in report(found)) is is_told
        assert ("Still waiting" in report(found)) is is_told
        assert ("1 väntar än när körningen är slut, flest i south (1)" in report(found)) is is_told
