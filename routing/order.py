"""The order of waiting contacts: tiers, due moments, and each agent's own view of them.

`due = arrived + due_after`. Agent *a* orders contacts by `key_a(c) = (rank, foreign_a, due,
sequence)` (DESIGN 2). No part of a key changes as time passes, so a backlog can never lift a
routine contact over an urgent one, as scores that grow by waiting do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from routing.policy import Order, Policy, PriorityRule
from routing.vocabulary import Priority

EMERGENCY_TIER: Final = 0
"""This tier is shared with all at once and ignores lending limits."""
HOME_TIER_MIN: Final = 2
"""From this tier on, an agent's own region comes first; above it, need alone counts."""

_STRICT_RANK: Final = {priority: rank for rank, priority in enumerate(Priority)}


class Place(NamedTuple):
    """A contact's place in the national order; less is earlier."""

    rank: int
    """The tier under `Order.DUE`."""
    due_ms: int
    sequence: int


class Key(NamedTuple):
    """A contact's place as one agent sees it; less is earlier."""

    rank: int
    foreign: int
    due_ms: int
    sequence: int


_DUE: Final = Order.DUE
_key: Final[Callable[[tuple[int, int, int, int]], Key]] = partial(tuple.__new__, Key)
_place: Final[Callable[[tuple[int, int, int]], Place]] = partial(tuple.__new__, Place)
"""They make a `Key`, a `Place` without a detour through its own initialiser: keys are made by the
dozen, and a place for every contact."""


def place_of(
    order: Order, priority: Priority, rule: PriorityRule, arrived_ms: int, sequence: int
) -> Place:
    """The place of a contact of this priority that arrived then."""
    if order is _DUE:
        return _place((rule.tier, arrived_ms + rule.due_after_ms, sequence))
    return _place((_STRICT_RANK[priority] if order is Order.STRICT else 0, arrived_ms, sequence))


def key_for(policy: Policy, is_own: bool, place: tuple[int, int, int]) -> Key:
    """`key_a(c)` at an agent for whom the contact is her own, or another region's.

    Args:
        place: a `Place`, or what one is made of.
    """
    rank, due_ms, sequence = place
    if is_own or policy.order is not _DUE or rank < HOME_TIER_MIN:
        return _key((rank, 0, due_ms, sequence))
    if policy.home_advantage_ms is None:
        return _key((rank, 1, due_ms, sequence))
    return _key((rank, 0, due_ms + policy.home_advantage_ms, sequence))
