"""The index of the ready, against a plain list."""

from __future__ import annotations

import random

import pytest

from routing.ready_agents import COUNTS_MAX, ReadyAgents, agent_class
from routing.skills import meets
from routing.vocabulary import (
    AgentId,
    LinkId,
    RegionCode,
    Requirement,
    Skill,
    SkillLevel,
    UnitId,
)
from tests.routing.floors import CODES, FakeAgent, random_hall

UNIT = UnitId("u1")
NEEDS = ((), (Requirement(Skill("advice")),), (Requirement(Skill("ar"), 3),))


def check(ready: ReadyAgents, held: list[FakeAgent], staff: list[FakeAgent]) -> None:
    assert len(ready) == len(held)
    for agent in held:
        assert agent.agent_id in ready
        assert ready.has(agent.agent_class)
        assert ready.get(agent.agent_id) is agent
    classes = list(ready.classes())
    assert ready.classes_count() == len(classes)
    assert sorted(map(str, classes)) == sorted({str(agent.agent_class) for agent in held})
    for kind in classes:
        row = list(ready.members(kind))
        assert ready.members_count(kind) == len(row)
        wanted = [agent for agent in held if agent.agent_class == kind]
        assert row == sorted(wanted, key=lambda agent: (agent.ready_since_ms, agent.sequence))
    for text in CODES:
        code = RegionCode(text)
        assert set(ready.classes_in(code)) == {kind for kind in classes if kind.region == code}
        outside = {kind for kind in classes if kind.region != code}
        assert set(ready.classes_outside(code)) == outside
        for needs in NEEDS:
            free = [agent for agent in held if agent.agent_class.room is None]
            assert ready.ready_count(code, needs) == _count(free, code, needs)
            assert ready.signed_on_count(code, needs) == _count(staff, code, needs)
            assert ready.count(code, needs).reserve == _count(staff, code, needs) // 2
            of_unit = [agent for agent in staff if agent.agent_class.unit == UNIT]
            assert ready.is_unit_staffed(code, UNIT, needs) == (_count(of_unit, code, needs) > 0)


def _count(agents: list[FakeAgent], code: RegionCode, needs: tuple[Requirement, ...]) -> int:
    kinds = [agent.agent_class for agent in agents]
    return sum(kind.region == code and meets(kind.skills, needs) for kind in kinds)


@pytest.mark.parametrize("seed", range(15))
def test_any_coming_and_going(seed: int) -> None:
    draw = random.Random(seed)
    ready, held, staff = ReadyAgents(), list[FakeAgent](), list[FakeAgent]()
    ready.keep_back(lambda region, needs, signed_on: signed_on // 2)
    for number in range(10):
        for agent in random_hall(seed * 100 + number).agents:
            agent.agent_id = AgentId(f"{agent.agent_id}-{number}")
            agent.sequence = agent.sequence * 100 + number
            ready.sign_on(agent.agent_class)
            staff.append(agent)
            if draw.random() < 0.7:
                ready.add(agent)
                held.append(agent)
            if held and draw.random() < 0.3:
                ready.remove(held.pop(draw.randrange(len(held))))
            away = [each for each in staff if each not in held]
            if away and draw.random() < 0.3:
                gone = away[draw.randrange(len(away))]
                ready.sign_off(gone.agent_class)
                staff.remove(gone)
            check(ready, held, staff)


def test_counts_asked_for_early_and_late_and_too_many_are_all_true() -> None:
    ready, staff = ReadyAgents(), list[FakeAgent]()
    for number in range(12):
        for agent in random_hall(number).agents:
            agent.agent_id = AgentId(f"{agent.agent_id}-{number}")
            agent.sequence = agent.sequence * 100 + number
            ready.sign_on(agent.agent_class)
            ready.add(agent)
            staff.append(agent)
        for text in CODES:
            for level in range(number * 100):
                advice, other = Requirement(Skill("advice"), level % 9 + 1), Skill(f"s{level}")
                assert ready.ready_count(RegionCode(text), (advice,)) >= 0
                assert ready.ready_count(RegionCode(text), (advice, Requirement(other))) == 0
        for region, counted, is_ready, signed_on in ready.counted():
            free = [agent for agent in staff if agent.agent_class.room is None]
            wanted = _count(free, region, counted), _count(staff, region, counted)
            assert (is_ready, signed_on) == wanted
    assert len(list(ready.counted())) <= len(CODES) * COUNTS_MAX


def test_a_region_lends_more_with_the_one_who_is_first_beyond_those_whom_it_keeps() -> None:
    home, advice = RegionCode("22"), Requirement(Skill("advice"))
    kind = agent_class(home, None, (SkillLevel(Skill("advice")),), LinkId("ast1"))
    ready = ReadyAgents()

    def may_lend_more(reserve: int) -> bool:
        ready.keep_back(lambda region, needs, signed_on: reserve)
        return ready.may_lend_more(kind)

    assert not may_lend_more(0), "nobody has asked yet what is counted"
    for needs in ((advice,), (Requirement(Skill("ar")),)):  # she meets the first alone
        assert ready.ready_count(home, needs) == 0
    found = []
    for number in range(3):
        ready.sign_on(kind)
        ready.add(FakeAgent(AgentId(f"a{number}"), kind, 0, number))
        found.append([may_lend_more(reserve) for reserve in (0, 1, 2)])
    assert found == [[True, False, False], [False, True, False], [False, False, True]]
    for number in range(COUNTS_MAX - 3):
        assert ready.ready_count(home, (Requirement(Skill(f"s{number}")),)) == 0
    assert not may_lend_more(0)
    assert ready.ready_count(home, (Requirement(Skill("one more")),)) == 0
    assert may_lend_more(0), "of so many needs not all are counted: it may be"


def test_nobody_is_ready_twice_and_strangers_are_not() -> None:
    agent = next(hall.agents[0] for hall in map(random_hall, range(50)) if hall.agents)
    ready = ReadyAgents()
    assert agent.agent_id not in ready
    ready.add(agent)
    with pytest.raises(AssertionError):
        ready.add(agent)
