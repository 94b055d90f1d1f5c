"""Who comes first under each order, on the same callers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from routing.policy import Order
from simulations.scenario.results import result
from simulations.scenario.run import Run
from tests.simulations.queue_formulas import mean_waits_by_class
from tests.simulations.scenario_files import result_of, scenario_of

ORDERS: Final = """\
length: 4000 calls
warm_up: 10 %
callers:
  handling: {exponential: 6 min}
  kinds:
    - {name: emergency, weight: 5, priority: emergency}
    - {name: raised, weight: 20, priority: raised}
    - {name: standard, weight: 60}
    - {name: admin, weight: 15, priority: non_medical}
regions:
  north: {calls_per_hour: 36, nurses: 4}
  south: {calls_per_hour: 55, nurses: 6}
policies:
  due: {order: due, share: at_once, home_first: never}
  strict: {order: strict, share: at_once, home_first: never}
  fifo: {order: fifo, share: at_once, home_first: never}
"""


def test_strict_is_the_cores_own_strict_order(tmp_path: Path) -> None:
    scenario = scenario_of(ORDERS, tmp_path)
    strict = Run(scenario, "strict", 1).go()
    policies = tuple(
        (name, replace(policy, order=Order.STRICT) if name == "due" else policy)
        for name, policy in scenario.policies
    )
    of_core = Run(replace(scenario, policies=policies), "due", 1).go()
    found = [result(scenario, outcome) for outcome in (strict, of_core)]
    for part in ("total", "regions", "kinds"):
        assert found[0][part] == found[1][part]


def test_the_orders_differ_in_who_waits_and_not_in_how_long_all_wait(tmp_path: Path) -> None:
    scenario = scenario_of(ORDERS, tmp_path)
    found = {name: result(scenario, Run(scenario, name, 1).go()) for name, _ in scenario.policies}
    waits = {
        name: [each["mean_wait_ms"] for each in one["kinds"].values()]
        for name, one in found.items()
    }
    assert waits["strict"] == sorted(waits["strict"])
    # Of one tier: under `due` who has waited five minutes longer comes first.
    assert waits["strict"][1] < waits["due"][1] < waits["due"][2] < waits["strict"][2]
    assert max(waits["fifo"]) < 1.3 * min(waits["fifo"])
    exact = mean_waits_by_class([91 * share / 100 for share in (5, 20, 60, 15)], 10, 10)
    for wait_ms, hours in zip(waits["strict"][:2], exact, strict=False):
        assert wait_ms / 3_600_000 == pytest.approx(hours, rel=0.35)


def test_ranks_count_within_a_priority(tmp_path: Path) -> None:
    ranked = (
        ORDERS.replace("4000 calls", "900 calls")
        .replace(
            "- {name: raised, weight: 20, priority: raised}",
            "- {name: raised, weight: 20, priority: raised, rank: 2}",
        )
        .replace("- {name: standard, weight: 60}", "- {name: standard, weight: 60, rank: 1}")
    )
    kinds = result_of(ranked, tmp_path, "strict")["kinds"]
    assert kinds["raised"]["mean_wait_ms"] < kinds["standard"]["mean_wait_ms"]
