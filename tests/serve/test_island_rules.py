"""When an island is over."""

from __future__ import annotations

from queue_engine.serve.island import STEADY_S, UNHELD_S, IslandWatch


def test_it_is_over_once_redis_has_answered_for_a_while() -> None:
    watch = IslandWatch(0.0)
    assert not watch.over(0.0, reaches_redis=False, holds=True)
    assert not watch.over(1.0, reaches_redis=True, holds=True)
    assert not watch.over(1.0 + STEADY_S / 2, reaches_redis=False, holds=True)
    assert not watch.over(2.0, reaches_redis=True, holds=True)
    assert not watch.over(2.0 + STEADY_S / 2, reaches_redis=True, holds=True)
    assert watch.over(2.0 + STEADY_S, reaches_redis=True, holds=True)


def test_it_is_over_once_it_has_held_no_switch_for_a_while() -> None:
    watch = IslandWatch(0.0)
    assert not watch.over(UNHELD_S, reaches_redis=False, holds=True)
    assert not watch.over(2 * UNHELD_S - 0.1, reaches_redis=False, holds=False)
    assert watch.over(2 * UNHELD_S, reaches_redis=False, holds=False)
