"""Calls from a file: which columns say what, and what became of each call."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from queue_engine import cli
from queue_engine.core.errors import BadInput
from simulations.scenario.arrivals import Call
from simulations.scenario.calls_file import check_calls, open_text, read_calls
from simulations.scenario.replications import jobs_of, run_all
from simulations.scenario.run import REDIAL_NUMBERS_FROM, Run
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
    found = _kinds(rows, tmp_path, head, KINDS.replace("4 calls", "5 calls"))
    assert found == ["pressing", "pressing", "old", "old", "std"]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("standard", "'standard' may be any of std, old; expected a kind's name"),
        ("0", "'0' may be any of std, pressing; expected a kind's name"),
        (
            "emergency",
            "the scenario has no 'emergency'; expected a kind (std, old, pressing), its"
            " priority (urgent, standard) or its rank (0, 1), of those that stand under kinds",
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
            "day.csv: expected the columns arrival_ms, region; no region",
        ),
        (
            "arrival_ms,region,patience_ms",
            "day.csv: expected a column handling_ms, or handling under callers of the scenario",
        ),
        (HEAD.replace(",", ";"), "day.csv:1: expected commas between the columns, found ';'"),
        (HEAD.replace(",", "\t"), "day.csv:1: expected commas between the columns, found '\\t'"),
        ("", "day.csv: expected the columns arrival_ms, region; no arrival_ms"),
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
    text = KINDS.replace("4 calls", "1 calls")
    assert check_calls(scenario_of(text, tmp_path)) == (('"hung up:where"',), "")
    arguments = ["simulate", str(tmp_path / "scenario.yaml"), "--json", "-r", "2"]
    assert cli.main(arguments) == 0
    assert capsys.readouterr().err == 'samko: day.csv: columns not read: "hung up:where"\n'


@pytest.mark.parametrize(
    ("length", "calls", "told"),
    [
        ("3 calls", 3, ""),
        ("3 calls", 5, "2 of its 5 calls come after the length of 3 calls, and are left out"),
        ("3 calls", 2, "it has 2 calls, for the length of 3 calls"),
        ("3 calls", 0, "it has no calls, for the length of 3 calls"),
        ("2 h", 2, ""),
        ("2 h", 4, "2 of its 4 calls come after the length of 2 h, and are left out"),
        ("2 h", 0, "it has no calls, for the length of 2 h"),
    ],
)
def test_calls_that_are_not_run_are_told(
    length: str, calls: int, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _kinds([f"{at * 3_600_000},north,urgent,1," for at in range(calls)], tmp_path)
    path = tmp_path / "scenario.yaml"
    path.write_text(KINDS.replace("length: 4 calls", f"length: {length}"))
    assert cli.main(["simulate", str(path), "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == (f"samko: day.csv: {told}\n" if told else "")
    left_out = int(told.partition(" ")[0]) if "left out" in told else 0
    assert json.loads(said.out)["policies"][0]["total"]["offered"] == calls - left_out


def test_nobody_calls_after_the_length_though_talks_go_on(tmp_path: Path) -> None:
    rows = [f"{at},north,,7200000," for at in (0, 3_599_999, 3_600_000, 5_000_000)]
    (tmp_path / "day.csv").write_text("\n".join([HEAD, *rows]) + "\n")
    scenario = scenario_of(KINDS.replace("4 calls", "1 h"), tmp_path)
    (figures,) = run_all(scenario, jobs_of(["alone"], 1, 1))
    assert [figures["total"][name] for name in ("offered", "answered")] == [2, 2]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("1", "the scenario has no '1'; did you mean \"01\"? It has 01, 14, north."),
        ("norht", "the scenario has no 'norht'; did you mean \"north\"? It has 01, 14, north."),
        ("99", "the scenario has no '99'. It has 01, 14, north."),
    ],
)
def test_which_regions_there_are_is_told(code: str, told: str, tmp_path: Path) -> None:
    regions = 'regions:\n  "01": {nurses: 1}\n  "14": {nurses: 1}\n'
    with pytest.raises(BadInput) as refused:
        _kinds([f"0,{code},urgent,1,"], tmp_path, text=KINDS.replace("regions:\n", regions))
    assert str(refused.value) == f"day.csv:2: region: {told}"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            b"0,north,urgent,1,\n5,n\xf6rd,,1,\n",
            "day.csv:3: cannot be read: expected text in UTF-8",
        ),
        (b'0,north,,1,\n\n5,north,"urgent,1,\n6,north,,1,\n', "day.csv:4: cannot be read: unexp"),
        (b'0,north,,1,\n5,north,"a"b,1,\n', "day.csv:3: cannot be read: ',' expected after '\"'"),
    ],
)
def test_where_text_cannot_be_read_is_told(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_bytes(HEAD.encode() + b"\n" + content)
    with pytest.raises(BadInput) as refused:
        list(read_calls(scenario_of(KINDS, tmp_path)))
    assert str(refused.value).startswith(told)


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


# --- what the file does not say -------------------------------------------------------------

ARRIVALS: Final = """\
length: LENGTH
contacts: day.csv
callers:
  handling: {exponential: 3 min}
  patience: {exponential: 5 min}
  menu: 10 s
  kinds: [{name: usual, weight: 9}, {name: pressing, weight: 1, priority: urgent}]
regions:
  north: {nurses: 2}
  south: {nurses: 2}
"""


def _arrivals(
    folder: Path, seed: int, head: str = "arrival_ms,region", rest: str = ""
) -> list[Call]:
    rows = [f"{1000 * at},{'north' if at % 3 else 'south'}{rest}" for at in range(2_000)]
    (folder / "day.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return list(read_calls(scenario_of(ARRIVALS.replace("LENGTH", "2000 calls"), folder), seed))


def test_of_arrivals_alone_all_else_is_drawn_and_the_same_for_one_seed(tmp_path: Path) -> None:
    calls = _arrivals(tmp_path, 1)
    assert sum(call.handling_ms for call in calls) / 2_000 == pytest.approx(180_000, rel=0.1)
    assert sum(call.patience_ms or 0 for call in calls) / 2_000 == pytest.approx(300_000, rel=0.1)
    assert sum(call.kind.name == "pressing" for call in calls) == pytest.approx(200, rel=0.3)
    assert {call.menu_ms for call in calls} == {10_000}
    assert calls == _arrivals(tmp_path, 1) != _arrivals(tmp_path, 2)


def test_what_has_a_column_is_not_drawn_even_where_its_cell_is_empty(tmp_path: Path) -> None:
    calls = _arrivals(tmp_path, 1, "arrival_ms,region,patience_ms,kind", ",,")
    assert {(call.patience_ms, call.kind.name) for call in calls} == {(None, "usual")}
    assert len({call.handling_ms for call in calls}) > 1_000


# --- files as they are ----------------------------------------------------------------------


def test_rows_in_another_order_are_sorted_and_the_first_so_many_taken(tmp_path: Path) -> None:
    rows = ["d,9,,", "a,1,,", "c,5,,", "b,1,,", "e,9,,"]
    text = "id,arrival_ms,priority,patience_ms,region,handling_ms\n"
    text += "".join(f"{row},north,1000\n" for row in rows)
    (tmp_path / "day.csv").write_text(text)
    scenario = scenario_of(KINDS, tmp_path)
    assert [call.id_in_file for call in read_calls(scenario)] == ["a", "b", "c", "d"]
    (figures,) = run_all(scenario, jobs_of(["alone"], 1, 1))
    assert figures["total"]["offered"] == 4


def test_a_mark_of_utf_8_spaces_and_empty_lines_are_nothing(tmp_path: Path) -> None:
    text = "arrival_ms, region ,handling_ms,\r\n\r\n0, north,1000,\r\n,,,\r\n"
    (tmp_path / "day.csv").write_text(text, encoding="utf-8-sig", newline="")
    (call,) = read_calls(scenario_of(KINDS, tmp_path))
    assert (call.region, call.handling_ms) == ("north", 1_000)


def test_a_file_that_cannot_be_read_is_told_without_a_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = GOLDEN_MONDAY.read_bytes()
    (tmp_path / "cut.csv.gz").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "spoilt.csv.gz").write_bytes(packed[:5_000] + b"xxxx" + packed[5_004:])
    (tmp_path / "quote.csv").write_text(f'{HEAD}\n0,north,"urgent,1,\n')
    regions = "".join(f"  {code}: {{nurses: 1}}\n" for code in range(21))
    ranked = KINDS.replace("name: std", "name: std, rank: 2")
    ranked = ranked.replace("urgent}", "urgent, rank: 0}")
    ranked = ranked.replace("regions:\n", f"regions:\n{regions}")
    for name in ("cut.csv.gz", "spoilt.csv.gz", "quote.csv", "none.csv"):
        (tmp_path / "scenario.yaml").write_text(ranked.replace("day.csv", name))
        assert cli.main(["simulate", str(tmp_path / "scenario.yaml")]) == 1
        said = capsys.readouterr().err
        assert re.search(rf"{name}(:2)?: cannot be read: ", said)
        assert said.count("\n") == 1


@pytest.mark.parametrize("calls", [0, 2])
def test_a_warm_up_that_takes_all_calls_is_told(
    calls: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"{at},north,urgent,1,\n" for at in range(calls))
    (tmp_path / "day.csv").write_text(f"{HEAD}\n{rows}")
    path = tmp_path / "scenario.yaml"
    path.write_text(KINDS.replace("length: 4 calls", "length: 100 calls\nwarm_up: 10 %"))
    assert cli.main(["simulate", str(path)]) == 1
    assert f"the warm_up of 10 calls takes all that came ({calls})" in capsys.readouterr().err


def test_a_day_without_calls_has_figures(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text(f"{HEAD}\n")
    (figures,) = run_all(scenario_of(KINDS, tmp_path), jobs_of(["alone"], 1, 1))
    assert (figures["total"]["offered"], figures["total"]["mean_wait_ms"]) == (0, None)


# --- what became of them --------------------------------------------------------------------

ALL_ENDS: Final = """\
length: 3 h
warm_up: 1 h
callers:
  handling: {exponential: 6 min}
  patience: {exponential: 6 min}
  redials: 50 %
  redial_after: 5 min
regions:
  north: {calls_per_hour: 60, nurses: 4, queue_places: 3}
"""


def test_every_call_has_a_line_in_order_of_arrival(tmp_path: Path) -> None:
    scenario = scenario_of(ALL_ENDS, tmp_path)
    (figures,) = run_all(scenario, jobs_of(["alone"], 1, 1, contacts_in=tmp_path))
    with (tmp_path / "contacts-alone-1.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    arrivals = [int(row["arrival_ms"]) for row in rows]
    assert arrivals == sorted(arrivals)
    numbers = [int(row["number"]) for row in rows]
    first = [number for number in numbers if number < REDIAL_NUMBERS_FROM]
    assert first == list(range(len(first)))
    assert len(set(numbers)) == len(numbers) > len(first) + 5
    assert [row["in_warm_up"] for row in rows] == [
        str(int(at_ms < 3_600_000)) for at_ms in arrivals
    ]
    counted = Counter(row["outcome"] for row in rows if row["in_warm_up"] == "0")
    for name in ("answered", "abandoned", "rejected"):
        assert counted[name] == figures["total"][name] > 5
    assert counted.total() == figures["total"]["offered"]


def test_of_a_run_that_is_ended_in_its_middle_no_file_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(run: Run) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Run, "go", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_all(scenario_of(ALL_ENDS, tmp_path), jobs_of(["alone"], 1, 2, contacts_in=tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["scenario.yaml"]
