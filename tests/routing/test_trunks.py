"""Which switches trunks join, and what a phone is called from another one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.may_answer import Floor, Obstacle, class_obstacle, standing_obstacle
from routing.ready_agents import ReadyAgents
from routing.rules import Rules
from routing.trunks import far_phone, reach_of, seen_from
from routing.vocabulary import NO_LINK, LinkId, PhoneId
from tests.routing.test_may_answer import POLICY, agent, contact

ONE, TWO, THREE = LinkId("ast1"), LinkId("ast2"), LinkId("ast3")
JOINED = replace(POLICY, trunks=((ONE, TWO), (TWO, THREE)))


def test_a_trunk_joins_both_ways_and_no_further() -> None:
    assert reach_of(JOINED.trunks) == {ONE: {TWO}, TWO: {ONE, THREE}, THREE: {TWO}}
    rules = Rules(JOINED)
    assert rules.can_ring(ONE, TWO)
    assert rules.can_ring(TWO, ONE)
    assert rules.can_ring(THREE, THREE)
    assert rules.can_ring(NO_LINK, THREE), "who has no call can be rung from any"
    assert not rules.can_ring(ONE, THREE)
    assert not Rules(POLICY).can_ring(ONE, TWO)


def test_a_phone_has_its_switch_in_its_name_where_it_is_not_at_home() -> None:
    phone = PhoneId("nurse-17")
    assert seen_from(ONE, ONE, phone) == phone
    assert seen_from(ONE, TWO, phone) == "nurse-17@ast2"
    assert far_phone(PhoneId("nurse-17@ast2")) == (TWO, phone)
    for name in ("nurse-17", "@ast2", "nurse-17@", "", None):
        assert far_phone(PhoneId(name) if name is not None else None) is None


@pytest.mark.parametrize("trunk", [(ONE, ONE), (ONE, NO_LINK)])
def test_a_trunk_joins_two_switches(trunk: tuple[LinkId, LinkId]) -> None:
    (problem,) = replace(POLICY, trunks=(trunk,)).problems()
    assert problem.startswith("trunks: ")


def test_a_trunk_that_rests_keeps_one_way_closed_and_no_promise_broken() -> None:
    """It will be over: what is kept for her is still hers."""
    rules, resting = Rules(JOINED), {(ONE, TWO): False}
    floor = Floor(rules, ReadyAgents(), resting=resting)
    far, near = agent("a1", "22", TWO).agent_class, agent("a2", "22", ONE).agent_class
    caller = contact().contact_class
    assert caller.link_id == ONE
    assert class_obstacle(floor, far, caller) is Obstacle.TRUNK_RESTS
    assert floor.standing(far, caller) is standing_obstacle(rules, far, caller) is None
    assert class_obstacle(floor, near, caller) is None
    needs = contact(level=2).contact_class
    assert class_obstacle(floor, far, needs) is Obstacle.SKILLS, "what will not be over is said"
    resting.clear()
    assert class_obstacle(floor, far, caller) is None


def test_a_trunk_that_rests_is_tried_by_emergencies_before_all_others() -> None:
    rules, trunk = Rules(JOINED), (ONE, TWO)
    resting = {trunk: False}
    floor = Floor(rules, ReadyAgents(), resting=resting)
    far = agent("a1", "22", TWO).agent_class
    callers = [contact(tier=tier).contact_class for tier in range(4)]
    rests = Obstacle.TRUNK_RESTS
    assert [class_obstacle(floor, far, each) for each in callers] == [rests] * 4
    resting[trunk] = True
    assert [class_obstacle(floor, far, each) for each in callers] == [None, rests, rests, rests]
