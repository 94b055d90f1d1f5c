"""Virtual time: what comes first, and what nobody may do."""

from __future__ import annotations

from functools import partial

import pytest

from queue_engine.core import commands as cmd
from queue_engine.core.events import ContactEnded, Event, WrapUpStarted
from queue_engine.core.record import Record
from queue_engine.core.state import State
from routing.policy import MINUTE_MS
from routing.vocabulary import ContactId, Priority
from simulations.switch import Caller
from simulations.world import HOUR_MS, MIDNIGHT_MS, Reader, World, hour_of
from tests.simulations.scene import POLICY, REGION, TALK_MS, Scene


def test_of_one_moment_what_was_scheduled_first_happens_first() -> None:
    world, happened = World(POLICY, MIDNIGHT_MS), list[str]()
    for name, at_ms in (("late", 2), ("first", 1), ("second", 1)):
        world.at(MIDNIGHT_MS + at_ms, partial(happened.append, name))
    world.run(MIDNIGHT_MS + 2)
    assert happened == ["first", "second"]
    world.run(MIDNIGHT_MS + 3)
    assert happened == ["first", "second", "late"]
    assert world.now_ms == MIDNIGHT_MS + 3


def test_a_deadline_is_done_at_its_moment_and_before_a_happening_of_that_moment() -> None:
    scene, happened = Scene(1_000), list[str]()
    scene.call("c", 0)
    wrap_up_ms = 61_025 + POLICY.wrap_up_ms_max
    scene.world.at(MIDNIGHT_MS + wrap_up_ms, partial(happened.append, "happening"))
    scene.world.follow(lambda record: happened.append(type(record.command).__name__))
    assert scene.run(wrap_up_ms + 1)[-1] == f"{wrap_up_ms} WrapUpEnded c n0"
    assert happened[-2:] == ["PassTime", "happening"]


def test_what_a_deadline_sets_off_comes_before_what_was_to_come_later() -> None:
    scene, happened = Scene(), list[str]()

    def follow(record: Record) -> None:
        if isinstance(record.command, cmd.PassTime):
            scene.world.after(1, partial(happened.append, "set off"))

    scene.world.follow(follow)
    scene.call("c", 0)
    scene.hang_up("c", 10)
    forgotten_ms = 15 + 15 * 60_000
    scene.world.at(MIDNIGHT_MS + forgotten_ms + 5, partial(happened.append, "later"))
    scene.run(forgotten_ms + 10)
    assert happened == ["set off", "later"]


def test_what_a_command_makes_due_at_once_is_done_before_the_next_command() -> None:
    scene = Scene()
    scene.world.now_ms += 2 * MINUTE_MS
    long_ago = Caller(
        ContactId("c"), REGION, Priority.EMERGENCY, MIDNIGHT_MS, TALK_MS, hangs_up_first=True
    )
    scene.switch.enter(long_ago)
    scene.world.do(cmd.SetWindow("night", True))
    commands = [type(record.command).__name__ for record in scene.records]
    assert commands == ["EnqueueContact", "PassTime", "SetWindow"]


def test_a_follower_that_acts_at_once_is_told_off() -> None:
    scene = Scene()
    scene.world.follow(lambda record: scene.world.do(cmd.PassTime()))
    with pytest.raises(AssertionError, match="followers schedule"):
        scene.world.do(cmd.SetWindow("night", True))


def test_who_listens_first_hears_all_of_a_record_first_and_of_its_kinds_alone() -> None:
    scene, heard = Scene(1_000), list[str]()

    def reader(name: str) -> Reader:
        return lambda event, at_ms: heard.append(f"{name} {type(event).__name__} {at_ms}")

    scene.world.hear({ContactEnded: reader("a"), WrapUpStarted: reader("a")})
    scene.world.hear({WrapUpStarted: reader("b"), ContactEnded: reader("b")})
    scene.world.follow(lambda record: heard.append(type(record.command).__name__))
    scene.call("c", 0)
    scene.run(2 * MINUTE_MS)
    ended_ms = scene.world.state.contacts[ContactId("c")].ended_ms
    told = [f"{each} {ended_ms}" for each in ("a ContactEnded", "a WrapUpStarted")]
    told += [f"{each} {ended_ms}" for each in ("b ContactEnded", "b WrapUpStarted")]
    assert heard[-5:] == ["ReportCallerGone", *told]


def test_a_watch_sees_events_with_and_without_invariants() -> None:
    for invariants in (False, True):
        seen = list[str]()

        def watch(state: State, event: Event, seen: list[str] = seen) -> None:
            seen.append(type(event).__name__)

        World(POLICY, MIDNIGHT_MS, invariants=invariants, watch=watch)
        assert seen == ["PolicyLoaded", "LinkRestored"]


def test_days_have_24_hours() -> None:
    assert hour_of(MIDNIGHT_MS) == 0
    assert hour_of(MIDNIGHT_MS + 25 * HOUR_MS) == 1
    assert hour_of(MIDNIGHT_MS + HOUR_MS - 1) == 0
