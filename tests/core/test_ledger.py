"""The ledger of a story: who did what for whom, on the account of the home that it ended with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.ledger import NATION, Account, Ledger, Sums
from routing.policy import MINUTE_MS
from routing.talk_policy import TalkPolicy
from routing.vocabulary import (
    AgentId,
    ContactId,
    HomeRegionSource,
    LineId,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    UnitId,
)
from tests.core.chaos import Chaos
from tests.core.world import LINK, POLICY, World

ADVICE = Skill("advice")
A1, A2 = AgentId("a1"), AgentId("a2")


def accounts(world: World, from_ms: int = 0, to_ms: int | None = None) -> dict[Account, Sums]:
    ledger = Ledger(from_ms, to_ms)
    for record in world.records:
        ledger.follow(record)
    return dict(ledger.accounts())


def account(giver: str, taker: str) -> Account:
    return Account(RegionCode(giver), RegionCode(taker), ADVICE)


def kinds(events: tuple[ev.Event, ...]) -> list[str]:
    return [type(event).__name__ for event in events]


def offers(events: tuple[ev.Event, ...]) -> list[ev.ContactOffered]:
    return [event for event in events if isinstance(event, ev.ContactOffered)]


def talk(world: World, caller: str, region: str, agent: str) -> None:
    world.caller(caller, region)
    world.answer(caller)
    world.wait(60_000)
    world.nurse_hangs_up(caller)
    world.wait(10_000)
    world.do(cmd.EndWrapUp(AgentId(agent)))


def test_what_is_done_for_another_region_is_booked_and_what_is_done_at_home_is_not() -> None:
    world = World()
    world.agent("a1", "22")
    talk(world, "own", "22", "a1")
    talk(world, "lent", "24", "a1")
    talk(world, "nobodys", "unknown", "a1")
    done = Sums(calls=1, talk_ms=60_000, wrap_up_ms=10_000)
    assert accounts(world) == {account("22", "24"): done, account("22", NATION): done}


def test_a_period_has_what_ended_within_it() -> None:
    world = World()
    world.agent("a1", "22")
    talk(world, "c1", "24", "a1")
    noon_ms = world.now_ms + 1
    world.wait(1)
    talk(world, "c2", "24", "a1")
    both = accounts(world)[account("22", "24")]
    assert both.calls == 2
    assert accounts(world, noon_ms)[account("22", "24")].calls == 1
    assert accounts(world, 0, noon_ms)[account("22", "24")].calls == 1
    assert not accounts(world, world.now_ms + 1)


def test_a_period_begins_with_its_first_millisecond_and_ends_before_the_next_one_does() -> None:
    """The talk is booked when it ends; her wrap-up, ten seconds later, when that does."""
    world = World()
    world.agent("a1", "22")
    talk(world, "c1", "24", "a1")
    end_ms = world.now_ms
    wrap_up, talked = Sums(wrap_up_ms=10_000), Sums(calls=1, talk_ms=60_000)
    assert accounts(world, end_ms) == {account("22", "24"): wrap_up}
    assert accounts(world, 0, end_ms) == {account("22", "24"): talked}
    assert accounts(world, end_ms + 1) == {}


def test_another_goes_on_where_one_left_off_and_what_is_closed_is_not_told_again() -> None:
    """As in the console, which closes the accounts of a day and goes on with what is under way."""
    world = World()
    world.agent("a1", "22")
    talk(world, "c1", "24", "a1")
    world.caller("c2", "24")
    world.answer("c2")
    first = Ledger()
    for record in world.records:
        first.follow(record)
    begun = len(world.records)
    world.wait(60_000)
    world.nurse_hangs_up("c2")
    second = Ledger(rows=first.rows())
    for record in world.records[begun:]:
        second.follow(record)
    both = Sums(calls=2, talk_ms=120_000, wrap_up_ms=10_000)
    assert second.close() == [(account("22", "24"), both)]
    assert second.close() == []
    world.wait(5_000)
    begun = len(world.records)
    world.do(cmd.EndWrapUp(A1))
    for record in world.records[begun:]:
        second.follow(record)
    assert second.close() == [(account("22", "24"), Sums(wrap_up_ms=5_000))]


def test_any_story_has_accounts_between_two_only() -> None:
    for seed in range(4):
        world = World()
        Chaos(world, seed).run(120)
        for entry, sums in accounts(world).items():
            assert entry.giver != entry.taker
            assert min(sums) >= 0


def test_an_end_that_is_reported_late_is_booked_as_of_when_he_was_last_seen() -> None:
    world = World()
    world.agent("a1", "22")
    world.caller("c1", "24")
    world.answer("c1")
    world.wait(60_000)
    world.do(cmd.ReportLinkLost(LINK))
    world.wait(60_000)
    world.do(cmd.ReportSwitch(LINK, world.now_ms, ()))
    assert accounts(world)[account("22", "24")].talk_ms == 60_000


def test_who_has_sent_him_on_and_gets_him_once_more_works_for_the_region_that_has_him_now() -> None:
    world = World()
    world.agent("a1", "22")
    world.caller("c1", "24", Priority.EMERGENCY)
    world.answer("c1")
    world.wait(60_000)
    world.do(cmd.TransferContact(A1, ContactId("c1"), to_region=RegionCode("23")))
    world.wait(5_000)
    world.do(cmd.EndWrapUp(A1))
    world.seen("c1")
    world.answer("c1")
    world.wait(30_000)
    world.nurse_hangs_up("c1")
    world.wait(7_000)
    world.do(cmd.EndWrapUp(A1))
    assert accounts(world) == {
        account("22", "23"): Sums(calls=1, talk_ms=30_000, wrap_up_ms=7_000),
        account("22", "24"): Sums(calls=1, talk_ms=60_000, wrap_up_ms=5_000),
    }


def test_who_was_not_gone_after_all_is_still_the_former_regions_in_her_wrap_up() -> None:
    world = World()
    world.agent("a1", "22")
    world.caller("c1", "24", Priority.EMERGENCY)
    world.answer("c1")
    world.wait(60_000)
    world.do(cmd.TransferContact(A1, ContactId("c1"), to_region=RegionCode("23")))
    world.gone("c1")
    assert kinds(world.seen("c1"))[0] == "ContactRestored"
    world.wait(5_000)
    world.do(cmd.EndWrapUp(A1))
    assert accounts(world) == {account("22", "24"): Sums(calls=1, talk_ms=60_000, wrap_up_ms=5_000)}


def test_offered_as_sold_and_once_more_when_nothing_is_sold_he_is_another_regions() -> None:
    world = World()
    night = "night_22_07"
    world.do(cmd.SetWindow(night, True))
    world.agent("a1", "23", "child")
    buyer = (Requirement(Skill("child")),)
    enqueue = cmd.EnqueueContact(
        ContactId("c1"),
        LINK,
        LineId("1177"),
        world.now_ms,
        Priority.EMERGENCY,
        buyer,
        RegionCode("24"),
        HomeRegionSource.AREA_CODE,
        UnitId("hamnen"),
    )
    world.do(enqueue)
    (offer,) = offers(world.seen("c1"))
    assert offer.is_sold
    world.do(cmd.SetWindow(night, False))
    world.fail("c1", cmd.OfferFailure.REJECTED)
    (offer,) = offers(world.do(cmd.SetAgentReady(A1)))
    assert not offer.is_sold
    world.answer("c1")
    world.wait(30_000)
    world.nurse_hangs_up("c1")
    found = accounts(world)
    assert [entry.is_sold for entry in found] == [False]


def test_a_colleague_who_is_let_go_was_asked_and_the_talk_goes_on() -> None:
    world = World()
    world.agent("a1", "22")
    world.caller("c1", "24", Priority.EMERGENCY)
    world.answer("c1")
    world.agent("a2", "23")
    world.wait(60_000)
    world.do(cmd.ConsultAgent(A1, ContactId("c1"), to_agent=A2))
    consult = world.state.contacts[ContactId("c1")].consult
    assert consult is not None
    world.do(cmd.ReportConsultAnswered(ContactId("c1"), PhoneId("phone-a2"), consult))
    world.wait(20_000)
    world.do(cmd.EndConsult(A1, ContactId("c1")))
    world.do(cmd.RetrieveContact(A1, ContactId("c1")))
    world.wait(30_000)
    world.nurse_hangs_up("c1")
    assert accounts(world) == {
        account("22", "24"): Sums(calls=1, talk_ms=110_000),
        account("23", "24"): Sums(consults=1, consult_ms=20_000),
    }


def test_a_talk_of_which_the_switch_was_not_seen_any_more_has_no_length() -> None:
    world = World()
    world.agent("a1", "22")
    world.caller("c1", "24")
    world.wait(5_000)
    seen_ms = world.now_ms
    world.wait(5_000)
    world.answer("c1")
    world.do(cmd.ReportLinkLost(LINK, seen_ms))
    world.wait(60_000)
    world.do(cmd.ReportSwitch(LINK, world.now_ms, ()))
    assert accounts(world) == {account("22", "24"): Sums(calls=1)}


def test_a_home_that_no_file_describes_is_the_nations() -> None:
    world = World()
    world.agent("a1", "22")
    talk(world, "c1", "99", "a1")
    assert list(accounts(world)) == [account("22", NATION)]


@pytest.mark.parametrize(
    ("by_itself_ms", "at_most_ms"), [(5 * MINUTE_MS, 60 * MINUTE_MS), (60 * MINUTE_MS, 0)]
)
def test_a_wrap_up_that_lasts_an_hour_is_booked_and_balanced(
    by_itself_ms: int, at_most_ms: int
) -> None:
    """The contact is known until then, though nobody can continue it for so long."""
    talks = TalkPolicy(wrap_up_prolonged_ms_max=at_most_ms)
    world = World(replace(POLICY, wrap_up_ms_max=by_itself_ms, talks=talks))
    world.agent("a1", "22")
    world.caller("c1", "24")
    world.answer("c1")
    world.nurse_hangs_up("c1")
    if at_most_ms:
        world.do(cmd.ProlongWrapUp(A1, at_most_ms))
    assert kinds(world.wait(59 * MINUTE_MS)) == []
    assert kinds(world.wait(MINUTE_MS)) == ["WrapUpEnded", "ContactForgotten"]
    assert accounts(world) == {account("22", "24"): Sums(calls=1, wrap_up_ms=60 * MINUTE_MS)}
    balance = world.state.balances.since(RegionCode("22"), 0)
    assert balance.given == 60 * MINUTE_MS


def test_who_was_never_answered_is_forgotten_when_nobody_can_continue_him() -> None:
    talks = TalkPolicy(wrap_up_prolonged_ms_max=60 * MINUTE_MS)
    world = World(replace(POLICY, talks=talks))
    world.caller("c1", "24")
    world.gone("c1")
    assert kinds(world.wait(15 * MINUTE_MS)) == ["ContactForgotten"]
