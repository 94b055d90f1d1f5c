"""The first form of the expected wait: those ahead, served by the region's own staff."""

from __future__ import annotations

from routing.estimate import expected_wait_ms, own_wait_ms, position, wait_band
from routing.may_answer import Floor
from routing.order import Place
from routing.policy import DEFAULT_PRIORITIES, Policy
from routing.ready_agents import ReadyAgents, agent_class
from routing.rules import Rules
from routing.vocabulary import (
    AgentId,
    ContactId,
    LinkId,
    RegionCode,
    Requirement,
    Skill,
    SkillLevel,
)
from routing.waiting import WaitingContacts, contact_class
from tests.routing.floors import REGIONS, FakeAgent, FakeContact

POLICY = Policy("test", DEFAULT_PRIORITIES, REGIONS, handle_ms_assumed=600_000)
LINK = LinkId("ast1")


def contact(number: int, region: str = "22", tier: int = 2) -> FakeContact:
    kind = contact_class(tier, RegionCode(region), (Requirement(Skill("advice")),), (), LINK)
    return FakeContact(ContactId(f"c{number}"), kind, Place(tier, number * 1000, number))


def floor(**staff: int) -> Floor:
    ready = ReadyAgents()
    for name, count in staff.items():
        kind = agent_class(RegionCode(name[1:]), None, (SkillLevel(Skill("advice")),), LINK)
        for _ in range(count):
            ready.sign_on(kind)
    return Floor(Rules(POLICY), ready)


def test_position_and_wait_within_the_home_region() -> None:
    waiting = WaitingContacts(Rules(POLICY))
    line = [contact(1), contact(2, "23"), contact(3), contact(4, tier=0), contact(5)]
    for each in line:
        waiting.add(each)
    assert [position(waiting, each) for each in line] == [2, 1, 3, 1, 4]
    here = floor(r22=2, r23=1)
    waits = [expected_wait_ms(here, waiting, each) for each in line]
    assert waits == [600_000, 600_000, 900_000, 300_000, 1_200_000]


def test_one_who_rings_already_has_his_place_too() -> None:
    assert position(WaitingContacts(Rules(POLICY)), contact(1)) == 1


def test_nobody_at_work_could_say() -> None:
    waiting = WaitingContacts(Rules(POLICY))
    each = contact(1)
    waiting.add(each)
    assert expected_wait_ms(floor(r23=3), waiting, each) is None


def test_who_is_ready_takes_those_ahead_and_then_there_is_no_wait() -> None:
    waiting = WaitingContacts(Rules(POLICY))
    line = [contact(number) for number in range(1, 5)]
    for each in line:
        waiting.add(each)
    here = floor(r22=3, r23=1)
    kind = agent_class(RegionCode("22"), None, (SkillLevel(Skill("advice")),), LINK)
    for number in range(2):
        here.agents.add(FakeAgent(AgentId(f"a{number}"), kind, 0, number))
    waits = [expected_wait_ms(here, waiting, each) for each in line]
    assert waits == [0, 0, 200_000, 400_000]
    nobodys = contact(9, "unknown")
    waiting.add(nobodys)
    assert expected_wait_ms(here, waiting, nobodys) == 0


def test_what_is_nobodys_counts_on_everybody() -> None:
    for region in ("unknown", "99"):
        waiting = WaitingContacts(Rules(POLICY))
        each = contact(1, region)
        waiting.add(each)
        assert expected_wait_ms(floor(r22=1, r23=1, r24=1), waiting, each) == 200_000


def test_the_own_wait_of_a_region_is_that_of_one_who_comes_now() -> None:
    assert own_wait_ms(waiting=4, ready=0, staff=2, handle_ms=600_000) == 1_500_000
    assert own_wait_ms(waiting=0, ready=0, staff=2, handle_ms=600_000) == 300_000
    assert own_wait_ms(waiting=0, ready=1, staff=2, handle_ms=600_000) == 0
    assert own_wait_ms(waiting=0, ready=2, staff=2, handle_ms=600_000) == 0
    assert own_wait_ms(waiting=0, ready=0, staff=0, handle_ms=600_000) is None


def test_waits_are_said_in_bands() -> None:
    assert wait_band(0) == wait_band(299_999) == (0, 5)
    assert wait_band(300_000) == (5, 10)
    assert wait_band(45 * 60_000) == (45, 60)
    assert wait_band(60 * 60_000) == wait_band(999 * 60_000) == (60, None)
