"""A Monday of 12,011 calls, line by line, as two other programs have worked it out."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import Final

import pytest

from queue_engine.core.errors import BadInput
from simulations.reference.day import compare, policies_of, rules_of, write_scenario

REFERENCE: Final = Path(__file__).parent / "reference"
DAY: Final = REFERENCE / "golden_monday.csv.gz"
NATION: Final = REFERENCE / "national.json"
CALLS: Final = 12_011


def test_the_day_has_three_policies() -> None:
    assert policies_of(DAY) == ["separate", "overflow_120", "national_priority"]


@pytest.mark.parametrize("policy", policies_of(DAY))
def test_every_call_of_the_day_comes_out_as_it_must(policy: str, tmp_path: Path) -> None:
    found = compare(DAY, write_scenario(DAY, NATION, "prop100", tmp_path), policy)
    assert found.calls == CALLS
    assert [one for one in found.differing if not one.is_tie] == []
    assert len(found.differing) <= 4


def test_a_line_that_differs_is_told_with_its_reason(tmp_path: Path) -> None:
    day = tmp_path / "day.csv.gz"
    with gzip.open(DAY, "rt", newline="") as source, gzip.open(day, "wt", newline="") as file:
        rows = csv.DictReader(source)
        out = csv.DictWriter(file, rows.fieldnames or (), lineterminator="\n")
        out.writeheader()
        for number, row in zip(range(300), rows, strict=False):
            wrong = {"separate:wait_ms": "12345"} if number == 200 else {}
            out.writerow({**row, **wrong})
    found = compare(day, write_scenario(day, NATION, "prop100", tmp_path), "separate")
    assert not found.is_kept
    assert [(one.call, one.expected[1], one.is_tie) for one in found.differing] == [
        ("200", 12345, False)
    ]


def test_staffing_and_policies_that_are_not_known_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no staffing 'none'; it has own60"):
        write_scenario(DAY, NATION, "none", tmp_path)
    with pytest.raises(BadInput, match="the policy 'overflow_soon' is not known here"):
        rules_of("overflow_soon")
