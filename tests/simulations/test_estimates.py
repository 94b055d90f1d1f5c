"""What callers are told of their waits, held against what they waited."""

from __future__ import annotations

from dataclasses import replace

from queue_engine.config.load import Configuration
from routing.policy import Policy
from simulations.estimates import Estimates, Told, table
from simulations.overload import STAFF, overloaded

LOAD = 1.5


def told(policy: Policy, hours: int = 2) -> Estimates:
    found = Estimates()
    overloaded(policy, dict.fromkeys(STAFF, LOAD), 1, hours, watch=found.watch)
    return found


def share_right(found: list[Told]) -> float:
    assert len(found) > 500
    return sum(each.is_right for each in found) / len(found)


def test_with_the_right_assumption_history_costs_next_to_nothing(country: Configuration) -> None:
    found = told(country.policy)
    assert share_right(found.by_history) > share_right(found.by_place) - 0.05


def test_with_a_wrong_assumption_history_finds_the_band(country: Configuration) -> None:
    for scale in (0.6, 1.6):
        assumed = round(country.policy.handle_ms_assumed * scale)
        found = told(replace(country.policy, handle_ms_assumed=assumed))
        assert share_right(found.by_history) > share_right(found.by_place) + 0.15
        assert share_right(found.by_history) > 0.7


def test_the_table_has_a_line_for_each(country: Configuration) -> None:
    lines = list(table(country.policy, 1, 1))
    assert len(lines) == 10
    assert "assumed 16 min" in lines[-1]
