"""`python -m simulations.reference`: what is told of files that are not what they should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from simulations.reference.__main__ import main

REFERENCE: Final = Path(__file__).parent / "reference"
CASES: Final = REFERENCE / "cases.json"
NATION: Final = REFERENCE / "national.json"
GOLDEN: Final = REFERENCE / "golden_monday.csv.gz"
LINES: Final = "id,arrival_ms,region,handling_ms,patience_ms,class\n0,0,1,1,,0\n"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("cases NONE.json", "NONE.json: cannot be read: No such file"),
        ("cases TEXT.json", "TEXT.json:2: expected JSON: "),
        ("cases LATIN.json", "LATIN.json: cannot be read: expected JSON in UTF-8"),
        ("cases NATION", "expected a list of cases"),
        ("cases CASES --scale 0", "--scale: expected a number above 0, found 0"),
        ("cases CASES --hourly CASES", "no 'calls_per_hour'"),
        ("nation NONE.json", "NONE.json: cannot be read: No such file"),
        ("nation CASES", "cases.json: expected a nation as in national.json; no 'regions'"),
        ("day GOLDEN --nation CASES", "expected a nation as in national.json; no 'regions'"),
        ("day GOLDEN --nation NONE.json", "NONE.json: cannot be read: No such file"),
        (
            "day GOLDEN --nation NATION --policy nope",
            "golden_monday.csv.gz: no policy 'nope'; it has separate, overflow_120,",
        ),
        ("day DAY.csv --nation NATION", "DAY.csv: expected the columns POLICY:where and"),
        ("day CUT.csv.gz --nation NATION", "CUT.csv.gz: cannot be read: "),
    ],
)
def test_a_file_that_is_something_else_is_told_in_one_line(
    asked: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "TEXT.json").write_text("[\nnot JSON]")
    (tmp_path / "LATIN.json").write_bytes(b'["G\xf6teborg"]')
    (tmp_path / "DAY.csv").write_text(LINES)
    (tmp_path / "CUT.csv.gz").write_bytes(GOLDEN.read_bytes()[:20_000])
    known = {"CASES": CASES, "NATION": NATION, "GOLDEN": GOLDEN}
    words = [
        str(known[word] if word in known else tmp_path / word if "." in word else word)
        for word in asked.split()
    ]
    assert main(words) == 1
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1


def test_a_case_that_is_not_understood_does_not_keep_the_others_from_being_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raws: list[dict[str, Any]] = json.loads(CASES.read_text(encoding="utf-8"))
    known = next(raw for raw in raws if raw["name"] == "mm1_80")
    strange = known | {"name": "strange", "model": "GI/GI/n LIFO"}
    (tmp_path / "cases.json").write_text(json.dumps([strange, known]))
    assert main(["cases", str(tmp_path / "cases.json"), "--scale", "0.02"]) == 1
    said = capsys.readouterr()
    assert "case 'strange': the model 'GI/GI/n LIFO' is not known here" in said.err
    assert said.out.count("mm1_80 ") == len(known["expected"])
    assert said.out.endswith("all within tolerance\n1 of 2 cases were not understood\n")
