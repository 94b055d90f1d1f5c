"""Days whose times coincide, and lines that differ: whether two things at once are why."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import Final

import pytest

from queue_engine.core.errors import BadInput
from simulations.reference.__main__ import main
from simulations.reference.day import Compared, compare, write_scenario
from tests.simulations.day_elsewhere import POLICIES, Call, drawn, write_day

REFERENCE: Final = Path(__file__).parent / "reference"
GOLDEN: Final = REFERENCE / "golden_monday.csv.gz"
NATION: Final = REFERENCE / "national.json"
LATE_MS: Final = 7_000
WEEK_HOURS: Final = 168


def _nurses(*numbers: int) -> list[list[int]]:
    """As many at each hour, but for one more at every third."""
    return [[count + (hour % 3 == 0) for hour in range(WEEK_HOURS)] for count in numbers]


def _always(*numbers: int) -> list[list[int]]:
    return [[count] * WEEK_HOURS for count in numbers]


def _compared(day: Path, nation: Path, policy: str) -> Compared:
    return compare(day, write_scenario(day, nation, "some", day.parent), policy)


def _told(found: Compared) -> list[tuple[str, bool, str]]:
    return [(one.call, one.is_tie, one.follows) for one in found.differing]


@pytest.mark.parametrize("grain_ms", [1, 1_000, 30_000])
def test_what_happens_at_once_happens_in_the_order_of_the_rules(
    grain_ms: int, tmp_path: Path
) -> None:
    nurses = _nurses(2, 1, 3, 2, 4)
    day, nation = write_day(tmp_path, drawn(7, 900, 5, 5 * 3_600_000, grain_ms), nurses)
    for policy in POLICIES:
        assert _told(_compared(day, nation, policy)) == [], policy


def test_a_nurse_who_is_freed_takes_who_has_waited_exactly_so_long(tmp_path: Path) -> None:
    """Region 2's nurse has been free all the time; at 120 s region 0's becomes free."""
    calls = [Call(0, 0, 120_000, 10**6, 0), Call(0, 1, 500_000, 10**6, 0), Call(0, 1, 1, 10**6, 0)]
    day, nation = write_day(tmp_path, calls, _always(1, 1, 2), ("overflow_120",))
    assert "2,0,1,1,1000000,0,0,120000" in day.read_text()
    assert _told(_compared(day, nation, "overflow_120")) == []


def _rewrite(day: Path, changes: dict[tuple[str, str], str]) -> None:
    with day.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with day.open("w", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        out.writeheader()
        for row in rows:
            own = {name: value for (call, name), value in changes.items() if call == row["id"]}
            out.writerow(row | own)


def test_two_calls_that_end_at_once_are_a_tie_and_what_comes_of_it_follows(tmp_path: Path) -> None:
    calls = [
        Call(0, 0, 120_000, 10**6, 0),
        Call(0, 1, 120_000, 10**6, 0),
        Call(1_000, 0, 60_000, 10**6, 0),
        Call(130_000, 1, 100_000, 10**6, 0),
        Call(150_000, 0, 10_000, 10**6, 0),
    ]
    day, nation = write_day(tmp_path, calls, _always(1, 1), ("national",))
    assert _told(_compared(day, nation, "national")) == []
    # The other nurse was first: so the next call, of region 1, is answered in region 0.
    _rewrite(day, {("2", "national:where"): "1", ("3", "national:where"): "0"})
    _rewrite(day, {("4", "national:where"): "1"})
    found = _compared(day, nation, "national")
    assert _told(found) == [("2", True, ""), ("3", False, "2"), ("4", False, "2")]
    assert found.is_kept
    # No order of the two is so.
    _rewrite(day, {("4", "national:wait_ms"): "77000"})
    found = _compared(day, nation, "national")
    assert _told(found) == [("2", True, ""), ("3", False, "2"), ("4", False, "")]
    assert not found.is_kept


def test_a_wait_that_is_wrong_is_no_tie_though_another_call_ends_as_it_ends(
    tmp_path: Path,
) -> None:
    """Each of those who waited is answered in the millisecond in which another call ends."""
    day = tmp_path / "day.csv.gz"
    wrong: list[str] = []
    with gzip.open(GOLDEN, "rt", newline="") as source, gzip.open(day, "wt", newline="") as file:
        rows = csv.DictReader(source)
        out = csv.DictWriter(file, rows.fieldnames or (), lineterminator="\n")
        out.writeheader()
        for number, row in zip(range(4_000), rows, strict=False):
            wait_ms = int(row["separate:wait_ms"])
            if number % 50 == 0 and row["separate:where"] != "-1" and wait_ms and len(wrong) < 20:
                wrong.append(row["id"])
                row["separate:wait_ms"] = str(wait_ms + LATE_MS)
            out.writerow(row)
    found = compare(day, write_scenario(day, NATION, "prop100", tmp_path), "separate")
    assert len(wrong) == 20
    assert _told(found) == [(call, False, "") for call in wrong]


def test_a_day_may_begin_on_any_weekday(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monday, tuesday = [1] * 24, [3] * 24
    calls = drawn(3, 300, 2, 10 * 3_600_000, 1)
    day, nation = write_day(tmp_path, calls, [tuesday * 6 + monday] * 2, ("separate",))
    text = nation.read_text()
    nation.write_text(
        text.replace(str([tuesday * 6 + monday] * 2), str([monday + tuesday * 6] * 2))
    )
    asked = ["day", str(day), "--nation", str(nation), "--staffing", "some"]
    assert main([*asked, "--starts", "tue"]) == 0
    (tmp_path / "day.json").write_text('{"staffing": "some"}')
    assert main([*asked[:4], "--starts", "tue"]) == 0
    assert main([*asked, "--starts", "2026-11-17"]) == 0
    assert main(asked) == 1
    assert "NO REASON FOUND" in capsys.readouterr().out
    with pytest.raises(BadInput, match="starts: expected mon, tue"):
        write_scenario(day, nation, "some", tmp_path, "someday")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("id,arrival_ms\n", "expected the columns id, arrival_ms, region, .*; no region"),
        (
            "id,arrival_ms,region,handling_ms,patience_ms,class,separate:where,separate:wait_ms\n"
            "0,0,0,1,1,0,0,soon\n",
            "call 0: separate:wait_ms: expected whole milliseconds, found 'soon'",
        ),
    ],
)
def test_a_day_that_cannot_be_read_is_told(line: str, told: str, tmp_path: Path) -> None:
    day, nation = write_day(tmp_path, [Call(0, 0, 1, 1, 0)], _always(1), ("separate",))
    day.write_text(line)
    with pytest.raises(BadInput, match=told):
        _compared(day, nation, "separate")
