"""What a region's next caller may have to wait, as those who watch the queue see it."""

from __future__ import annotations

from queue_engine.core.region_wait import region_wait_ms
from routing.vocabulary import RegionCode
from tests.core.world import World

HERE = RegionCode("22")
MINUTE_MS = 60_000


def minutes(world: World) -> float | None:
    wait_ms = region_wait_ms(world.state, HERE, world.now_ms)
    return None if wait_ms is None else wait_ms / MINUTE_MS


def test_without_a_history_it_is_what_the_own_nurses_need() -> None:
    world = World()
    assert minutes(world) is None
    world.agent("a1")
    assert minutes(world) == 0
    world.caller("c1")
    world.answer("c1")
    world.caller("c2")
    assert minutes(world) == 20


def test_with_one_it_is_in_the_proportion_in_which_forecasts_were_right() -> None:
    """Foretold ten minutes and waited forty: with twenty minutes' trust twice as long."""
    world = World()
    world.agent("a1")
    world.caller("c1")
    world.answer("c1")
    world.caller("c2")
    world.wait(40 * MINUTE_MS)
    world.nurse_hangs_up("c1")
    world.wait(5 * MINUTE_MS)
    world.answer("c2")
    assert minutes(world) == 10 * (45 + 20) / (10 + 20)


def test_where_nobody_takes_calls_it_is_as_long_as_the_last_one_has_waited() -> None:
    world = World()
    world.caller("c1")
    world.wait(8 * MINUTE_MS)
    for name in ("a8", "a9"):
        world.agent(name, "23")
    world.answer("c1")
    assert minutes(world) == 8
