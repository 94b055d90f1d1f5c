"""Who rings again and again: cases too fine for the stories."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.errors import Refused
from routing.return_policy import ReturnPolicy
from routing.vocabulary import ContactId, HomeRegionSource, LineId, Priority, RegionCode
from tests.core.world import LINK, POLICY, World


def is_raised(world: World, name: str, key: str = "k1") -> bool:
    """Whether one who rings from this number is raised at once."""
    events = world.do(
        cmd.EnqueueContact(
            ContactId(name),
            LINK,
            LineId("1177"),
            world.now_ms,
            Priority.STANDARD,
            (),
            RegionCode("22"),
            HomeRegionSource.AREA_CODE,
            caller_key=key,
        )
    )
    return any(isinstance(event, ev.ContactPriorityChanged) for event in events)


def test_without_a_rule_nobody_is_raised_and_no_call_is_remembered() -> None:
    world = World(replace(POLICY, returns=ReturnPolicy()))
    for number in range(4):
        assert not is_raised(world, f"c{number}")
    assert not world.state.calls


def test_where_two_calls_are_one_too_many_the_first_is_none() -> None:
    world = World(replace(POLICY, returns=ReturnPolicy(repeat_calls=2)))
    calls = (("c1", "k1"), ("c2", "k2"), ("c3", "k1"))
    assert [is_raised(world, *call) for call in calls] == [False, False, True]


def test_a_call_that_has_ended_is_not_taken_in_again_under_its_old_name() -> None:
    world = World()
    world.caller("c1")
    world.gone("c1")
    with pytest.raises(Refused, match="in the queue already"):
        world.caller("c1")
