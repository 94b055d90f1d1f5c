"""Who rang an island again, was promised a call there, or went home there."""

from __future__ import annotations

import pytest

from queue_engine.core import commands as cmd, events as ev
from routing.policy import MINUTE_MS
from routing.vocabulary import (
    AgentId,
    ContactChannel,
    ContactId,
    IslandId,
    NotReadyReason,
    Outcome,
    PhoneId,
    Priority,
)
from tests.core.island_facts import ABANDONED, HANDLED, LOST, fact, merged, rings, tell
from tests.core.island_world import come_back
from tests.core.world import World

C1, A1 = ContactId("c1"), AgentId("a1")


# --- who rang again -------------------------------------------------------------------------


def left(world: World, name: str, key: str) -> None:
    rings(world, name, key)
    world.seen(name)
    world.wait(1_000)
    world.gone(name)


def test_what_he_continues_is_what_is_remembered_of_him_and_over() -> None:
    for earlier, continues in (("over", "over"), ("waits", None), ("nobody", None), (None, None)):
        world = World()
        left(world, "over", "k1")
        rings(world, "waits", "k2")
        told = fact(world, "c1", outcome=ABANDONED, continues=earlier)
        assert merged(tell(world, told)).continues == continues, earlier


def test_who_was_turned_away_is_not_continued() -> None:
    world = World()
    tell(world, fact(world, "c1", outcome=Outcome.REFUSED))
    told = fact(world, "c2", outcome=ABANDONED, continues=C1)
    assert merged(tell(world, told)).continues is None


def test_what_he_continues_may_be_forgotten_when_the_island_tells_of_him() -> None:
    world = World()
    left(world, "c1", "k1")
    world.wait(10 * MINUTE_MS - 1_000)
    left(world, "c2", "k1")
    world.wait(10 * MINUTE_MS)
    assert C1 not in world.state.contacts
    assert merged(tell(world, fact(world, "c2", outcome=ABANDONED))).continues == "c1"


def test_nobody_continues_himself() -> None:
    world = World()
    left(world, "c1", "k1")
    told = fact(world, "c1", outcome=ABANDONED, continues=C1)
    assert merged(tell(world, told)).continues is None


def test_one_call_is_continued_by_one_other() -> None:
    """Who rang again at the island and here, both from one call before, is two callers."""
    world = World()
    left(world, "c1", "k1")
    left(world, "c2", "k1")
    assert world.state.contacts[ContactId("c2")].continues == "c1"
    told = fact(world, "c3", outcome=ABANDONED, continues=C1)
    assert merged(tell(world, told)).continues is None


def test_what_is_known_to_continue_another_goes_on_doing_so() -> None:
    world = World()
    left(world, "c1", "k1")
    left(world, "c2", "k1")
    left(world, "c3", "k3")
    told = fact(world, "c2", outcome=ABANDONED, continues=ContactId("c3"))
    assert merged(tell(world, told)).continues == "c1"
    assert world.state.contacts[ContactId("c2")].continues == "c1"
    assert not world.state.contacts[ContactId("c3")].is_continued


def test_whose_call_was_continued_there_is_not_continued_here_once_more() -> None:
    world = World()
    left(world, "c1", "k1")
    tell(world, fact(world, "c1", outcome=ABANDONED, caller_key="k1", is_continued=True))
    rings(world, "c2", "k1")
    assert world.state.contacts[ContactId("c2")].continues is None


def test_whose_call_was_continued_here_stays_so_whatever_the_island_knows() -> None:
    world = World()
    left(world, "c1", "k1")
    left(world, "c2", "k1")
    tell(world, fact(world, "c1", outcome=ABANDONED, caller_key="k1"))
    world.wait(1_000)
    rings(world, "c3", "k1")
    assert world.state.contacts[ContactId("c3")].continues == "c2"
    world.gone("c3")
    assert world.state.contacts[C1].is_continued


def test_whom_others_know_without_his_key_the_island_knows_by_it() -> None:
    """His ticket does not say it."""
    world = World()
    world.caller("c1", "24")
    world.gone("c1")
    tell(world, fact(world, "c1", outcome=ABANDONED, caller_key="k1"))
    rings(world, "c2", "k1")
    assert world.state.contacts[ContactId("c2")].continues == "c1"


def test_who_is_known_by_his_key_stays_so_if_the_island_does_not_know_it() -> None:
    world = World()
    left(world, "c1", "k1")
    tell(world, fact(world, "c1", outcome=ABANDONED))
    rings(world, "c2", "k1")
    assert world.state.contacts[ContactId("c2")].continues == "c1"


@pytest.mark.parametrize(("is_counted", "key"), [(True, "k1"), (False, "k1"), (True, "")])
def test_calls_that_count_there_count_here_and_no_others(is_counted: bool, key: str) -> None:
    """The third in a while is a repeat caller: he comes before those who are new."""
    world = World()
    facts = [
        fact(world, name, outcome=HANDLED, caller_key=key, is_counted=is_counted)
        for name in ("x1", "x2")
    ]
    tell(world, *facts)
    rings(world, "c1", "k1")
    is_repeat = world.state.contacts[C1].priority is Priority.RAISED
    assert is_repeat == (is_counted and key == "k1")
    (calls, *_) = [*world.state.calls.values(), {}]
    assert "" not in calls


# --- who is to be rung back, and who went home -----------------------------------------------


def test_who_was_promised_a_call_there_and_has_a_place_here_keeps_it() -> None:
    """And his key, whoever knows it; so that he does not lose it by ringing again."""
    world = World()
    rings(world, "c1", "")
    rings(world, "c2", "")
    before = world.state.contacts[C1].sequence
    for name in ("c1", "c2"):
        world.seen(name)
    come_back(world, world.now_ms + MINUTE_MS)
    told = fact(world, "c1", caller_key="k1", promised_until_ms=world.now_ms + MINUTE_MS)
    tell(world, told)
    row = world.state.living(C1)
    assert row is not None
    assert row.is_away
    assert row.sequence == before
    rings(world, "c3", "k1")
    assert world.state.contacts[ContactId("c3")].continues == "c1"


def test_and_his_key_that_is_known_here_though_the_island_has_it_not() -> None:
    world = World()
    rings(world, "c1", "k1")
    world.seen("c1")
    come_back(world, world.now_ms + MINUTE_MS)
    tell(world, fact(world, "c1", promised_until_ms=world.now_ms + MINUTE_MS))
    rings(world, "c3", "k1")
    assert world.state.contacts[ContactId("c3")].continues == "c1"


def test_who_writes_is_not_rung_back() -> None:
    world = World()
    promise = world.now_ms + MINUTE_MS
    told = fact(world, "c1", channel=ContactChannel.CHAT, promised_until_ms=promise)
    assert merged(tell(world, told)).outcome is LOST
    assert world.state.living(C1) is None


def test_what_two_islands_did_with_one_who_is_still_here_counts_from_both_when_he_is_gone() -> None:
    world = World()
    world.caller("c1", "24")
    talked = {"outcome": HANDLED, "wait_ms": 0, "talk_ms": 5_000}
    tell(world, fact(world, "c1", **talked), name="n1")
    tell(world, fact(world, "c1", **talked), name="n2")
    assert len(world.state.told_islands.awaited[C1]) == 2
    events = world.gone("c1")
    assert sum(isinstance(event, ev.IslandContactMerged) for event in events) == 2
    assert not world.state.told_islands.awaited


def test_one_of_two_islands_has_promised_to_ring_him_back_and_what_the_other_did_waits() -> None:
    world = World()
    world.caller("c1", "24")
    promise = world.now_ms + 30 * MINUTE_MS
    tell(world, fact(world, "c1", promised_until_ms=promise), name="n1")
    tell(world, fact(world, "c1", outcome=ABANDONED, wait_ms=1), name="n2")
    come_back(world, world.now_ms + MINUTE_MS)
    row = world.state.living(C1)
    assert row is not None
    assert row.is_away
    assert len(world.state.told_islands.awaited[C1]) == 2


def test_what_the_other_did_counts_and_the_promise_of_one_is_kept() -> None:
    world = World()
    world.caller("c1", "24")
    tell(world, fact(world, "c1"), name="n1")
    tell(world, fact(world, "c1", promised_until_ms=world.now_ms + 30 * MINUTE_MS), name="n2")
    come_back(world, world.now_ms + MINUTE_MS)
    assert world.state.living(C1) is not None
    (waits,) = world.state.told_islands.awaited[C1]
    assert waits.island.host == "n2"


def went_home(world: World, *agents: str, parted_ms: int, until_ms: int) -> tuple[ev.Event, ...]:
    number = world.state.record_number
    island = cmd.Island(IslandId(f"n1-{number}"), "n1", number, parted_ms, until_ms)
    left_there = tuple(map(AgentId, agents))
    return world.do(cmd.ReportIsland(island, number, number + 1, (), (), left_there, is_last=True))


def test_who_went_home_there_and_has_come_to_work_here_since_it_parted_stays() -> None:
    world = World()
    world.agent("before")
    world.wait(1)
    parted_ms = world.now_ms
    world.agent("since")
    world.wait(MINUTE_MS)
    went_home(world, "nobody", "before", "since", parted_ms=parted_ms, until_ms=world.now_ms)
    assert list(world.state.agents) == ["since"]


@pytest.mark.parametrize(("earlier_ms", "stays"), [(0, False), (1, True)])
def test_who_has_been_ready_here_since_the_island_ended_stays(earlier_ms: int, stays: bool) -> None:
    world = World()
    world.agent("a1")
    world.wait(MINUTE_MS)
    parted_ms, until_ms = world.now_ms, world.now_ms + MINUTE_MS
    world.wait(MINUTE_MS)
    world.do(cmd.SetAgentNotReady(A1, NotReadyReason.BREAK))
    world.do(cmd.SetAgentReady(A1))
    went_home(world, "a1", parted_ms=parted_ms, until_ms=until_ms - earlier_ms)
    assert bool(world.state.agents) is stays


def test_her_wrap_up_here_ends_with_it_and_is_as_long_as_it_was() -> None:
    world = World()
    world.agent("a1", "24")
    world.caller("c1", "24")
    world.answer("c1")
    world.do(cmd.ReportTalkEnded(C1, PhoneId("phone-a1")))
    parted_ms = world.now_ms + 1
    world.wait(20_000)
    events = went_home(world, "a1", parted_ms=parted_ms, until_ms=world.now_ms)
    (ended,) = [event for event in events if isinstance(event, ev.WrapUpEnded)]
    assert ended.wrap_up_ms == 20_000
    assert not world.state.agents
