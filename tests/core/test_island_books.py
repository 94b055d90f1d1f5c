"""What an island tells of itself: what it alone knows, in its own words and no others'."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.core import commands as cmd
from queue_engine.core.island_reports import IslandContact, IslandStint, StintKind
from routing.policy import MINUTE_MS
from routing.relaxing import RelaxRule
from routing.vocabulary import (
    AgentId,
    ContactId,
    HomeRegionSource,
    LineId,
    LinkId,
    NotReadyReason,
    Outcome,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    SkillLevel,
    UnitId,
)
from tests.core.island_world import parted, told
from tests.core.world import ADVICE, LINK, POLICY, World

FAR = LinkId("ast2")
C1, A1, A2 = ContactId("c1"), AgentId("a1"), AgentId("a2")
CHILD = Skill("child")
TALK, CONSULT, WRAP_UP = StintKind.TALK, StintKind.CONSULT, StintKind.WRAP_UP


def facts(island: World, after: int, late: int = 0) -> dict[str, IslandContact]:
    """What is told of each contact."""
    parts = told(island, after, late=late)
    return {fact.contact_id: fact for part in parts for fact in part.contacts}


def stints(fact: IslandContact) -> list[tuple[StintKind, int, bool]]:
    """Each with its length in seconds, and whether it went on."""
    return [
        (each.kind, (each.until_ms - each.from_ms) // 1000, each.is_open) for each in fact.stints
    ]


def talking(region: str = "24") -> World:
    """A caller of that region talks with a nurse of 22."""
    world = World()
    world.agent("a1", "22")
    world.caller("c1", region, Priority.EMERGENCY)
    world.answer("c1")
    world.wait(10_000)
    return world


def far_agent(world: World, name: str) -> None:
    """A nurse at another switch is ready."""
    world.do(cmd.ReportSwitch(FAR, world.now_ms, ()))
    skills = (SkillLevel(Skill("advice")),)
    phone = PhoneId(f"phone-{name}")
    world.do(cmd.SignOnAgent(AgentId(name), FAR, phone, RegionCode("22"), skills))
    world.do(cmd.SetAgentReady(AgentId(name)))


def far_talk(world: World) -> None:
    """A caller at the other switch talks with the nurse there."""
    enqueue = cmd.EnqueueContact(
        C1,
        FAR,
        LineId("1177"),
        world.now_ms,
        Priority.STANDARD,
        ADVICE,
        RegionCode("22"),
        HomeRegionSource.AREA_CODE,
    )
    world.do(enqueue)
    waits = cmd.SeenCaller(C1, cmd.CallerPlace.WAITING, world.now_ms)
    world.do(cmd.ReportCallerWaiting(FAR, waits))
    row = world.state.contacts[C1]
    assert row.phone_id is not None
    world.do(cmd.ReportConnected(C1, FAR, row.phone_id, row.offer))


def test_it_did_not_end_before_what_it_did() -> None:
    world = World()
    after, island = world.state.record_number, parted(world)
    island.wait(MINUTE_MS)
    island.caller("c1")
    (part,) = told(island, after, until_ms=world.now_ms)
    assert part.island.until_ms == island.now_ms
    assert part.island.parted_ms == island.now_ms


def test_what_it_has_forgotten_is_told_as_it_was() -> None:
    """An island may last for days; a contact is remembered for less than half an hour."""
    world = World()
    world.caller("c1", "24")
    after, island = world.state.record_number, parted(world)
    island.wait(5_000)
    island.gone("c1")
    ended_ms = island.now_ms
    island.wait(60 * MINUTE_MS)
    assert C1 not in island.state.contacts
    found = facts(island, after)["c1"]
    assert (found.outcome, found.until_ms, found.wait_ms) == (Outcome.ABANDONED, ended_ms, 5_000)
    assert (found.number, found.needs) == (after + 1, ADVICE)


def test_of_whom_it_only_forgot_nothing_is_told() -> None:
    world = World()
    world.caller("c1")
    world.gone("c1")
    after, island = world.state.record_number, parted(world)
    island.wait(60 * MINUTE_MS)
    assert C1 not in island.state.contacts
    assert facts(island, after) == {}


def test_who_came_there_is_said_of_those_whom_nobody_else_knows() -> None:
    world = World()
    world.caller("c1", "24")
    after, island = world.state.record_number, parted(world)
    island.caller("c2", "24")
    for name in ("c1", "c2"):
        island.gone(name)
    came = {name: fact.came_there for name, fact in facts(island, after).items()}
    assert came == {"c1": False, "c2": True}


def test_who_was_not_gone_after_all_is_told_as_he_is() -> None:
    world = World()
    world.caller("c1", "24")
    ticket = world.state.contacts[C1].ticket()
    world.gone("c1")
    after, island = world.state.record_number, parted(world)
    waits = cmd.SeenCaller(C1, cmd.CallerPlace.WAITING, island.now_ms, ticket)
    island.do(cmd.ReportCallerWaiting(LINK, waits))
    found = facts(island, after)["c1"]
    assert (found.came_there, found.outcome) == (False, None)
    island.gone("c1")
    island.wait(60 * MINUTE_MS)
    assert facts(island, after)["c1"].outcome is Outcome.ABANDONED
    waits = cmd.SeenCaller(C1, cmd.CallerPlace.WAITING, island.now_ms, ticket)
    island.do(cmd.ReportCallerWaiting(LINK, waits))
    assert facts(island, after)["c1"].outcome is None


def test_a_contact_is_told_under_the_record_with_which_it_was_over() -> None:
    """Not that of her wrap-up: a part that has been told says of all that ended until then."""
    island = talking()
    after = island.state.record_number
    island.nurse_hangs_up("c1")
    over = island.state.record_number
    island.wait(5_000)
    island.do(cmd.EndWrapUp(A1, "self_care"))
    assert facts(island, after)["c1"].number == over
    island.caller("c2")
    assert facts(island, after)["c2"].number == island.state.record_number


@pytest.mark.parametrize("is_promised_only", [True, False])
def test_who_was_promised_a_call_is_to_be_rung_if_he_has_hung_up(is_promised_only: bool) -> None:
    world = World()
    after, island = world.state.record_number, parted(world)
    island.caller("c1", "24")
    island.do(cmd.RequestCallback(C1))
    if not is_promised_only:
        island.gone("c1")
    found = facts(island, after)["c1"].promised_until_ms
    assert (found is None) is is_promised_only


def test_what_she_has_noted_is_told_with_the_last_of_each() -> None:
    world = talking()
    after, island = world.state.record_number, parted(world)
    island.do(cmd.SetDisposition(A1, C1, "self_care", cause="injury"))
    island.nurse_hangs_up("c1")
    (noted,) = facts(island, after)["c1"].dispositions
    assert (noted.agent_id, noted.care_level, noted.cause) == (A1, "self_care", "injury")
    island.do(cmd.EndWrapUp(A1, "health_centre"))
    (noted,) = facts(island, after)["c1"].dispositions
    assert (noted.care_level, noted.cause) == ("health_centre", "injury")


# --- the first answer -------------------------------------------------------------------------


def test_the_first_answer_is_told_and_no_later_one() -> None:
    world = World()
    world.caller("c1", "24", Priority.EMERGENCY)
    after, island = world.state.record_number, parted(world)
    island.wait(5_000)
    island.agent("a1")
    island.answer("c1")
    at_ms = island.now_ms
    island.wait(5_000)
    island.do(cmd.TransferContact(A1, C1, to_service=CHILD))
    island.seen("c1")
    island.agent("a2", skills="advice child")
    island.answer("c1")
    answer = facts(island, after)["c1"].answer
    assert answer is not None
    assert (answer.at_ms, answer.home_region, answer.needs) == (at_ms, "24", ADVICE)


def test_who_had_been_answered_before_it_parted_is_not_answered_once_more() -> None:
    world = talking()
    after, island = world.state.record_number, parted(world)
    island.seen("c1")
    island.answer("c1")
    assert facts(island, after)["c1"].answer is None


def test_what_he_asked_for_is_told_and_not_what_he_was_content_with() -> None:
    rule = RelaxRule("child", CHILD, MINUTE_MS, instead=(Skill("advice"),))
    world = World(replace(POLICY, relax_rules=(rule,)))
    asked = (Requirement(CHILD),)
    after, island = world.state.record_number, parted(world)
    island.caller("c1", needs=asked)
    island.wait(2 * MINUTE_MS)
    island.agent("a1")
    island.answer("c1")
    found = facts(island, after)["c1"]
    assert found.answer is not None
    assert found.needs == found.answer.needs == asked


# --- her work ---------------------------------------------------------------------------------


def test_what_had_begun_is_told_from_its_beginning_and_what_goes_on_as_open() -> None:
    world = talking()
    after, island = world.state.record_number, parted(world)
    island.wait(20_000)
    assert "c1" not in facts(island, after)
    island.do(cmd.SetDisposition(A1, C1, "self_care"))
    assert stints(facts(island, after)["c1"]) == [(TALK, 30, True)]
    island.nurse_hangs_up("c1")
    island.wait(5_000)
    island.caller("c2")
    assert stints(facts(island, after)["c1"]) == [(TALK, 30, False), (WRAP_UP, 5, True)]


def test_a_talk_that_was_over_with_a_caller_who_waits_again_is_told() -> None:
    world = talking()
    after, island = world.state.record_number, parted(world)
    island.wait(20_000)
    island.do(cmd.SetAgentNotReady(A1, NotReadyReason.BREAK))
    island.seen("c1")
    assert stints(facts(island, after)["c1"]) == [(TALK, 30, False)]


def test_who_is_asked_about_anothers_caller_is_told_as_asked() -> None:
    world = talking()
    after, island = world.state.record_number, parted(world)
    island.agent("a2", "23")
    island.do(cmd.ConsultAgent(A1, C1, to_agent=A2))
    consult = island.state.contacts[C1].consult
    assert consult is not None
    island.do(cmd.ReportConsultAnswered(C1, PhoneId("phone-a2"), consult))
    island.wait(7_000)
    island.caller("c2")
    assert stints(facts(island, after)["c1"]) == [(TALK, 17, True), (CONSULT, 7, True)]


@pytest.mark.parametrize("is_over", [False, True])
def test_whose_he_was_when_she_sent_him_on_she_wraps_up_for(is_over: bool) -> None:
    world = talking("24")
    world.do(cmd.TransferContact(A1, C1, to_region=RegionCode("23")))
    after, island = world.state.record_number, parted(world)
    island.wait(5_000)
    if is_over:
        island.do(cmd.EndWrapUp(A1))
    island.gone("c1")
    found: list[IslandStint] = [
        each for each in facts(island, after)["c1"].stints if each.kind is WRAP_UP
    ]
    assert [(each.taker, each.is_open) for each in found] == [("24", not is_over)]


def test_what_was_offered_before_it_parted_it_does_not_say_whether_it_was_sold() -> None:
    world = talking()
    after, island = world.state.record_number, parted(world)
    island.nurse_hangs_up("c1")
    island.do(cmd.EndWrapUp(A1))
    island.caller("c2", "24", Priority.EMERGENCY)
    island.answer("c2")
    island.nurse_hangs_up("c2")
    found = facts(island, after)
    assert {each.is_sold for each in found["c1"].stints} == {None}
    assert {each.is_sold for each in found["c2"].stints} == {False}


def test_what_she_answered_as_its_seller_is_told_as_sold() -> None:
    world = World()
    world.do(cmd.SetWindow("night_22_07", True))
    after, island = world.state.record_number, parted(world)
    island.agent("a1", "23", "child")
    enqueue = cmd.EnqueueContact(
        C1,
        LINK,
        LineId("1177"),
        island.now_ms,
        Priority.EMERGENCY,
        (Requirement(CHILD),),
        RegionCode("24"),
        HomeRegionSource.AREA_CODE,
        UnitId("hamnen"),
    )
    island.do(enqueue)
    island.seen("c1")
    island.answer("c1")
    island.nurse_hangs_up("c1")
    assert {each.is_sold for each in facts(island, after)["c1"].stints} == {True}


def test_of_another_switch_it_tells_no_talk_that_it_does_not_see() -> None:
    """It was told to by nobody; that her time for a wrap-up there was up it has only reckoned."""
    for has_ended, minutes in ((False, 20), (True, 1), (True, 20)):
        world = World()
        far_agent(world, "a2")
        far_talk(world)
        if has_ended:
            world.do(cmd.ReportCallerGone(C1))
        after, island = world.state.record_number, parted(world)
        island.do(cmd.ReportLinkLost(FAR))
        island.do(cmd.SetDisposition(A2, C1, "self_care"))
        island.wait(minutes * MINUTE_MS)
        island.caller("c2")
        island.gone("c2")
        found = facts(island, after)
        assert stints(found["c1"]) == []
        assert found["c2"].outcome is Outcome.ABANDONED


def test_a_wrap_up_at_another_switch_that_she_ended_herself_is_told() -> None:
    world = World()
    far_agent(world, "a2")
    far_talk(world)
    world.do(cmd.ReportCallerGone(C1))
    after, island = world.state.record_number, parted(world)
    island.do(cmd.ReportLinkLost(FAR))
    island.wait(4_000)
    island.do(cmd.EndWrapUp(A2))
    assert stints(facts(island, after)["c1"]) == [(WRAP_UP, 4, False)]


def test_a_wrap_up_at_its_own_switch_that_lasted_its_time_is_told() -> None:
    world = talking()
    world.nurse_hangs_up("c1")
    after, island = world.state.record_number, parted(world)
    island.wait(20 * MINUTE_MS)
    assert stints(facts(island, after)["c1"]) == [(WRAP_UP, 300, False)]
