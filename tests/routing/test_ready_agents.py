"""The index of the ready, against a plain list."""

from __future__ import annotations

import random

import pytest

from routing.ready_agents import COUNTS_MAX, ReadyAgents
from routing.skills import meets
from routing.vocabulary import AgentId, RegionCode, Requirement, Skill
from tests.routing.floors import CODES, FakeAgent, random_hall

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
        for needs in NEEDS:
            free = [agent for agent in held if agent.agent_class.room is None]
            assert ready.ready_count(code, needs) == _count(free, code, needs)
            assert ready.signed_on_count(code, needs) == _count(staff, code, needs)


def _count(agents: list[FakeAgent], code: RegionCode, needs: tuple[Requirement, ...]) -> int:
    kinds = [agent.agent_class for agent in agents]
    return sum(kind.region == code and meets(kind.skills, needs) for kind in kinds)


@pytest.mark.parametrize("seed", range(15))
def test_any_coming_and_going(seed: int) -> None:
    draw = random.Random(seed)
    ready, held, staff = ReadyAgents(), list[FakeAgent](), list[FakeAgent]()
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


def test_nobody_is_ready_twice_and_strangers_are_not() -> None:
    agent = next(hall.agents[0] for hall in map(random_hall, range(50)) if hall.agents)
    ready = ReadyAgents()
    assert agent.agent_id not in ready
    ready.add(agent)
    with pytest.raises(AssertionError):
        ready.add(agent)
