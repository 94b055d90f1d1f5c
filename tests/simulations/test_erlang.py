"""Erlang's formulas against figures that others have worked out."""

from __future__ import annotations

import json
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any, Final

import pytest

from simulations.erlang import ErlangA, chance_of_waiting, mean_wait_ms, nurses_needed

CASES: Final[dict[str, dict[str, Any]]] = {
    case["name"]: case
    for case in json.loads(
        (Path(__file__).parent / "reference" / "cases.json").read_text(encoding="utf-8")
    )
}


def queue_of(params: dict[str, Any]) -> ErlangA:
    patience = 1 / params["theta"] if "theta" in params else None
    return ErlangA(params["lam"], 1 / params["mu"], patience, params["n"])


@pytest.mark.parametrize("name", ["erlang_a_50", "erlang_a_100_critical", "erlang_a_theta_eq_mu"])
def test_erlang_a_is_exact(name: str) -> None:
    case = CASES[name]
    queue, expected = queue_of(case["params"]), case["expected"]
    time = case["params"]["t"]
    found = {
        "p_wait": queue.p_wait,
        "p_abandon": queue.p_abandon,
        "mean_wait": queue.mean_wait,
        "answered_within_t": queue.answered_within(time),
        "wait_le_t": queue.waits_at_most(time),
        "occupancy": queue.occupancy,
    }
    assert found == pytest.approx({name: expected[name] for name in found}, rel=1e-9)


@pytest.mark.parametrize("name", ["erlang_c_14", "mm1_80", "mm100_95"])
def test_with_endless_patience_it_is_erlang_c(name: str) -> None:
    case = CASES[name]
    queue, expected, time = queue_of(case["params"]), case["expected"], case["params"]["t"]
    assert queue.p_wait == pytest.approx(expected["p_wait"], rel=1e-9)
    assert queue.mean_wait == pytest.approx(expected["mean_wait"], rel=1e-9)
    assert queue.waits_at_most(time) == pytest.approx(expected["wait_le_t"], rel=1e-9)
    assert queue.answered_within(time) == pytest.approx(expected["wait_le_t"], rel=1e-9)
    assert queue.p_abandon == 0.0
    assert queue.occupancy == pytest.approx(expected["occupancy"])
    erlangs = case["params"]["lam"] / case["params"]["mu"]
    assert queue.p_wait == pytest.approx(chance_of_waiting(erlangs, queue.nurses))
    assert queue.mean_wait == pytest.approx(mean_wait_ms(erlangs, queue.nurses, queue.handling))


def test_with_no_patience_at_all_it_is_erlang_b() -> None:
    """Who finds all 60 busy is gone: 55 erlangs, as the case of loss without waiting."""
    lost = ErlangA(calls=55, handling=1, patience=1e-9, nurses=60).p_abandon
    assert lost == pytest.approx(CASES["loss_60_lognormal"]["expected"]["p_block"], rel=1e-6)


def test_hardly_anybody_gives_up_who_is_very_patient() -> None:
    patient, endless = (ErlangA(95, 1, patience, 100) for patience in (1e7, None))
    assert patient.p_wait == pytest.approx(endless.p_wait, rel=1e-4)
    assert patient.answered_within(0.05) == pytest.approx(endless.answered_within(0.05), rel=1e-4)


def test_an_overload_without_end_has_no_steady_state() -> None:
    queue = ErlangA(calls=10, handling=1, patience=None, nurses=10)
    assert (queue.p_wait, queue.mean_wait, queue.occupancy) == (1.0, inf, 1.0)
    assert (queue.answered_within(5), queue.waits_at_most(5)) == (0.0, 0.0)


@pytest.mark.parametrize(("calls", "nurses"), [(2_000.0, 100), (0.01, 300)])
def test_the_most_and_the_least_busy_are_told_in_numbers(calls: float, nurses: int) -> None:
    queue = ErlangA(calls, handling=1, patience=50, nurses=nurses)
    assert 0 <= queue.p_wait <= 1 + 1e-9
    given_up = max(0.0, 1 - nurses / calls)
    assert queue.p_abandon == pytest.approx(given_up, abs=1e-6)


def test_more_nurses_answer_sooner() -> None:
    shares = [ErlangA(30, 1, 2.0, nurses).answered_within(0.1) for nurses in range(1, 60)]
    for fewer, more in pairwise(shares):
        assert fewer < more + 1e-12
    assert shares[0] < 0.1
    assert shares[-1] > 0.99


def test_so_many_are_needed_and_not_one_fewer() -> None:
    needed = nurses_needed(10.0, 180.0, wait_ms_max=8.0, occupancy_max=0.95)
    assert mean_wait_ms(10.0, needed, 180.0) <= 8.0 < mean_wait_ms(10.0, needed - 1, 180.0)
    assert nurses_needed(10.0, 180.0, wait_ms_max=inf, occupancy_max=0.5) == 20
