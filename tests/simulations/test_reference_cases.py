"""Queueing models whose results are known exactly, run by the very core.

The short form has a few calls of each, and a tolerance as much wider; the long form all of them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

import pytest

from queue_engine.core.errors import BadInput
from simulations.reference.__main__ import compare, main, read_hourly
from simulations.reference.cases import read_case

REFERENCE: Final = Path(__file__).parent / "reference"
CASES: Final[list[dict[str, Any]]] = json.loads((REFERENCE / "cases.json").read_text("utf-8"))
CALLS: Final = 4_000
MORNINGS: Final = 2
HOURLY: Final = read_hourly(REFERENCE / "national.json")


@pytest.mark.parametrize("raw", CASES, ids=lambda raw: raw["name"])
def test_a_few_calls_of_each_case_come_out_as_they_must(raw: dict[str, Any]) -> None:
    calls = MORNINGS if "profile" in raw["params"] else CALLS
    _check(raw, seed=1, scale=calls / raw["calls"])


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("raw", CASES, ids=lambda raw: raw["name"])
def test_each_case_whole(raw: dict[str, Any]) -> None:
    _check(raw, seed=int(os.environ.get("SEED", "1")), scale=1.0)


def _check(raw: dict[str, Any], seed: int, scale: float) -> None:
    found = compare(raw, seed, scale, HOURLY)
    assert len(found) == len(raw["expected"])
    for one in found:
        assert one.is_kept, one


def test_a_wrong_expectation_is_told() -> None:
    raw = next(raw for raw in CASES if raw["name"] == "mm1_80")
    wrong = {**raw, "expected": {"occupancy": 0.5}, "tolerance": {"occupancy": 0.001}}
    (found,) = compare(wrong, scale=1_000 / raw["calls"])
    assert not found.is_kept


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"model": None}, "'model' is missing"),
        ({"params": None}, "'params' is missing"),
        ({"tolerance": {}}, "'p_wait' is missing"),
        ({"params": {"lam": 1.0, "n": 2}}, "'mu' is missing"),
    ],
)
def test_what_is_not_understood_is_told(changed: dict[str, Any], told: str) -> None:
    raw = {name: value for name, value in {**CASES[0], **changed}.items() if value is not None}
    with pytest.raises(BadInput, match=f"case 'erlang_c_14': {told}"):
        read_case(raw)


def test_the_nations_calls_are_read_beside_the_cases(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--only", "nhpp_morning_infinite_nurses", "--scale", "0.01"]
    assert main(["cases", str(REFERENCE / "cases.json"), *arguments]) == 0
    assert "all within tolerance" in capsys.readouterr().out
