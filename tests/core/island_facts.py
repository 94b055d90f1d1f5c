"""What islands may tell of contacts: facts made for a test, without an island to tell them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from queue_engine.core import commands as cmd, events as ev
from routing.policy import MINUTE_MS
from routing.vocabulary import (
    ContactChannel,
    ContactId,
    HomeRegionSource,
    IslandId,
    LineId,
    Outcome,
    Priority,
    RegionCode,
)
from tests.core.world import ADVICE, LINK, World

HANDLED, ABANDONED, LOST = Outcome.HANDLED, Outcome.ABANDONED, Outcome.LOST


def rings(world: World, name: str, key: str) -> None:
    """A caller who is known by a key, and is not seen waiting yet."""
    world.do(
        cmd.EnqueueContact(
            contact_id=ContactId(name),
            link_id=LINK,
            line_id=LineId("1177"),
            arrived_ms=world.now_ms,
            priority=Priority.STANDARD,
            needs=ADVICE,
            home_region=RegionCode("24"),
            home_region_source=HomeRegionSource.AREA_CODE,
            caller_key=key,
        )
    )


def usual_fact(name: str, until_ms: int) -> cmd.IslandContact:
    """What an island tells of a caller of region 24, who came a minute before it saw him last."""
    return cmd.IslandContact(
        contact_id=ContactId(name),
        number=0,
        came_there=True,
        link_id=LINK,
        line_id=None,
        channel=ContactChannel.PHONE,
        language="sv",
        home_region=RegionCode("24"),
        home_region_source=HomeRegionSource.NONE,
        home_unit=None,
        priority=Priority.STANDARD,
        needs=ADVICE,
        arrived_ms=until_ms - MINUTE_MS,
        enqueued_ms=until_ms - MINUTE_MS,
        until_ms=until_ms,
        outcome=None,
    )


def fact(world: World, name: str, **told: Any) -> cmd.IslandContact:
    """The same, seen until now unless told."""
    return replace(usual_fact(name, world.now_ms), **told)


def tell(
    world: World, *facts: cmd.IslandContact, parted_ms: int = 0, name: str = "n1"
) -> tuple[ev.Event, ...]:
    """An island, which has just ended, tells all this."""
    number = world.state.record_number
    island = cmd.Island(IslandId(f"{name}-{number}"), name, number, parted_ms, world.now_ms)
    told = tuple(replace(each, number=number + place) for place, each in enumerate(facts, 1))
    until = number + len(told)
    return world.do(cmd.ReportIsland(island, number, until, told, is_last=True))


def merged(events: tuple[ev.Event, ...]) -> ev.IslandContactMerged:
    """What came of the one fact that was told."""
    (found,) = [event for event in events if isinstance(event, ev.IslandContactMerged)]
    return found
