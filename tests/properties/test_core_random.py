"""Any commands in any order: the invariants hold, and replay gives the same state."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from queue_engine.core.apply import _WRITERS
from routing.policy import MINUTE_MS, Order, Policy
from tests.core.chaos import Chaos
from tests.core.world import POLICY, World

SEEDS = int(os.environ.get("SAMKO_CHAOS_SEEDS", "25"))
POLICIES = (
    POLICY,
    POLICY,
    replace(POLICY, home_advantage_ms=2 * MINUTE_MS),
    replace(POLICY, order=Order.STRICT, failures_max=2, tried_ms=1),
    replace(POLICY, order=Order.FIFO),
)


@pytest.mark.timeout(3600)
def test_any_commands_keep_the_invariants_and_every_event_occurs() -> None:
    occurred: set[str] = set()
    for seed in range(SEEDS):
        world = World(_policy(seed))
        try:
            Chaos(world, seed).run(steps=250)
        except AssertionError as fault:
            raise AssertionError(f"seed {seed}: {fault}") from fault
        world.check_replay()
        occurred |= {type(event).__name__ for record in world.records for event in record.events}
    missing = {kind.__name__ for kind in _WRITERS} - occurred
    assert not missing, f"never happened in {SEEDS} stories: {sorted(missing)}"


def _policy(seed: int) -> Policy:
    return POLICIES[seed % len(POLICIES)]
