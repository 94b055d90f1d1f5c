"""Calls from a file: which columns say what, and what became of each call."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import pytest

from queue_engine import cli
from queue_engine.core.errors import BadInput
from simulations.scenario.calls_file import columns_not_read, open_text, read_calls
from simulations.scenario.replications import jobs_of, run_all
from tests.simulations.scenario_files import scenario_of

GOLDEN_MONDAY: Final = Path(__file__).parent / "reference" / "golden_monday.csv.gz"
HEAD: Final = "arrival_ms,region,priority,handling_ms,patience_ms"
KINDS: Final = """\
length: 4 calls
contacts: day.csv
callers:
  kinds:
    - {name: std}
    - {name: old, rank: 1}
    - {name: pressing, priority: urgent}
regions:
  north: {nurses: 1}
policies:
  alone: {share: never}
"""


def _kinds(rows: list[str], folder: Path, head: str = HEAD, text: str = KINDS) -> list[str]:
    (folder / "day.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return [call.kind.name for call in read_calls(scenario_of(text, folder))]


@pytest.mark.parametrize("column", ["kind", "priority", "class"])
def test_a_kind_is_chosen_by_its_name_priority_or_rank(column: str, tmp_path: Path) -> None:
    said = ["urgent", "pressing", "old", "1", ""]
    rows = [f"{at},north,{word},60000," for at, word in enumerate(said)]
    head = HEAD.replace("priority", column)
    assert _kinds(rows, tmp_path, head) == ["pressing", "pressing", "old", "old", "std"]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("standard", "'standard' may be any of std, old; expected a kind's name"),
        ("0", "'0' may be any of std, pressing; expected a kind's name"),
        (
            "emergency",
            "the scenario has no 'emergency'; expected a kind (std, old, pressing), its"
            " priority (urgent, standard) or its rank (0, 1)",
        ),
    ],
)
def test_a_word_that_is_no_kind_or_may_be_several_is_told(
    word: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput) as fault:
        _kinds([f"0,north,urgent,1,\n5,north,{word},1,"], tmp_path)
    assert str(fault.value) == f"day.csv:3: priority: {told}"


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (
            HEAD + ",class",
            "day.csv:1: priority and class both say of which kind a caller is; keep one of them",
        ),
        (HEAD + ",region", "day.csv:1: the column region is there twice"),
        (
            HEAD.replace("patience_ms", "patience"),
            'day.csv:1: unknown column patience; did you mean "patience_ms"?',
        ),
        (
            HEAD.replace("priority", "Priority"),
            'day.csv:1: unknown column Priority; did you mean "priority"?',
        ),
        (
            "arrival_ms,handling_ms",
            "day.csv: expected the columns arrival_ms, region, handling_ms; no region",
        ),
    ],
)
def test_a_head_that_would_be_misread_is_told(head: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as fault:
        _kinds([], tmp_path, head)
    assert str(fault.value) == told


def test_a_row_that_is_not_as_long_as_the_head_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"day\.csv:3: expected 5 cells as in the head, found 4"):
        _kinds(["0,north,urgent,1,", "1,north,urgent,1"], tmp_path)


def test_columns_that_nothing_reads_are_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _kinds(["0,north,urgent,1,,x"], tmp_path, f"{HEAD},hung up:where") == ["pressing"]
    assert columns_not_read(tmp_path / "day.csv") == ('"hung up:where"',)
    arguments = ["simulate", str(tmp_path / "scenario.yaml"), "--json", "-r", "2"]
    assert cli.main(arguments) == 0
    assert capsys.readouterr().err == 'samko: day.csv: columns not read: "hung up:where"\n'


def test_each_call_comes_out_under_the_name_that_it_has_in_the_file(tmp_path: Path) -> None:
    rows = ["anna,0,north,old,1000,", '"b, c",5,north,urgent,1000,']
    assert _kinds(rows, tmp_path, f"id,{HEAD}") == ["old", "pressing"]
    scenario = scenario_of(KINDS, tmp_path)
    run_all(scenario, jobs_of(["alone"], 1, 1, contacts_in=tmp_path))
    with (tmp_path / "contacts-alone-1.csv").open(encoding="utf-8", newline="") as file:
        found = [(row["id"], row["kind"], row["wait_ms"]) for row in csv.DictReader(file)]
    assert found == [("anna", "old", "0"), ("b, c", "pressing", "995")]


def test_the_golden_monday_is_read_as_it_is(tmp_path: Path) -> None:
    kinds = "".join(f"    - {{name: c{rank}, rank: {rank}}}\n" for rank in range(3))
    regions = "".join(f"  {code}: {{nurses: 1}}\n" for code in range(21))
    text = (
        f"length: 12011 calls\ncontacts: {GOLDEN_MONDAY}\n"
        f"callers:\n  kinds:\n{kinds}regions:\n{regions}"
    )
    calls = list(read_calls(scenario_of(text, tmp_path)))
    assert [call.id_in_file for call in calls] == [str(number) for number in range(12_011)]
    with open_text(GOLDEN_MONDAY) as file:
        classes = [f"c{row['class']}" for row in csv.DictReader(file)]
    assert [call.kind.name for call in calls] == classes
    assert set(classes) == {"c0", "c1", "c2"}
