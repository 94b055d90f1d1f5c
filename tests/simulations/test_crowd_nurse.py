"""One nurse at a time: her shift, her phone, and what she puts right when she looks up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from queue_engine.core.agent import AgentState
from queue_engine.telephony.embedded.phone import PhoneState
from routing.vocabulary import NotReadyReason, RegionCode
from simulations.crowd.happenings import Happenings
from simulations.crowd.nurse import LOOK_MS, STRANGER_S, Doing, Nurse, NurseHabits
from simulations.crowd.rota import Shift
from simulations.crowd.seats import seat_of
from simulations.draws import Draws, Shape, Spread
from tests.simulations.crowd_scene import FakeConsole, FakePhone, made_up_clock
from tests.simulations.crowd_world import TUESDAY_10
from tests.simulations.virtual_time import in_no_time

SEAT = seat_of(RegionCode("14"), 3)
HOUR_MS = 3_600_000
LOOK_S = LOOK_MS / 1000
HABITS = NurseHabits(
    answer=Spread(Shape.FIXED, 4_000),
    misses=0.0,
    content=Spread(Shape.FIXED, 300_000),
    wrap_up=Spread(Shape.FIXED, 100_000),
    break_ms=0,
)


@dataclass
class Scene:
    """A nurse, her phone and her screen."""

    phone: FakePhone
    console: FakeConsole
    nurse: Nurse
    left: list[Nurse]

    async def talks(self, contact_id: str = "emb1-1.0") -> None:
        """Her phone rings, she answers, and the engine says that she talks."""
        self.phone.ring(contact_id)
        await asyncio.sleep(5)
        assert self.phone.is_in_talk
        self.console.has(SEAT.agent_id, AgentState.TALKING)

    def hangs_up(self) -> None:
        """The talk is over: the engine gives her its wrap-up."""
        self.console.has(SEAT.agent_id, AgentState.WRAP_UP)
        self.phone.hang_up()


def scene(
    act: Callable[[Scene], Awaitable[None]],
    habits: NurseHabits = HABITS,
    hours: float = 2,
    speed: float = 1.0,
    signed_on: bool = False,
) -> None:
    """Lets it happen; she begins at once and has so many hours before her."""

    async def main() -> None:
        clock = made_up_clock(speed=speed)
        happenings = Happenings(clock)
        phone, console = FakePhone(), FakeConsole(clock.now_ms)
        if signed_on:
            await console.sign_on(SEAT)
        left: list[Nurse] = []
        async with asyncio.TaskGroup() as group:

            def begin(doing: Doing) -> None:
                group.create_task(_refused_is_fine(doing))

            shift = Shift(SEAT, TUESDAY_10, TUESDAY_10 + round(hours * HOUR_MS))
            nurse = Nurse(
                shift,
                TUESDAY_10,
                phone,
                console,
                happenings,
                Draws(1, "nurse"),
                habits,
                begin=begin,
                is_of_crowd=lambda contact_id: contact_id.startswith("emb1"),
                on_left=left.append,
            )
            nurse.take_seat()
            running = group.create_task(happenings.run())
            await asyncio.sleep(1)
            await act(Scene(phone, console, nurse, left))
            running.cancel()

    in_no_time(main())


async def _refused_is_fine(doing: Doing) -> None:
    with suppress(Exception):
        await doing


def test_she_signs_on_is_ready_and_goes_home_at_the_end_of_her_shift() -> None:
    async def act(scene: Scene) -> None:
        assert scene.console.what() == ["sign_on", "ready"]
        await asyncio.sleep(2 * 3600 + 2 * LOOK_S)
        assert scene.console.what() == ["sign_on", "ready", "sign_off"]
        assert scene.phone.state is PhoneState.UNPLUGGED
        assert scene.phone.listener is None
        assert scene.left == [scene.nurse]

    scene(act)


def test_she_answers_talks_writes_and_is_there_for_the_next() -> None:
    async def act(scene: Scene) -> None:
        await scene.talks()
        await asyncio.sleep(290)
        assert scene.phone.is_in_talk
        scene.console.has(SEAT.agent_id, AgentState.WRAP_UP)
        await asyncio.sleep(10)
        assert not scene.phone.is_in_talk, "she has nothing more to say"
        await asyncio.sleep(95)
        assert scene.console.what()[2:] == []
        await asyncio.sleep(10)
        assert scene.console.what()[2:] == ["end_wrap_up"]

    scene(act)


def test_a_ring_that_she_does_not_hear_makes_her_ready_again_when_she_looks_up() -> None:
    async def act(scene: Scene) -> None:
        scene.phone.ring("emb1-1.0")
        await asyncio.sleep(20)
        scene.phone.ring_out()
        scene.console.not_ready_now(SEAT.agent_id, NotReadyReason.NO_ANSWER)
        await asyncio.sleep(LOOK_S)
        assert scene.console.what()[2:] == ["ready"]

    scene(act, NurseHabits(misses=1.0, break_ms=0))


def test_what_a_supervisor_has_set_she_does_not_undo() -> None:
    async def act(scene: Scene) -> None:
        scene.console.not_ready_now(SEAT.agent_id, NotReadyReason.FORCED)
        await asyncio.sleep(10 * LOOK_S)
        assert scene.console.what()[2:] == []

    scene(act)


def test_what_was_refused_she_tries_again() -> None:
    async def act(scene: Scene) -> None:
        await scene.talks()
        scene.console.refusals = 2
        scene.hangs_up()
        await asyncio.sleep(100 + 3 * (LOOK_S + 100))
        assert scene.console.what()[2:] == ["end_wrap_up"]

    scene(act)


def test_her_break_waits_until_she_has_nothing_to_do() -> None:
    async def act(scene: Scene) -> None:
        await scene.talks()
        await asyncio.sleep(5 * 3600)
        assert scene.console.what()[2:] == []
        scene.hangs_up()
        await asyncio.sleep(110)
        assert scene.console.what()[2:] == ["not_ready break", "end_wrap_up"]
        await asyncio.sleep(30 * 60 + LOOK_S)
        assert scene.console.what()[4:] == ["ready"]
        (began_ms, _), _, (ended_ms, _) = scene.console.done[2:]
        assert 30 * 60_000 <= ended_ms - began_ms < 30 * 60_000 + LOOK_MS
        assert began_ms >= TUESDAY_10 + 2 * HOUR_MS

    scene(act, NurseHabits(misses=0.0, content=Spread(Shape.FIXED, 100 * HOUR_MS)), hours=6)


def test_at_the_end_of_her_shift_she_first_finishes_what_she_has() -> None:
    async def act(scene: Scene) -> None:
        await asyncio.sleep(3600 - 100)
        await scene.talks()
        await asyncio.sleep(280)
        assert scene.console.what()[2:] == []
        scene.hangs_up()
        await asyncio.sleep(110)
        assert scene.console.what()[2:] == ["sign_off"], "which ends her wrap-up too"
        await asyncio.sleep(LOOK_S)
        assert scene.left == [scene.nurse]

    scene(act, hours=1)


def test_with_a_stranger_she_talks_for_a_while_as_he_feels_it() -> None:
    async def act(scene: Scene) -> None:
        await scene.talks("somebody")
        await asyncio.sleep(STRANGER_S - 7)
        assert scene.phone.is_in_talk
        await asyncio.sleep(9)
        assert not scene.phone.is_in_talk

    async def with_crowd(scene: Scene) -> None:
        await scene.talks()
        await asyncio.sleep(6)
        assert not scene.phone.is_in_talk, "five minutes at sixty times the speed"

    scene(act, speed=60)
    scene(with_crowd, speed=60)


def test_after_a_restart_she_goes_on_with_what_she_had() -> None:
    async def act(scene: Scene) -> None:
        scene.console.has(SEAT.agent_id, AgentState.WRAP_UP)
        await asyncio.sleep(LOOK_S + 110)
        assert scene.console.what() == ["sign_on", "ready", "end_wrap_up"]

    scene(act, signed_on=True)


def test_when_somebody_else_sits_down_at_her_phone_she_is_gone() -> None:
    async def act(scene: Scene) -> None:
        def somebody_else(_news: object) -> None:
            """Hears, and does nothing."""

        scene.phone.listener = somebody_else
        await asyncio.sleep(LOOK_S)
        assert scene.left == [scene.nurse]
        assert scene.phone.listener is somebody_else
        assert scene.console.what()[2:] == []

    scene(act)
