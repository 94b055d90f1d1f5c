"""Contact centres on other telephone systems: their names, and what may be agreed with them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.gateways import Gateway, gateway_of, gateway_problems, seat_name, seat_number
from routing.may_answer import Floor, Obstacle, class_obstacle
from routing.policy import DEFAULT_PRIORITIES, Policy
from routing.ready_agents import AgentClass, ReadyAgents, agent_class
from routing.rules import Rules
from routing.strain_policy import Spared
from routing.vocabulary import (
    NO_LINK,
    AgentId,
    GatewayId,
    LinkId,
    PhoneId,
    RegionCode,
    Skill,
    SkillLevel,
)
from tests.routing.test_may_answer import contact

ADVICE = (SkillLevel(Skill("advice")),)
CHILD = (SkillLevel(Skill("child")),)
WEST = Gateway(GatewayId("west"), LinkId("ast1"), RegionCode("14"), ADVICE, 4)


def test_a_seat_is_known_again_by_its_name_wherever_its_phone_hangs() -> None:
    name = seat_name(WEST.gateway_id, 12)
    assert gateway_of(AgentId(name)) == "west"
    assert seat_number(AgentId(name)) == 12
    assert gateway_of(PhoneId(f"{name}@ast2")) == "west"
    assert gateway_of(AgentId("n1401")) is gateway_of(None) is None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (replace(WEST, gateway_id=GatewayId("we+st")), "expected an id without +"),
        (replace(WEST, gateway_id=GatewayId("")), "expected an id without +"),
        (replace(WEST, link_id=NO_LINK), "expected a switch"),
        (replace(WEST, region=RegionCode("99")), "no region 99"),
        (replace(WEST, seats=-1), "seats go from 0 to 200, are -1"),
        (replace(WEST, seats=201), "seats go from 0 to 200, are 201"),
        (replace(WEST, skills=ADVICE * 2), "expected skills in order, each once"),
        (replace(WEST, skills=(*CHILD, *ADVICE)), "expected skills in order, each once"),
    ],
)
def test_what_cannot_be_agreed_is_told(wrong: Gateway, says: str) -> None:
    (problem,) = gateway_problems((wrong,), ("14",))
    assert says in problem


@pytest.mark.parametrize("seats", [0, 200])
def test_it_may_have_no_seat_and_two_hundred(seats: int) -> None:
    gateway = replace(WEST, seats=seats, skills=(*ADVICE, *CHILD))
    assert list(gateway_problems((gateway,), ("14",))) == []


def test_no_two_have_one_name() -> None:
    assert list(gateway_problems((WEST,), ("14",))) == []
    (problem,) = gateway_problems((WEST, WEST), ("14",))
    assert "west is given more than once" in problem


def test_a_seat_is_put_through_to_callers_on_the_line_alone() -> None:
    rules = Rules(Policy("test", DEFAULT_PRIORITIES))
    floor = Floor(rules, ReadyAgents())

    def kind(*, is_seat: bool) -> AgentClass:
        return agent_class(RegionCode("22"), None, ADVICE, LinkId("ast1"), is_seat=is_seat)

    on_line = contact().contact_class
    away = replace(on_line, link_id=NO_LINK)
    assert class_obstacle(floor, kind(is_seat=True), on_line) is None
    assert class_obstacle(floor, kind(is_seat=True), away) is Obstacle.NOT_ON_LINE
    assert class_obstacle(floor, kind(is_seat=False), away) is None
    elsewhere = replace(on_line, link_id=LinkId("ast2"))
    assert class_obstacle(floor, kind(is_seat=True), elsewhere) is Obstacle.OTHER_SWITCH


def test_a_seat_that_rests_is_tried_by_emergencies_before_all_others() -> None:
    """A nurse who works for the same unit and rests is told apart from it."""
    floor = Floor(Rules(Policy("test", DEFAULT_PRIORITIES)), ReadyAgents())
    callers = [contact(tier=tier).contact_class for tier in range(4)]
    for is_seat, why in ((True, Obstacle.GATEWAY_RESTS), (False, Obstacle.STRAIN)):
        link_id, spared = LinkId("ast1"), Spared.ALL
        kind = agent_class(RegionCode("22"), None, ADVICE, link_id, spared, is_seat=is_seat)
        assert [class_obstacle(floor, kind, each) for each in callers] == [None, why, why, why]
