"""Alarms: each at its moment, in order, and none that was called off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from queue_engine.telephony.embedded.alarms import Alarms, call_off
from queue_engine.telephony.embedded.post import Post
from tests.telephony.embedded.hand_time import HandTime


@pytest.fixture
def time() -> HandTime:
    return HandTime()


@pytest.fixture
def alarms(time: HandTime) -> Alarms:
    return Alarms(lambda: time.ms, time.sleep_ms)


def note(log: list[tuple[str, int]], name: str, time: HandTime) -> Callable[[], None]:
    """Writes name and moment down."""
    return lambda: log.append((name, time.ms))


async def test_alarms_go_off_in_the_order_of_their_moments(time: HandTime, alarms: Alarms) -> None:
    log: list[tuple[str, int]] = []
    for name, at_ms in (("c", 300), ("a", 100), ("b1", 200), ("b2", 200)):
        alarms.after(at_ms, note(log, name, time))
    await time.pass_ms(199)
    assert log == [("a", 100)]
    await time.pass_ms(1_000)
    assert log == [("a", 100), ("b1", 200), ("b2", 200), ("c", 300)]
    assert alarms.count == 0


async def test_an_earlier_alarm_wakes_the_sleeper(time: HandTime, alarms: Alarms) -> None:
    log: list[tuple[str, int]] = []
    alarms.after(10_000, note(log, "late", time))
    await time.pass_ms(5)
    alarms.after(10, note(log, "early", time))
    await time.pass_ms(20)
    assert log == [("early", 15)]
    assert time.slept == [10_000, 10, 9_985]
    await alarms.close()


async def test_one_that_was_called_off_is_not_heard(time: HandTime, alarms: Alarms) -> None:
    log: list[tuple[str, int]] = []
    alarm = alarms.after(10, note(log, "off", time))
    alarms.after(20, note(log, "on", time))
    call_off(alarm)
    call_off(alarm)
    call_off(None)
    assert alarms.count == 1
    await time.pass_ms(30)
    call_off(alarm)
    assert log == [("on", 20)]
    assert alarms.count == 0


async def test_many_that_were_called_off_take_no_room(time: HandTime, alarms: Alarms) -> None:
    log: list[tuple[str, int]] = []
    alarms.after(5_000, note(log, "kept", time))
    for number in range(10_000):
        call_off(alarms.after(1_000 + number, note(log, "off", time)))
    assert len(alarms._heap) < 2_100
    assert alarms.count == 1
    await time.pass_ms(20_000)
    assert log == [("kept", 5_000)]


async def test_an_alarm_that_fails_stops_no_other(
    time: HandTime, alarms: Alarms, caplog: pytest.LogCaptureFixture
) -> None:
    log: list[tuple[str, int]] = []

    def fail() -> None:
        raise ValueError(str(time.ms))

    alarms.after(10, fail)
    alarms.after(10, note(log, "next", time))
    await time.pass_ms(10)
    assert log == [("next", 10)]
    assert "an alarm failed: ValueError" in caplog.text


async def test_alarms_set_by_alarms_and_after_a_rest(time: HandTime, alarms: Alarms) -> None:
    log: list[tuple[str, int]] = []

    def set_another() -> None:
        alarms.after(10, note(log, "second", time))

    alarms.after(10, set_another)
    await time.pass_ms(100)
    assert log == [("second", 20)]
    alarms.after(-5, note(log, "at once", time))
    await time.pass_ms(0)
    assert log[1:] == [("at once", 100)]


async def test_closed_alarms_are_silent(time: HandTime, alarms: Alarms) -> None:
    log: list[tuple[str, int]] = []
    alarms.after(10, note(log, "never", time))
    await time.pass_ms(5)
    await alarms.close()
    await time.pass_ms(100)
    assert log == []


async def test_a_clock_that_breaks_is_not_waited_on_for_ever() -> None:
    async def broken(_wait_ms: int) -> None:
        raise OSError("no clock")

    alarms = Alarms(lambda: 0, broken)
    alarms.after(10, lambda: None)
    runner = alarms._runner
    assert runner is not None
    async with asyncio.timeout(5):
        await asyncio.wait({runner})
    assert isinstance(runner.exception(), OSError)


def test_news_are_delivered_in_order_and_never_one_inside_another() -> None:
    post = Post()
    log: list[str] = []

    def first(news: str) -> None:
        log.append(f"first begins {news}")
        with post:
            post.send(second, "b")
        log.append(f"first ends {news}")

    def second(news: str) -> None:
        log.append(f"second {news}")

    with post:
        post.send(first, "a")
        with post:
            post.send(None, "nobody listens")
        assert log == []
    assert log == ["first begins a", "first ends a", "second b"]
