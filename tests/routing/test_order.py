"""Places and keys: the table of DESIGN 2, and what follows from it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from routing.order import Key, Place, key_for, place_of
from routing.policy import DEFAULT_PRIORITIES, MINUTE_MS, Order, Policy
from routing.vocabulary import Priority

POLICY = Policy("test", DEFAULT_PRIORITIES)
RULES = dict(DEFAULT_PRIORITIES)
PRIORITIES = st.sampled_from(list(Priority))
MOMENTS = st.integers(0, 10**7)


def place(priority: Priority, arrived_ms: int, sequence: int, order: Order = Order.DUE) -> Place:
    return place_of(order, priority, RULES[priority], arrived_ms, sequence)


def test_the_table_of_the_design() -> None:
    table = [(rule.tier, rule.due_after_ms, rule.answer_within_ms) for rule in RULES.values()]
    minute = MINUTE_MS
    assert table == [
        (0, 0, 30_000),
        (1, minute, minute),
        (2, 3 * minute, 3 * minute),
        (2, 8 * minute, 8 * minute),
        (3, 20 * minute, 20 * minute),
    ]


@given(PRIORITIES, PRIORITIES, MOMENTS, MOMENTS)
def test_a_later_one_passes_only_by_tier_or_by_being_due_earlier(
    one: Priority, other: Priority, arrived: int, later: int
) -> None:
    first, second = place(one, arrived, 1), place(other, arrived + later, 2)
    if RULES[one].tier == RULES[other].tier:
        passes = later < RULES[one].due_after_ms - RULES[other].due_after_ms
    else:
        passes = RULES[other].tier < RULES[one].tier
    assert (second < first) == passes


@given(MOMENTS, MOMENTS, MOMENTS)
def test_keys_do_not_change_as_time_passes(arrived: int, later: int, now: int) -> None:
    # There is no moment among the arguments; this says so in a test that fails if one comes.
    assert place(Priority.STANDARD, arrived, 1) == Place(2, arrived + 8 * MINUTE_MS, 1)


@pytest.mark.parametrize("priority", list(Priority))
def test_own_region_first_in_tiers_two_and_below(priority: Priority) -> None:
    at = place(priority, 0, 7)
    own, foreign = key_for(POLICY, True, at), key_for(POLICY, False, at)
    assert own == Key(at.rank, 0, at.due_ms, 7)
    assert foreign == Key(at.rank, 0 if at.rank < 2 else 1, at.due_ms, 7)


def test_minutes_of_advantage() -> None:
    policy = replace(POLICY, home_advantage_ms=90_000)
    at = place(Priority.STANDARD, 0, 7)
    assert key_for(policy, False, at) == Key(2, 0, at.due_ms + 90_000, 7)
    urgent = place(Priority.URGENT, 0, 7)
    assert key_for(policy, False, urgent) == key_for(policy, True, urgent)


def test_the_orders_kept_for_comparison_know_no_regions() -> None:
    for order in (Order.STRICT, Order.FIFO):
        at = place(Priority.NON_MEDICAL, 5, 1, order)
        policy = replace(POLICY, order=order)
        assert key_for(policy, False, at) == key_for(policy, True, at)
    assert place(Priority.NON_MEDICAL, 5, 1, Order.FIFO) == Place(0, 5, 1)
    assert place(Priority.NON_MEDICAL, 5, 1, Order.STRICT) == Place(4, 5, 1)
    assert place(Priority.RAISED, 9, 2, Order.STRICT) < place(Priority.STANDARD, 1, 1, Order.STRICT)
