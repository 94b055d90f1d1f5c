"""What is believed of a caller who gets a place, and what he may change while he waits."""

from __future__ import annotations

import pytest

from queue_engine.core import commands as cmd
from queue_engine.core.decide_contacts import ARRIVED_AGO_MS_MAX
from queue_engine.core.errors import Refused
from routing.vocabulary import (
    ContactId,
    HomeRegionSource,
    LineId,
    Priority,
    RegionCode,
    Requirement,
)
from tests.core.world import CHILD, LINK, START_MS, World

C1 = ContactId("c1")


def enqueued(arrived_ms: int = START_MS, region: str = "22", start_ms: int = START_MS) -> int:
    """When he arrived, as the engine has it who hears of him at the start."""
    world = World(start_ms=start_ms)
    command = cmd.EnqueueContact(
        contact_id=C1,
        link_id=LINK,
        line_id=LineId("1177"),
        arrived_ms=arrived_ms,
        priority=Priority.STANDARD,
        needs=(),
        home_region=RegionCode(region),
        home_region_source=HomeRegionSource.AREA_CODE,
    )
    world.do(command)
    return world.state.contacts[C1].arrived_ms


@pytest.mark.parametrize(
    ("said_ms", "believed_ms"),
    [
        (0, 0),
        (1, 0),
        (-ARRIVED_AGO_MS_MAX, -ARRIVED_AGO_MS_MAX),
        (-ARRIVED_AGO_MS_MAX - 1, -ARRIVED_AGO_MS_MAX),
        (-START_MS, -ARRIVED_AGO_MS_MAX),
    ],
)
def test_he_arrived_when_that_is_said_but_not_later_than_now_nor_long_ago(
    said_ms: int, believed_ms: int
) -> None:
    assert enqueued(START_MS + said_ms) == START_MS + believed_ms


def test_nobody_arrived_before_time_began() -> None:
    assert enqueued(-1, start_ms=5_000) == 0


def test_a_region_that_no_ticket_could_carry_is_refused() -> None:
    with pytest.raises(Refused, match="no ticket can carry"):
        enqueued(region="2|2")


@pytest.mark.parametrize("needs", [(Requirement(CHILD),), ()])
def test_what_he_needs_changes_with_the_same_priority_whoever_says_it(
    needs: tuple[Requirement, ...],
) -> None:
    """Nobody stands before him or behind him for it; nothing at all is something else too."""
    world = World()
    world.caller("c1")
    change = cmd.SetContactPriority(C1, Priority.STANDARD, cmd.Actor.CALLER, "key", needs)
    assert world.do(change)
    assert world.state.contacts[C1].needs == needs
    assert world.do(change) == ()
