"""A policy without wrap-up: an agent is free as soon as her talk is over."""

from __future__ import annotations

from dataclasses import replace

from queue_engine.core import commands as cmd, events as ev
from routing.vocabulary import AgentId, ContactId
from tests.core.world import POLICY, World

NO_WRAP_UP = replace(POLICY, wrap_up_ms_max=0)


def test_the_next_caller_is_offered_in_the_same_record() -> None:
    world = World(NO_WRAP_UP)
    world.agent("a1")
    world.caller("c1")
    world.answer("c1")
    world.caller("c2")
    events = world.nurse_hangs_up("c1")
    assert [type(event) for event in events] == [
        ev.ContactEnded,
        ev.WrapUpStarted,
        ev.WrapUpEnded,
        ev.ContactOffered,
    ]
    assert events[2] == ev.WrapUpEnded(AgentId("a1"), ContactId("c1"), "", 0)
    assert world.rings() == {"a1": "c2"}
    world.check_replay()


def test_a_sign_off_that_waited_for_the_talk_happens_with_its_end() -> None:
    world = World(NO_WRAP_UP)
    world.agent("a1")
    world.caller("c1")
    world.answer("c1")
    world.do(cmd.SignOffAgent(AgentId("a1")))
    assert [type(event) for event in world.nurse_hangs_up("c1")][-1] is ev.AgentSignedOff
    world.check_replay()


def test_a_negative_wrap_up_is_a_fault() -> None:
    problems = list(replace(POLICY, wrap_up_ms_max=-1).problems())
    assert problems == ["wrap_up_ms_max: must not be negative, is -1"]
