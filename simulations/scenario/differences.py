"""What one policy does better or worse than another on the very same callers.

House rules: differences are taken seed by seed and their interval (95 %, Student's) is of these
differences: as the callers are the same under both, it is narrower than the intervals of the two
policies tell. A difference is sure if its interval does not contain 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from simulations.scenario.replications import half_width
from simulations.scenario.results import DIGITS, Figures


def differences(results: Sequence[Figures], policies: Sequence[str], target: str) -> list[Figures]:
    """Every policy but the first against the first, in all and by home region.

    Args:
        results: of every policy under every seed.
        target: the one that `answered_within_target` is about, as `target_shown` writes it.
    """
    by_policy = {
        policy: {one["seed"]: one for one in results if one["policy"] == policy}
        for policy in policies
    }
    first = by_policy[policies[0]]
    return [
        {
            "policy": policy,
            "against": policies[0],
            "total": _compared(first, by_policy[policy], lambda one: one["total"], target),
            "regions": {
                code: _compared(first, by_policy[policy], partial(_region, code), target)
                for code in results[0]["regions"]
            },
        }
        for policy in policies[1:]
    ]


def _region(code: str, one: Figures) -> Figures:
    found: Figures = one["regions"][code]
    return found


def _compared(
    before: dict[int, Figures],
    after: dict[int, Figures],
    part: Callable[[Figures], Figures],
    target: str,
) -> Figures:
    found: Figures = {}
    for name, figure in FIGURES.items():
        pairs = [
            (figure(part(before[seed]), target), figure(part(after[seed]), target))
            for seed in before
        ]
        changes = [now - then for then, now in pairs if then is not None and now is not None]
        found[name] = {
            "difference": round(sum(changes) / len(changes), DIGITS) if changes else None,
            "interval95": round(half_width(changes), DIGITS) if len(changes) > 1 else None,
        }
    return found


def gave_up(part: Figures) -> float | None:
    """The share of callers who gave up, were turned away, or were rung back in vain."""
    gone: float = part["abandoned"] + part["rejected"] + part.get("not_reached", 0)
    return gone / part["offered"] if part["offered"] else None


Figure = Callable[[Figures, str], Any]

FIGURES: Final[dict[str, Figure]] = {
    "answered_within_target": lambda part, target: part["answered_within"][target],
    "service_level": lambda part, target: part["service_level"],
    "mean_wait_ms": lambda part, target: part["mean_wait_ms"],
    "p95_wait_ms": lambda part, target: part["p95_wait_ms"],
    "gave_up": lambda part, target: gave_up(part),
    "occupancy": lambda part, target: part["occupancy"],
}
