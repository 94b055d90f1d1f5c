"""The clock never steps, never goes back, and slews at most one part in a hundred."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given, strategies as st

from queue_engine.runtime.clock import SLEW_MAX, SPEED_MAX, Clock

MS = 1_000_000
HOUR = 3_600_000


class Hands:
    """The wall and the monotonic clock of a machine."""

    def __init__(self, wall_ms: int = 1_000_000) -> None:
        self.wall = wall_ms * MS
        self.monotonic = 77 * MS

    def clock(self, floor_ms: int = 0) -> Clock:
        return Clock(floor_ms, lambda: self.wall, lambda: self.monotonic)

    def go(self, ms: int) -> None:
        self.wall += ms * MS
        self.monotonic += ms * MS


def test_it_starts_at_the_wall_clock_and_goes_with_it() -> None:
    hands = Hands()
    clock = hands.clock()
    assert clock.now_ms() == 1_000_000
    hands.go(1234)
    assert clock.now_ms() == 1_001_234


def test_it_starts_no_earlier_than_the_last_record() -> None:
    clock = Hands().clock(floor_ms=2_000_000)
    assert clock.now_ms() == 2_000_000


def test_a_wall_clock_set_back_is_followed_slowly_and_never_backwards() -> None:
    hands = Hands()
    clock = hands.clock()
    hands.wall -= HOUR * MS
    before = clock.now_ms()
    for _ in range(100):
        hands.go(1000)
        now = clock.now_ms()
        assert 990 <= now - before <= 1000
        before = now
    assert before == 1_000_000 + 100 * 990


def test_a_wall_clock_set_forward_is_caught_up_with_at_one_percent() -> None:
    hands = Hands()
    clock = hands.clock()
    hands.wall += 10_000 * MS
    hands.go(100_000)
    assert clock.now_ms() == 1_000_000 + 101_000
    hands.go(2_000_000)
    assert clock.now_ms() == 1_000_000 + 2_100_000 + 10_000  # there, and no further


def test_reading_often_slews_no_more_than_reading_once() -> None:
    hands = Hands()
    clock = hands.clock()
    hands.wall += HOUR * MS
    for _ in range(10_000):
        hands.monotonic += MS // 10
        hands.wall += MS // 10
        clock.now_ms()
    assert clock.now_ms() == 1_000_000 + 1_010


@given(
    st.lists(st.tuples(st.integers(0, 10_000_000_000), st.integers(-(10**13), 10**13)), max_size=40)
)
def test_however_the_wall_clock_jumps_time_passes(steps: list[tuple[int, int]]) -> None:
    hands = Hands()
    clock = hands.clock()
    before_ns = clock.now_ms() * MS
    for passed_ns, jump_ns in steps:
        hands.monotonic += passed_ns
        hands.wall += passed_ns + jump_ns
        now_ns = clock.now_ms() * MS
        slack = passed_ns // SLEW_MAX + MS  # and a millisecond for rounding
        assert before_ns <= now_ns
        assert abs(now_ns - before_ns - passed_ns) <= slack
        before_ns = now_ns


def test_a_fast_clock_goes_so_many_times_as_fast_and_never_backwards_when_that_changes() -> None:
    hands = Hands()
    clock = hands.clock()
    clock.set_speed(60)
    hands.go(1_000)
    assert clock.now_ms() == 1_000_000 + 60_000
    assert clock.real_seconds(60_000) == 1.0
    hands.go(1_000)
    clock.set_speed(1)
    assert clock.now_ms() == 1_000_000 + 120_000
    hands.go(10_000)
    assert 9_900 <= clock.now_ms() - 1_120_000 <= 10_000, "it is ahead of the wall now"


@pytest.mark.parametrize("speed", [0, 0.5, -1, SPEED_MAX + 1, float("nan")])
def test_a_speed_out_of_bounds_is_refused(speed: float) -> None:
    clock = Hands().clock()
    with pytest.raises(ValueError, match="expected 1 to 60"):
        clock.set_speed(speed)
    assert clock.speed == 1


async def test_who_sleeps_by_a_fast_clock_wakes_early_and_notices_a_change_of_speed() -> None:
    clock = Clock(speed=SPEED_MAX)
    began_s = time.monotonic()
    before_ms = clock.now_ms()
    await clock.sleep_ms(3_000)
    assert clock.now_ms() - before_ms >= 3_000
    assert time.monotonic() - began_s < 2.0
    clock.set_speed(1)
    asleep = asyncio.create_task(clock.sleep_ms(6_000))
    await asyncio.sleep(0)
    clock.set_speed(SPEED_MAX)
    await asyncio.wait_for(asleep, 3.0)
