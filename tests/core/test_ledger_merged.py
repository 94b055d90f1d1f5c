"""The books of those who go on, when islands tell what they did with the same contacts."""

from __future__ import annotations

import pytest

from queue_engine.core import commands as cmd, ledger
from queue_engine.core.ledger import Account, Ledger, Sums
from routing.policy import MINUTE_MS
from routing.vocabulary import AgentId, ContactId, PhoneId, Priority, RegionCode, Skill
from tests.core.island_facts import fact, tell
from tests.core.island_world import accounts, come_back, parted, told
from tests.core.world import LINK, World

C1, A1 = ContactId("c1"), AgentId("a1")
LENT = Account(RegionCode("22"), RegionCode("24"), Skill("advice"))


def books(world: World) -> Ledger:
    found = Ledger()
    for record in world.records:
        found.follow(record)
    return found


def cut_off_in_a_talk() -> tuple[World, World, int]:
    """A minute into a talk an island parts; the others see the talk half a minute longer."""
    world = World()
    world.agent("a1", "22")
    world.caller("c1", "24")
    world.answer("c1")
    world.wait(MINUTE_MS)
    after, island = world.state.record_number, parted(world)
    island.wait(MINUTE_MS)
    island.nurse_hangs_up("c1")
    island.do(cmd.EndWrapUp(A1))
    world.wait(30_000)
    come_back(world, world.now_ms + MINUTE_MS)
    return world, island, after


def tell_all(world: World, island: World, after: int) -> None:
    for part in told(island, after):
        world.do(part)


def test_who_was_promised_a_call_on_an_island_is_booked_where_he_is_at_home() -> None:
    world = World()
    tell(world, fact(world, "c1", promised_until_ms=world.now_ms + MINUTE_MS))
    assert world.state.living(C1) is not None
    assert books(world).rows().contacts[C1].home == "24"


def test_who_was_not_gone_after_all_has_the_talk_that_is_booked() -> None:
    world, island, after = cut_off_in_a_talk()
    world.seen("c1")
    world.gone("c1")
    tell_all(world, island, after)
    assert accounts(world.records) == {LENT: Sums(calls=1, talk_ms=2 * MINUTE_MS)}


def test_of_whom_nobody_has_seen_the_end_the_books_know_when_he_is_forgotten() -> None:
    """What was seen here after the island had parted is not booked twice."""
    world, island, after = cut_off_in_a_talk()
    world.wait(40 * MINUTE_MS)
    assert not world.state.contacts
    tell_all(world, island, after)
    found = accounts(world.records)[LENT]
    assert (found.calls, found.talk_ms) == (1, 2 * MINUTE_MS)


def test_of_others_nothing_is_kept_when_they_are_forgotten_and_of_those_the_latest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ledger, "UNSEEN_MAX", 2)
    world = World()
    for name in ("c1", "c2", "c3", "gone"):
        world.caller(name, "24")
        world.wait(1_000)
        if name == "gone":
            world.gone(name)
        else:
            come_back(world, world.now_ms + 1_000)
    world.wait(40 * MINUTE_MS)
    rows = books(world).rows()
    assert not rows.contacts
    assert list(rows.unseen) == ["c2", "c3"]


def test_whose_priority_alone_is_changed_asks_for_what_he_asked_for() -> None:
    world = World()
    world.agent("a1", "22")
    world.caller("c1", "24")
    world.answer("c1")
    world.do(cmd.SetContactPriority(C1, Priority.URGENT, cmd.Actor.SUPERVISOR, "worse"))
    world.wait(MINUTE_MS)
    world.nurse_hangs_up("c1")
    assert accounts(world.records) == {LENT: Sums(calls=1, talk_ms=MINUTE_MS)}


def test_her_wrap_up_of_a_talk_here_after_one_that_ended_there_counts() -> None:
    world, island, after = cut_off_in_a_talk()
    tell_all(world, island, after)
    world.do(cmd.EndWrapUp(A1))
    world.seen("c1")
    world.answer("c1")
    world.wait(MINUTE_MS)
    world.nurse_hangs_up("c1")
    world.wait(10_000)
    world.do(cmd.EndWrapUp(A1))
    done = Sums(calls=2, talk_ms=3 * MINUTE_MS, wrap_up_ms=10_000)
    assert accounts(world.records) == {LENT: done}


def test_the_wrap_up_here_of_a_talk_that_ended_there_is_none_though_he_waits_again() -> None:
    world, island, after = cut_off_in_a_talk()
    tell_all(world, island, after)
    world.seen("c1")
    world.wait(20_000)
    world.do(cmd.EndWrapUp(A1))
    assert accounts(world.records)[LENT].wrap_up_ms == 0


def test_and_so_it_does_if_her_talk_turns_out_to_go_on_while_she_wraps_up_here() -> None:
    world, island, after = cut_off_in_a_talk()
    tell_all(world, island, after)
    ticket = world.state.contacts[C1].ticket()
    talks = cmd.SeenCaller(C1, cmd.CallerPlace.TALKING, 0, ticket, PhoneId("phone-a1"))
    world.do(cmd.ReportSwitch(LINK, world.now_ms, (talks,)))
    world.wait(MINUTE_MS)
    world.nurse_hangs_up("c1")
    world.wait(10_000)
    world.do(cmd.EndWrapUp(A1))
    found = accounts(world.records)[LENT]
    assert (found.calls, found.wrap_up_ms) == (2, 10_000)
