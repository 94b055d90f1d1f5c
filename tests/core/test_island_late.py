"""What an island tells, if its snapshot was taken a turn after it parted: the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.core import commands as cmd
from queue_engine.core.island_reports import StintKind
from routing.vocabulary import AgentId, Outcome, Priority
from tests.core.island_world import parted
from tests.core.test_island_books import facts, stints, talking
from tests.core.world import LINK, World

A1 = AgentId("a1")
TALK, WRAP_UP = StintKind.TALK, StintKind.WRAP_UP


def test_what_ended_in_the_very_turn_that_it_begins_with_is_told_by_its_events() -> None:
    world = talking()
    after, island = world.state.record_number, parted(world)
    island.wait(5_000)
    island.nurse_hangs_up("c1")
    island.wait(3_000)
    island.do(cmd.EndWrapUp(A1))
    early, late = (facts(island, after, late)["c1"] for late in (0, 1))
    assert stints(early) == stints(late) == [(TALK, 15, False), (WRAP_UP, 3, False)]
    assert replace(late, stints=early.stints) == early


def test_a_caller_who_came_and_was_answered_in_that_turn_is_told_as_if_he_had_come_after() -> None:
    world = World()
    world.agent("a1")
    after, island = world.state.record_number, parted(world)
    island.caller("c1", "24", Priority.EMERGENCY)
    island.answer("c1")
    island.wait(5_000)
    island.nurse_hangs_up("c1")
    island.do(cmd.SignOffAgent(A1))
    for late in range(1, island.state.record_number - after + 1):
        assert facts(island, after, late)["c1"].outcome is Outcome.HANDLED, late
        assert facts(island, after, late)["c1"].came_there, late
    assert facts(island, after, 1) == facts(island, after)


@pytest.mark.parametrize("is_first", [True, False])
def test_who_was_answered_in_that_turn_was_so_if_nobody_had_before(is_first: bool) -> None:
    world = talking()
    if is_first:
        world.caller("c2", "24")
        world.agent("a2")
    else:
        world.seen("c1")
    name = "c2" if is_first else "c1"
    world.wait(1_000)
    after, island = world.state.record_number, parted(world)
    island.answer(name)
    island.wait(1_000)
    island.nurse_hangs_up(name)
    early, late = (facts(island, after, late)[name] for late in (0, 1))
    assert (early.answer is not None) is is_first
    assert late.answer == early.answer


def test_who_hung_up_in_that_turn_without_an_answer_has_been_nobodys_work() -> None:
    world = World()
    world.caller("c1", "24")
    after, island = world.state.record_number, parted(world)
    island.wait(1_000)
    island.gone("c1")
    island.wait(1_000)
    island.caller("c2")
    for late in (0, 1):
        found = facts(island, after, late)["c1"]
        assert (found.outcome, found.stints) == (Outcome.ABANDONED, ()), late


def test_whom_the_switch_did_not_show_in_that_turn_talked_until_he_was_last_seen() -> None:
    world = talking()
    world.do(cmd.ReportLinkLost(LINK))
    world.wait(5_000)
    after, island = world.state.record_number, parted(world)
    island.do(cmd.ReportSwitch(LINK, island.now_ms, ()))
    island.wait(1_000)
    island.do(cmd.EndWrapUp(A1))
    for late in (0, 1):
        assert stints(facts(island, after, late)["c1"])[0] == (TALK, 10, False), late
