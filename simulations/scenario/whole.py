"""result.json: what all policies came to, and everything that its readers need to understand it."""

from __future__ import annotations

from collections.abc import Sequence

from simulations.scenario.differences import differences
from simulations.scenario.model import Scenario
from simulations.scenario.replications import together
from simulations.scenario.results import MINUTE_MS, Figures, target_shown


def whole(scenario: Scenario, policies: Sequence[str], results: Sequence[Figures]) -> Figures:
    """Everything that is told of a scenario.

    Args:
        policies: in the order in which they are to be told; others are held against the first.
        results: of each of these under each seed.
    """
    target = target_shown(scenario.main_target_ms)
    return {
        "scenario": scenario.name,
        "target": target,
        "replications": len(results) // len(policies),
        "setting": _setting(scenario, policies[0]),
        "policies": [
            together([one for one in results if one["policy"] == policy]) for policy in policies
        ],
        "differences": differences(results, policies, target),
    }


def _setting(scenario: Scenario, first: str) -> Figures:
    length = scenario.length
    tolerated = scenario.policy(first).loss_tolerance
    return {
        "length": {"end": length.end, "amount": length.amount, "warm_up": length.warm_up},
        "first_weekday": scenario.calendar.first_weekday,
        "target_ms": scenario.main_target_ms,
        "interval_minutes": scenario.interval_ms // MINUTE_MS,
        "regions": {region.code: region.name for region in scenario.regions},
        "shocks": [
            {
                "from_minute": shock.from_ms // MINUTE_MS,
                "to_minute": shock.to_ms // MINUTE_MS,
                "times": shock.times,
                "regions": list(shock.regions),
            }
            for shock in scenario.shocks
        ],
        "loss_tolerance": {
            "wait_ms": tolerated.wait_ms,
            "promise_permille": tolerated.promise_permille,
        },
    }
