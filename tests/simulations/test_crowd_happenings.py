"""What is planned happens at its time and in its order; what fails is not hidden."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

import pytest

from queue_engine.config.load import Configuration
from queue_engine.core.errors import EngineStopped, Refused
from routing.vocabulary import RegionCode
from simulations.crowd.crowd import Crowd
from simulations.crowd.happenings import TICK_MS, Happenings
from simulations.crowd.rota import Inhabited
from simulations.crowd.seats import Seat
from tests.simulations.crowd_scene import FakeConsole, FakeNetwork, made_up_clock
from tests.simulations.crowd_world import TUESDAY_10
from tests.simulations.virtual_time import in_no_time


async def run_for(happenings: Happenings, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await happenings.run()


def test_things_happen_at_their_time_in_their_order_and_not_if_cancelled() -> None:
    async def main() -> None:
        clock = made_up_clock()
        happenings = Happenings(clock)
        told: list[tuple[str, int]] = []

        def tell(name: str) -> None:
            told.append((name, clock.now_ms() - TUESDAY_10))

        def plan_another() -> None:
            happenings.after(0, lambda: tell("by another"))

        happenings.after(60_000, lambda: tell("last"))
        happenings.after(1_000, lambda: tell("first"))
        happenings.after(1_000, plan_another)
        happenings.after(1_000, lambda: tell("second"))
        happenings.after(1_000, lambda: tell("never")).cancel()
        happenings.at(TUESDAY_10 - 5_000, lambda: tell("late"))
        await run_for(happenings, 61)
        assert [name for name, _ in told] == ["late", "first", "second", "by another", "last"]
        planned = (0, 1_000, 1_000, 1_000, 60_000)
        for (_, at_ms), planned_ms in zip(told, planned, strict=True):
            assert planned_ms <= at_ms <= planned_ms + TICK_MS + 1
        assert len(happenings) == happenings.late_ms == 0

    in_no_time(main())


def test_how_late_it_is_can_be_seen() -> None:
    async def main() -> None:
        happenings = Happenings(made_up_clock())
        happenings.after(1_000, lambda: None)
        await asyncio.sleep(3)
        assert happenings.late_ms == 2_000

    in_no_time(main())


def test_others_get_their_turn_however_much_happens_at_once() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        happenings = Happenings(made_up_clock())
        done, seen = list[int](), set[int]()

        def other() -> None:
            seen.add(len(done))
            if len(done) < 500:
                loop.call_soon(other)

        def do(number: int) -> None:
            done.append(number)

        happenings.after(0, other)
        for number in range(500):
            happenings.after(0, partial(do, number))
        await run_for(happenings, 1)
        assert done == list(range(500))
        assert len(seen) > 5

    in_no_time(main())


class Failing(FakeConsole):
    """Nobody can sign on."""

    fault: Exception = Refused("overloaded", "not now")

    async def sign_on(self, seat: Seat) -> None:
        raise self.fault


@pytest.mark.parametrize("fault", [Refused("overloaded", "not now"), EngineStopped("stopped")])
def test_the_crowd_lives_with_an_engine_that_takes_nothing(
    country: Configuration, fault: Exception
) -> None:
    assert live(country, fault) is None


def test_what_only_we_can_have_done_wrong_ends_the_crowd(country: Configuration) -> None:
    ended = live(country, ZeroDivisionError("ours"))
    assert ended is not None
    assert ended.subgroup(ZeroDivisionError) is not None


def live(country: Configuration, fault: Exception) -> ExceptionGroup | None:
    """Some minutes with a console that fails; what the crowd ended with, if it did."""

    async def main() -> ExceptionGroup | None:
        clock = made_up_clock()
        console = Failing(clock.now_ms)
        console.fault = fault
        crowd = Crowd(
            FakeNetwork(),
            clock,
            console,
            seed=1,
            regions=[Inhabited(RegionCode("14"), 100_000)],
            menu=country.menus["national"],
            area_codes=country.area_codes,
        )
        crowd.begin()
        try:
            async with asyncio.timeout(300):
                await crowd.run()
        except TimeoutError:
            assert len(crowd.nurses) > 0, "they keep trying"
        except ExceptionGroup as ended:
            return ended
        return None

    return in_no_time(main())
