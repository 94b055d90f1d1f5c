"""What is believed of a contact when an island and the others tell different things of it."""

from __future__ import annotations

from typing import Any

import pytest

from queue_engine.core import commands as cmd, decide_merge
from queue_engine.core.decide_merge import why_not_told
from queue_engine.core.island_reports import IslandStint, StintKind
from queue_engine.telephony.link_times import LinkTimes
from routing.policy import MINUTE_MS
from routing.vocabulary import AgentId, ContactId, IslandId, Outcome, RegionCode, Skill
from tests.core.island_facts import ABANDONED, HANDLED, LOST, fact, merged, tell
from tests.core.island_world import come_back
from tests.core.world import World

C1, A1, ELSE = ContactId("c1"), AgentId("a1"), AgentId("elsewhere")


def stint(kind: StintKind, from_ms: int, length_ms: int) -> IslandStint:
    return IslandStint(
        agent_id=ELSE,
        giver=RegionCode("22"),
        kind=kind,
        from_ms=from_ms,
        until_ms=from_ms + length_ms,
        taker=RegionCode("24"),
        service=Skill("advice"),
    )


def talked_here(world: World) -> int:
    """He waited ten seconds, talked a minute, five seconds of it on hold; when that ended."""
    world.caller("c1", "24")
    world.wait(10_000)
    world.agent("a1", "24")
    world.answer("c1")
    world.wait(55_000)
    world.do(cmd.HoldContact(A1, C1))
    world.wait(5_000)
    world.do(cmd.RetrieveContact(A1, C1))
    world.nurse_hangs_up("c1")
    return world.now_ms


@pytest.mark.parametrize(
    ("outcome", "was_talking", "becomes"),
    [(None, True, HANDLED), (None, False, LOST), (ABANDONED, False, ABANDONED)],
)
def test_of_whom_nobody_else_knows_it_is_as_the_island_saw_it(
    outcome: Outcome | None, was_talking: bool, becomes: Outcome
) -> None:
    """Whom it saw talking when it ended had his talk; whom it saw waiting nobody helped."""
    world = World()
    told = fact(world, "c1", outcome=outcome, was_talking=was_talking, talk_ms=7_000)
    found = merged(tell(world, told))
    assert (found.outcome, found.talk_ms, found.wait_ms) == (becomes, 7_000, 0)
    assert found.former is None


def test_whom_others_saw_last_is_as_they_saw_him_and_his_talks_there_come_to_it() -> None:
    """Those that began there: what had begun before the cut is known."""
    world = World()
    begun_ms = world.now_ms
    ended_ms = talked_here(world)
    there = (
        stint(StintKind.TALK, begun_ms - 1, 9_000),
        stint(StintKind.TALK, begun_ms, 4_000),
        stint(StintKind.TALK, begun_ms + 1, -1_000),
        stint(StintKind.CONSULT, begun_ms, 2_000),
        stint(StintKind.WRAP_UP, begun_ms, 1_000),
    )
    told = fact(
        world,
        "c1",
        until_ms=ended_ms - 1,
        outcome=ABANDONED,
        wait_ms=3_000,
        talk_ms=7_000,
        hold_ms=1_000,
        was_cut=True,
        agent_id=ELSE,
        stints=there,
    )
    found = merged(tell(world, told, parted_ms=begun_ms))
    assert (found.outcome, found.former, found.ended_ms) == (HANDLED, HANDLED, ended_ms)
    assert (found.wait_ms, found.talk_ms, found.hold_ms) == (3_000, 64_000, 5_000)
    assert (found.was_cut, found.agent_id) == (False, A1)


def test_whom_the_island_saw_last_is_as_it_saw_him() -> None:
    world = World()
    ended_ms = talked_here(world)
    told = fact(
        world,
        "c1",
        until_ms=ended_ms,
        outcome=ABANDONED,
        wait_ms=30_000,
        talk_ms=7_000,
        hold_ms=1_000,
        was_cut=True,
        agent_id=ELSE,
    )
    found = merged(tell(world, told))
    assert (found.outcome, found.former, found.ended_ms) == (ABANDONED, HANDLED, ended_ms)
    assert (found.wait_ms, found.talk_ms, found.hold_ms) == (10_000, 7_000, 1_000)
    assert (found.was_cut, found.agent_id) == (True, ELSE)
    row = world.state.contacts[C1]
    assert (row.outcome, row.hold_ms, row.agent_id) == (ABANDONED, 1_000, ELSE)
    assert found.sequence == row.sequence


def test_an_island_that_saw_no_end_is_not_right_about_one_that_others_saw() -> None:
    world = World()
    ended_ms = talked_here(world)
    found = merged(tell(world, fact(world, "c1", until_ms=ended_ms + MINUTE_MS, talk_ms=7_000)))
    assert (found.outcome, found.ended_ms, found.talk_ms) == (HANDLED, ended_ms, MINUTE_MS)


@pytest.mark.parametrize(
    ("told", "later_ms", "becomes"),
    [
        ({"was_talking": True}, 30_000, HANDLED),
        ({"was_talking": True}, 30_001, ABANDONED),
        ({"was_talking": False}, 100, ABANDONED),
        ({"was_talking": True, "outcome": LOST}, 100, ABANDONED),
    ],
)
def test_who_hung_up_after_the_islands_end_before_others_knew_of_his_talk_had_it(
    told: dict[str, Any], later_ms: int, becomes: Outcome
) -> None:
    """After half a minute they have looked at his switch, and know whether he talks."""
    world = World()
    world.caller("c1", "24")
    world.wait(MINUTE_MS)
    there = stint(StintKind.TALK, world.now_ms - 7_000, 7_000)
    seen = fact(world, "c1", talk_ms=7_000, agent_id=ELSE, stints=(there,), **told)
    world.wait(later_ms)
    world.gone("c1")
    found = merged(tell(world, seen))
    assert (found.outcome, found.former) == (becomes, ABANDONED)
    if becomes is HANDLED:
        assert (found.ended_ms, found.talk_ms, found.agent_id) == (seen.until_ms, 7_000, ELSE)


def test_so_soon_have_all_others_looked_at_his_switch() -> None:
    assert LinkTimes().reconcile_every_s * 1_000 <= decide_merge._UNSEEN_MS


@pytest.mark.parametrize(("here_ms", "becomes"), [(0, HANDLED), (1, ABANDONED)])
def test_whose_talk_others_have_seen_since_gave_up_as_they_saw_it(
    here_ms: int, becomes: Outcome
) -> None:
    """He had waited again after his talk; the one before the island parted says nothing of that."""
    world = World()
    world.caller("c1", "24")
    world.agent("a1", "24")
    world.answer("c1")
    world.wait(4_000 + here_ms)
    world.seen("c1")
    assert world.state.contacts[C1].talk_ms == 4_000 + here_ms
    there = stint(StintKind.TALK, world.now_ms, 7_000)
    world.wait(7_000)
    seen = fact(world, "c1", was_talking=True, talk_ms=11_000, stints=(there,))
    world.wait(100)
    world.gone("c1")
    assert merged(tell(world, seen)).outcome is becomes


def test_who_was_cut_from_his_talk_after_the_islands_end_and_waited_again_gave_up() -> None:
    """Others knew of him by his ticket alone: the switch showed him in the queue. He may come back
    to his place, as whoever was helped may not."""
    world = World()
    there = stint(StintKind.TALK, world.now_ms - 7_000, 7_000)
    seen = fact(world, "c1", was_talking=True, talk_ms=7_000, caller_key="k", stints=(there,))
    world.wait(3_000)
    world.seen("c1")
    world.wait(3_000)
    world.gone("c1")
    assert merged(tell(world, seen)).outcome is ABANDONED
    assert world.state.contacts[C1].may_return


def test_whom_others_have_lost_they_have_not_seen_since_he_came() -> None:
    """They say that he was there until they missed him; the island saw him leave before that."""
    world = World()
    world.caller("c1", "24")
    came_ms = world.now_ms
    world.wait(MINUTE_MS)
    come_back(world, world.now_ms + MINUTE_MS)
    assert world.state.contacts[C1].outcome is LOST
    told = fact(world, "c1", until_ms=came_ms + 1_000, outcome=ABANDONED, wait_ms=1_000)
    found = merged(tell(world, told))
    assert (found.outcome, found.former, found.wait_ms) == (ABANDONED, LOST, 1_000)


def test_the_wait_is_until_he_was_first_answered_wherever_that_was() -> None:
    """One who was lost here had waited all the time for all that is known here."""
    world = World()
    world.caller("c1", "24")
    world.wait(MINUTE_MS)
    come_back(world, world.now_ms)
    told = fact(world, "c1", outcome=HANDLED, wait_ms=MINUTE_MS + 5_000, talk_ms=9_000)
    assert merged(tell(world, told)).wait_ms == MINUTE_MS + 5_000


def test_he_was_answered_here_first_though_he_was_lost_in_the_end() -> None:
    world = World()
    world.caller("c1", "24")
    world.agent("a1", "24")
    world.wait(20_000)
    world.answer("c1")
    world.wait(1)
    world.seen("c1")
    assert world.state.contacts[C1].talk_ms == 1
    come_back(world, world.now_ms + MINUTE_MS)
    told = fact(world, "c1", outcome=HANDLED, wait_ms=MINUTE_MS, talk_ms=9_000)
    assert merged(tell(world, told)).wait_ms == 20_000


def test_helped_here_in_no_time_he_has_waited_as_long_as_here() -> None:
    world = World()
    world.caller("c1", "24")
    world.wait(8_000)
    world.agent("a1", "24")
    world.answer("c1")
    world.nurse_hangs_up("c1")
    assert world.state.contacts[C1].talk_ms == 0
    told = fact(world, "c1", until_ms=world.now_ms - 1, outcome=HANDLED, wait_ms=30_000)
    assert merged(tell(world, told)).wait_ms == 8_000


def test_where_the_island_knows_of_no_wait_it_is_as_long_as_others_saw() -> None:
    world = World()
    world.caller("c1", "24")
    world.wait(9_000)
    world.gone("c1")
    found = merged(tell(world, fact(world, "c1", until_ms=world.now_ms - 1, outcome=LOST)))
    assert (found.outcome, found.wait_ms) == (ABANDONED, 9_000)


def test_nobody_has_waited_less_than_not_at_all() -> None:
    world = World()
    assert merged(tell(world, fact(world, "c1", outcome=HANDLED, wait_ms=-5))).wait_ms == 0


def test_a_part_that_may_be_told_has_no_reason_against_it() -> None:
    world = World()
    island = cmd.Island(IslandId("n1-1"), "n1", 1, 0, world.now_ms)
    assert why_not_told(world.state, cmd.ReportIsland(island, 1, 2, ()), world.now_ms) == ""
