"""A region's own wait: by the nurses who can help those who wait, and by nobody else."""

from __future__ import annotations

import pytest

from routing.may_answer import Floor
from routing.order import Place
from routing.own_wait import region_wait_ms
from routing.policy import DEFAULT_PRIORITIES, Policy
from routing.ready_agents import AgentClass, ReadyAgents, agent_class
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

MINUTE_MS = 60_000
POLICY = Policy("test", DEFAULT_PRIORITIES, REGIONS, handle_ms_assumed=10 * MINUTE_MS)
LINK, HERE = LinkId("ast1"), RegionCode("22")


def kind(skills: str) -> AgentClass:
    return agent_class(HERE, None, tuple(SkillLevel(Skill(each)) for each in skills.split()), LINK)


def wait_minutes(
    waiting: dict[str, int], busy: str, ready: str = "", on_a_break: str = ""
) -> float:
    """How long, in minutes.

    Args:
        waiting: how many need what.
        busy, ready, on_a_break: the nurses' skills, each nurse's after a comma.
    """
    agents, line = ReadyAgents(), WaitingContacts(Rules(POLICY))
    taking = []
    for skills in filter(None, [*busy.split(","), *ready.split(",")]):
        agents.sign_on(kind(skills))
        taking.append(kind(skills))
    for number, skills in enumerate(filter(None, ready.split(","))):
        agents.add(FakeAgent(AgentId(f"a{number}"), kind(skills), 0, number))
    for skills in filter(None, on_a_break.split(",")):
        agents.sign_on(kind(skills))
    number = 0
    for skills, count in waiting.items():
        needs = tuple(Requirement(Skill(each)) for each in skills.split())
        for _ in range(count):
            number += 1
            place = Place(2, number * 1000, number)
            of = contact_class(2, HERE, needs, (), LINK)
            line.add(FakeContact(ContactId(f"c{number}"), of, place))
    floor = Floor(Rules(POLICY), agents)
    return region_wait_ms(floor, line, HERE, taking, len(taking)) / MINUTE_MS


def test_with_nobody_waiting_one_who_comes_waits_for_the_next_nurse_who_is_done() -> None:
    assert wait_minutes({}, busy="advice, advice") == 5
    assert wait_minutes({}, busy="advice", ready="child") == 0


@pytest.mark.parametrize("waiting", [{"advice": 4}, {"advice": 3, "child": 1}, {"child": 4}])
def test_nurses_of_the_same_skills_serve_one_queue_whatever_is_needed(
    waiting: dict[str, int],
) -> None:
    assert wait_minutes(waiting, busy="advice child, advice child") == 25


def test_nurses_who_cannot_help_do_not_shorten_it() -> None:
    assert wait_minutes({"advice": 10}, busy="advice", ready="child, child, child") == 110


def test_those_who_need_less_stand_among_those_ahead_only_if_nobody_else_helps_them() -> None:
    """For children one of the two; for advice both, and those who need a child's nurse besides."""
    assert wait_minutes({"child": 1, "advice": 3}, busy="advice child, advice") == (20 + 3 * 25) / 4


def test_it_is_the_mean_over_all_who_wait() -> None:
    assert wait_minutes({"child": 1, "advice": 3}, busy="child, advice") == (20 + 3 * 40) / 4


def test_whom_nobody_at_work_could_help_does_not_count() -> None:
    assert wait_minutes({"physio": 20}, busy="advice", ready="advice") == 0
    assert wait_minutes({"physio": 20, "advice": 1}, busy="advice") == 20


def test_nurses_on_a_break_are_thought_to_be_back_where_nobody_else_could_help() -> None:
    assert wait_minutes({"physio": 3}, busy="advice", on_a_break="physio, physio") == 20
    assert wait_minutes({"advice": 3}, busy="advice", on_a_break="advice") == 40
