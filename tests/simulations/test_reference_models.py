"""Cases of the kinds that are known, other than those of the file: held to exact formulas."""

from __future__ import annotations

from typing import Any, Final

import pytest

from queue_engine.core.errors import BadInput
from simulations.reference.__main__ import compare
from simulations.reference.cases import read_case
from tests.simulations.queue_formulas import (
    busy_at,
    erlang_b,
    mean_wait_of_one,
    mean_waits_by_class,
    steady,
)

CALLS: Final = 12_000
HOURLY: Final = tuple(float(4 + hour % 24) for hour in range(168))
"""Of a nation that is smaller."""


def _case(model: str, params: dict[str, Any], expected: dict[str, float], away: float) -> Any:
    tolerance = {name: max(away * abs(value), 0.004) for name, value in expected.items()}
    return {
        "name": "a/case: of ours",
        "model": model,
        "params": params,
        "expected": expected,
        "tolerance": tolerance,
        "calls": CALLS,
        "warmup_fraction": 0.1,
    }


def _check(model: str, params: dict[str, Any], expected: dict[str, float], away: float) -> None:
    found = compare(_case(model, params, expected, away), seed=1)
    assert len(found) == len(expected)
    for one in found:
        assert one.is_kept, one


LOSS: Final = [
    ("M/M/n/n loss", {"lam": 5, "mu": 1, "n": 6}, erlang_b(5, 6)),
    ("M/M/6/6", {"lam": 5, "mu": 1}, erlang_b(5, 6)),
    ("M/M/n/n loss", {"lam": 20, "mu": 2, "n": 8, "K": 8, "unit": "h"}, erlang_b(10, 8)),
    ("M/G/n/n loss", {"lam": 6, "n": 5, "service": "deterministic 1"}, erlang_b(6, 5)),
    ("M/G/n/n loss", {"lam": 6, "n": 5, "service": "gamma mean 1 cv .5"}, erlang_b(6, 5)),
    ("M/G/n/n loss", {"lams": [2, 3], "mu": [1, 2], "n": 4}, None),
    ("M/M/n/n loss", {"lams": [2, 3], "mu": [1, 2], "n": 4}, erlang_b(3.5, 4)),
]


@pytest.mark.parametrize(("model", "params", "blocked"), LOSS)
def test_loss(model: str, params: dict[str, Any], blocked: float | None) -> None:
    if blocked is None:
        with pytest.raises(BadInput, match="mu: expected a spread in words, under 'service'"):
            read_case(_case(model, params, {}, 0))
        return
    _check(model, params, {"p_block": blocked}, 0.1)


@pytest.mark.parametrize(
    ("model", "params", "places"),
    [
        ("M/M/n/K FIFO", {"lam": 5, "mu": 1, "n": 4, "K": 9}, 9),
        ("M/M/n/9", {"lam": 5, "mu": 1, "n": 4}, 9),
    ],
)
def test_few_places(model: str, params: dict[str, Any], places: int) -> None:
    exact = steady(5, 1, 4, places=places)
    _check(
        model,
        params,
        {
            "p_block": exact.p_block,
            "mean_wait": exact.mean_wait,
            "p_wait": exact.p_wait,
            "occupancy": exact.occupancy,
        },
        0.08,
    )


def test_few_places_and_patience() -> None:
    exact = steady(5, 1, 3, theta=0.5, places=7)
    params = {"lam": 5, "mu": 1, "n": 3, "K": 7, "theta": 0.5}
    _check("M/M/n/K+M", params, {"p_block": exact.p_block, "p_abandon": exact.p_abandon}, 0.12)


@pytest.mark.parametrize(
    ("model", "params", "variation"),
    [
        ("M/G/1 FIFO", {"lam": 0.6, "service": "gamma mean 1 cv .5"}, 0.5),
        ("M/G/n FIFO", {"lam": 0.6, "n": 1, "service": "lognormal mean 1 cv .6"}, 0.6),
        ("M/D/1 FIFO", {"lam": 0.6, "mu": 1}, 0.0),
        ("M/D/1", {"lam": 0.6, "service": "exactly 1"}, 0.0),
        ("M/M/1 FIFO", {"lam": 0.01, "mu": 1 / 60, "n": 1, "unit": "s"}, 1.0),
    ],
)
def test_one_nurse(model: str, params: dict[str, Any], variation: float) -> None:
    mean = 1.0 if "mu" not in params else 1 / params["mu"]
    exact = mean_wait_of_one(params["lam"], mean, variation)
    _check(model, params, {"mean_wait": exact, "p_wait": 0.6}, 0.12)


@pytest.mark.parametrize(
    ("lam", "mu", "n", "theta"), [(2.0, 1.0, 1, 1.0), (12.0, 2.0, 4, 0.5), (40.0, 1.0, 30, 2.0)]
)
def test_more_than_can_be_answered(lam: float, mu: float, n: int, theta: float) -> None:
    exact = steady(lam, mu, n, theta)
    expected = {
        "p_wait": exact.p_wait,
        "p_abandon": exact.p_abandon,
        "mean_wait": exact.mean_wait,
        "occupancy": exact.occupancy,
    }
    _check("M/M/n+M FIFO", {"lam": lam, "mu": mu, "n": n, "theta": theta}, expected, 0.08)


def test_who_has_no_patience_at_all_gives_up_at_once() -> None:
    params = {"lam": 5, "mu": 1, "n": 6, "patience": "exactly 0 min", "t": 0}
    blocked = erlang_b(5, 6)
    expected = {"p_abandon": blocked, "mean_wait": 0.0, "answered_within_t": 1 - blocked}
    _check("M/M/n+D", params, expected, 0.08)


def test_classes_that_differ_in_patience_are_as_one_that_is_mixed() -> None:
    """Of `patience_mix_3` the classes, each with a patience of its own."""
    params = {"lams": [0.1, 0.3], "mu": 0.125, "theta": [0.25, 3 / 56], "n": 3, "unit": "min"}
    expected = {"p_wait": 0.66124, "p_abandon": 0.22743, "occupancy": 0.82408}
    _check("M/M/n+M FIFO", params, expected, 0.06)


def test_priorities() -> None:
    exact = mean_waits_by_class([1.0, 2.0, 1.0], 1.0, 5)
    params = {"lams": [1, 2, 1], "mu": 1, "n": 5, "t": None}
    expected = {f"mean_wait_{index}": wait for index, wait in enumerate(exact)}
    _check("M/M/n non-preemptive priority", params, expected, 0.15)


def test_priorities_of_classes_that_give_up() -> None:
    """As `priority_abandon_20`, each class with its own list entry."""
    params = {"lams": [3, 8, 9], "mu": [1, 1, 1], "theta": [0.3] * 3, "n": 20}
    _check("M/M/n+M non-preemptive priority", params, {"p_abandon_2": 0.11538}, 0.3)


def test_regions_apart_and_together() -> None:
    apart, together = steady(2, 1, 3), steady(3, 1, 5)
    alone = steady(1, 1, 2)
    expected = {
        "separate_p_wait_0": apart.p_wait,
        "separate_p_wait_1": alone.p_wait,
        "pooled_p_wait": together.p_wait,
    }
    params = {"lams": [2, 1], "ns": [3, 2], "mu": 1, "theta": None}
    _check("separate queues against one shared queue", params, expected, 0.08)


def test_a_region_that_nobody_calls_and_one_whose_calls_take_longer() -> None:
    model = "two regions, overflow by queue length"
    params = {"lam": [2.0, 0], "mu": [1.0, 2.0], "n": [3, 2], "k": ["inf", 1], "theta": 0.0}
    _check(model, params, {"p_wait_0": steady(2, 1, 3).p_wait, "remote_share_0": 0.0}, 0.08)
    params = {"lam": [2.0, 3.0], "mu": [1.0, 2.0], "n": [3, 2], "k": [None, "inf"], "theta": [0, 1]}
    exact = steady(3, 2, 2, theta=1)
    expected = {"p_wait_0": steady(2, 1, 3).p_wait, "p_abandon_1": exact.p_abandon}
    _check(model, params, expected, 0.15)
    with pytest.raises(BadInput, match="mean_wait_1: there was nothing to count"):
        compare(_case(model, params | {"lam": [2.0, 0]}, {"mean_wait_1": 0.0}, 0))


def test_skills() -> None:
    # Nobody has the other's skill: two queues apart.
    params = {"lam": [2.0, 1.0], "mu": 1.0, "n": [3, 2, 0], "theta": 0}
    expected = {"p_wait_0": steady(2, 1, 3).p_wait, "p_wait_1": steady(1, 1, 2).p_wait}
    _check("two skills, specialists and generalists", params, expected, 0.08)
    # All have all, at one speed: one queue, and who comes first.
    one = steady(0.3, 0.2, 3)
    params = {"lams": {"a": 0.1, "b": 0.2}, "servers": [[0.2, "ab"]] * 3}
    expected = {"mean_wait_a": one.mean_wait, "mean_wait_b": one.mean_wait}
    _check("skills, FCFS + longest-idle", params, expected, 0.2)


@pytest.mark.parametrize(("first", "last"), [(0, 24), (24, 36), (0, 30), (160, 172)])
def test_any_hours_of_the_week(first: int, last: int) -> None:
    rates = [HOURLY[hour % 168] for hour in range(first, last)]
    calls = sum(rates)
    params = {
        "profile": f"national.json calls_per_hour[{first}:{last}], start empty at that hour",
        "service": "exponential mean 30 min",
        "servers": "unlimited",
    }
    expected = {"calls_per_morning": calls} | {
        f"busy_at_{first + hour}h": busy_at(rates, 0.5, hour) for hour in (0, 2.25, last - first)
    }
    mornings = 25
    raw = _case("M_t/G/infinity", params, expected, 0.0) | {
        "calls": mornings,
        "tolerance": {name: 4 * (value / mornings) ** 0.5 for name, value in expected.items()},
    }
    for one in compare(raw, seed=3, hourly=HOURLY):
        assert one.is_kept, one


@pytest.mark.parametrize(
    ("model", "params", "told"),
    [
        ("M/M/n FIFO", {"lam": 1, "mu": 1, "n": 2, "theta": 1}, "theta: expected nothing, in this"),
        ("M/M/n FIFO", {"lam": 1, "mu": 1, "n": 2, "K": 3}, "'K' is not of this model"),
        ("M/M/n FIFO", {"lam": 1, "mu": 1}, "'n' is missing"),
        ("M/M/n+M", {"lam": 1, "mu": 1, "n": 2}, "'theta' is missing"),
        ("M/M/n/K", {"lam": 1, "mu": 1, "n": 2}, "'K' is missing"),
        ("M/M/n/K", {"lam": 1, "mu": 1, "n": 2, "K": 1}, "K: expected at least 2, found 1"),
        ("M/M/n/n loss", {"lam": 1, "mu": 1, "n": 2, "K": 3}, "K: expected 2, found 3"),
        ("M/G/1 FIFO", {"lam": 1, "n": 2, "service": "exactly .5"}, "n: expected 1, found 2"),
        ("M/G/1 FIFO", {"lam": 1, "service": "Pareto mean 1"}, 'service: expected "exponential'),
        ("M/M/n LIFO", {"lam": 1, "mu": 1, "n": 2}, "the order 'lifo' of 'M/M/n LIFO' is not"),
        ("GI/M/n", {"lam": 1, "mu": 1, "n": 2}, "the model 'GI/M/n' is not known here"),
        ("M/M/n+G FIFO", {"lam": 1, "mu": 1, "n": 2, "patience": "long"}, "patience: expected"),
        ("M/M/n FIFO", {"lam": True, "mu": 1, "n": 2}, "lam: expected a number above 0"),
        ("M/M/n FIFO", {"lams": [1, 2], "mu": [1], "n": 2}, r"mu: expected 2 values, found \[1\]"),
    ],
)
def test_what_is_not_understood_is_told(model: str, params: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput, match="case 'a/case: of ours': .*" + told):
        read_case(_case(model, params, {}, 0))
