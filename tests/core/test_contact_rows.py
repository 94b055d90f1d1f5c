"""What is written into a contact's row, where no story shows it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from queue_engine.core import apply_return, commands as cmd
from queue_engine.core.contact import Contact
from queue_engine.core.errors import Refused
from routing.policy import MINUTE_MS
from routing.region_policy import UnitPolicy
from routing.relaxing import RelaxRule
from routing.vocabulary import (
    AgentId,
    ContactChannel,
    ContactId,
    HomeRegionSource,
    LineId,
    Outcome,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    UnitId,
)
from tests.core.world import ADVICE, CHILD, LINK, POLICY, START_MS, World

C1 = ContactId("c1")


def row(world: World, name: str = "c1") -> Contact:
    return world.state.contacts[ContactId(name)]


def enqueued(name: str, region: str = "23") -> cmd.EnqueueContact:
    """One who asks for a place, and of whom a test says the rest."""
    return cmd.EnqueueContact(
        contact_id=ContactId(name),
        link_id=LINK,
        line_id=LineId("1177"),
        arrived_ms=START_MS,
        priority=Priority.STANDARD,
        needs=ADVICE,
        home_region=RegionCode(region),
        home_region_source=HomeRegionSource.NETWORK,
    )


def shown(world: World, name: str, ticket: cmd.CallTicket | None = None) -> None:
    """The switch shows the caller waiting."""
    place = cmd.CallerPlace.WAITING
    caller = cmd.SeenCaller(ContactId(name), place, world.now_ms, ticket)
    world.do(cmd.ReportCallerWaiting(LINK, caller))


def test_what_it_asked_for_stays_however_often_it_becomes_content_with_less() -> None:
    rules = (
        RelaxRule("lower", CHILD, MINUTE_MS, level_max=5),
        RelaxRule("other", CHILD, 2 * MINUTE_MS, instead=(Skill("advice"),)),
    )
    world = World(replace(POLICY, relax_rules=rules))
    needs = (Requirement(CHILD, 2),)
    world.caller("c1", needs=needs)
    world.wait(3 * MINUTE_MS)
    assert (row(world).asked, row(world).needs) == (needs, ADVICE)


def test_each_change_of_a_ticket_is_newer_than_the_ticket_that_was_believed() -> None:
    rule = RelaxRule("child", CHILD, MINUTE_MS, instead=(Skill("advice"),))
    world = World(replace(POLICY, relax_rules=(rule,)))
    world.caller("c1", needs=(Requirement(CHILD),))
    ticket = cmd.CallTicket(
        900, C1, world.now_ms, 1, Priority.STANDARD, RegionCode("22"), row(world).needs
    )
    shown(world, "c1", ticket)
    records = [row(world).record]
    world.wait(MINUTE_MS)
    records.append(row(world).record)
    world.do(cmd.CorrectHomeRegion(C1, RegionCode("24")))
    records.append(row(world).record)
    world.do(cmd.SetContactPriority(C1, Priority.RAISED, cmd.Actor.CALLER, "key"))
    records.append(row(world).record)
    world.agent("a1", region="24")
    world.answer("c1")
    world.do(cmd.TransferContact(AgentId("a1"), C1, to_region=RegionCode("23")))
    records.append(row(world).record)
    assert records == [900, 901, 902, 903, 904]


@pytest.mark.parametrize(
    ("target", "asked", "unit"),
    [
        ({"to_region": RegionCode("24")}, (Requirement(CHILD, 2),), None),
        ({"to_unit": UnitId("hamnen")}, (Requirement(CHILD, 2),), "hamnen"),
        ({"to_service": CHILD}, (), "kullen"),
    ],
)
def test_who_is_sent_on_keeps_what_is_not_named(
    target: dict[str, Any], asked: tuple[Requirement, ...], unit: str | None
) -> None:
    rule = RelaxRule("child", CHILD, MINUTE_MS, instead=(Skill("advice"),))
    world = World(replace(POLICY, relax_rules=(rule,)))
    world.agent("a1", region="23")
    world.do(replace(enqueued("c1"), needs=(Requirement(CHILD, 2),), home_unit=UnitId("kullen")))
    world.seen("c1")
    world.wait(MINUTE_MS)
    assert row(world).needs == ADVICE
    world.answer("c1")
    world.do(cmd.TransferContact(AgentId("a1"), C1, **target))
    assert (row(world).asked, row(world).home_unit) == (asked, unit)


def test_what_was_foretold_was_of_another_priority_or_home() -> None:
    first, *others = POLICY.regions
    with_unit = replace(first, units=(UnitPolicy(UnitId("u1"), "U1"),))
    world = World(replace(POLICY, regions=(with_unit, *others)))
    world.agent("a1")
    world.caller("talks")
    world.answer("talks")
    for name in ("c1", "c2", "c3"):
        world.caller(name)
    assert row(world).foretold_ms > 0
    world.do(cmd.SetContactPriority(C1, Priority.RAISED, cmd.Actor.CALLER, "key"))
    world.do(cmd.CorrectHomeRegion(ContactId("c2"), RegionCode("24")))
    world.do(cmd.CorrectHomeRegion(ContactId("c3"), RegionCode("22"), UnitId("u1")))
    assert (row(world).foretold_ms, row(world, "c2").foretold_ms) == (0, 0)
    assert row(world, "c3").foretold_ms > 0
    assert row(world, "c3").home_region_source is HomeRegionSource.AGENT


def test_one_who_rang_again_and_was_to_be_rung_back_is_so_when_he_comes_back() -> None:
    world = World()
    key = replace(enqueued("c1"), preferred_unit=UnitId("u1"), caller_key="k1")
    world.do(key)
    world.gone("c1")
    again = ContactId("c2")
    world.do(replace(key, contact_id=again))
    world.seen("c2")
    world.do(cmd.RequestCallback(again))
    world.agent("a1", region="23")
    world.answer("c2")
    before = row(world, "c2")
    world.gone("c2")
    shown(world, "c2")
    after = row(world, "c2")
    assert after is not before
    for name in ("channel", "preferred_unit", "caller_key", "continues", "callback"):
        assert getattr(after, name) == getattr(before, name), name
    assert (after.continues, after.channel) == ("c1", ContactChannel.CALLBACK)


def test_of_more_callers_than_are_remembered_those_known_are_counted_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apply_return, "CALLERS_MAX", 2)
    world = World()
    for number, key in enumerate(("k1", "k2", "k3", "k1")):
        world.do(replace(enqueued(f"c{number}"), caller_key=key))
    (calls,) = world.state.calls.values()
    assert {key: len(times) for key, times in calls.items()} == {"k1": 2, "k2": 1}


def test_only_who_decides_for_a_caller_says_why() -> None:
    world = World()
    world.caller("c1")
    world.do(cmd.SetContactPriority(C1, Priority.RAISED, cmd.Actor.CALLER, ""))
    assert row(world).priority is Priority.RAISED
    with pytest.raises(Refused, match="reason must be a short code"):
        world.do(cmd.SetContactPriority(C1, Priority.URGENT, cmd.Actor.AGENT, ""))


def test_what_no_ticket_can_carry_is_refused() -> None:
    world = World()
    with pytest.raises(Refused, match="that no ticket can carry"):
        world.do(enqueued("a b"))
    with pytest.raises(Refused, match="a need that no ticket can carry"):
        world.do(replace(enqueued("c1"), needs=(Requirement(Skill("a|b")),)))


def test_who_is_turned_away_has_not_waited() -> None:
    world = World()
    world.caller("c1", region="24")
    world.do(replace(enqueued("c2", region="24"), has_chosen=True))
    assert (row(world, "c2").outcome, row(world, "c2").wait_ms) == (Outcome.REFUSED, 0)
