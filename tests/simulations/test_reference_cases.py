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
from simulations.reference.__main__ import compare, read_hourly
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
        ({"patience": "rather long"}, "patience 'rather long' is not known here"),
        ({"service": "Pareto mean 1"}, "service 'Pareto mean 1' is not known here"),
        ({"lam": None, "lams": None}, "'lam' is missing"),
    ],
)
def test_what_is_not_understood_is_told(changed: dict[str, Any], told: str) -> None:
    params = {"lam": 1.0, "mu": 1.0, "n": 2} | changed
    params = {name: value for name, value in params.items() if value is not None}
    raw = {**CASES[0], "params": params}
    with pytest.raises(BadInput, match=told):
        read_case(raw)
