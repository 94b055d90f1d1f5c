"""Each obstacle by its name; that they are right on any floor is shown in test_matching."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.may_answer import Floor, Obstacle, has_other, has_own_ready, obstacle
from routing.order import Place
from routing.policy import DEFAULT_PRIORITIES, Policy
from routing.ready_agents import ReadyAgents, agent_class
from routing.region_policy import NATIONAL, LendRule
from routing.room_policy import Room
from routing.rules import Rules, Seller
from routing.strain_policy import Spared
from routing.vocabulary import (
    AgentId,
    ContactChannel,
    ContactId,
    LinkId,
    RegionCode,
    Requirement,
    Skill,
    SkillLevel,
    UnitId,
)
from routing.waiting import WaitingContacts, contact_class
from tests.routing.floors import CLUSTER, REGIONS, FakeAgent, FakeContact

POLICY = Policy("test", DEFAULT_PRIORITIES, REGIONS)
LINK = LinkId("ast1")
ADVICE = (SkillLevel(Skill("advice"), 3),)


def agent(name: str, region: str, link: LinkId = LINK, unit: str | None = None) -> FakeAgent:
    kind = agent_class(RegionCode(region), UnitId(unit) if unit else None, ADVICE, link)
    return FakeAgent(AgentId(name), kind, 0, int(name[1:]))


def contact(tier: int = 2, region: str = "22", level: int = 9, **more: object) -> FakeContact:
    needs = (Requirement(Skill("advice"), level),)
    kind = contact_class(tier, RegionCode(region), needs, (), LINK)
    return FakeContact(ContactId("c1"), replace(kind, **more), Place(tier, 0, 1))  # type: ignore[arg-type]


def floor(*agents: FakeAgent, policy: Policy = POLICY) -> Floor:
    ready = ReadyAgents()
    for each in agents:
        ready.sign_on(each.agent_class)
        ready.add(each)
    return Floor(Rules(policy), ready)


def test_each_obstacle() -> None:
    own, near, far, alone = (
        agent("a1", "22"),
        agent("a2", "23"),
        agent("a3", "24"),
        agent("a4", "01"),
    )
    here = floor(own, near, far, alone)
    assert obstacle(here, own, contact()) is None
    assert obstacle(here, own, contact(level=2)) is Obstacle.SKILLS
    assert obstacle(here, agent("a5", "22", LinkId("ast2")), contact()) is Obstacle.OTHER_SWITCH
    assert obstacle(here, near, contact()) is Obstacle.NOT_SHARED
    shared = contact(rings=(NATIONAL,))
    assert obstacle(here, near, shared) is Obstacle.NOT_LENDING
    assert obstacle(here, alone, shared) is Obstacle.NOT_SHARED
    assert obstacle(here, near, contact(region="01", rings=(NATIONAL,))) is Obstacle.NOT_SHARED
    shared.tried[own.agent_id] = 0
    assert obstacle(here, own, shared) is None, "she is the only one who may"
    both = floor(own, near, agent("a6", "23"))
    assert obstacle(both, near, shared) is None
    assert obstacle(both, own, shared) is Obstacle.TRIED


def test_a_queue_is_long_enough_or_not_and_then_her_region_lends_or_not() -> None:
    near, far, other = agent("a2", "23"), agent("a3", "24"), agent("a4", "23")
    ready, rules = ReadyAgents(), Rules(POLICY)
    for each in (near, far, other):
        ready.sign_on(each.agent_class)
        ready.add(each)
    waiting = WaitingContacts(rules)
    here, nobody_waits = Floor(rules, ready, (), waiting), Floor(rules, ready)
    rings = (NATIONAL._replace(waiting_min=2),)
    kind = contact_class(2, RegionCode("22"), (), rings, LINK)
    first, second = (FakeContact(ContactId(f"c{n}"), kind, Place(2, 0, n)) for n in range(2))
    waiting.add(first)
    assert obstacle(here, near, first) is Obstacle.QUEUE_SHORT
    assert obstacle(nobody_waits, near, first) is Obstacle.QUEUE_SHORT
    assert not waiting.has_reached_length(RegionCode("22"))
    waiting.add(second)
    assert waiting.has_reached_length(RegionCode("22"))
    assert obstacle(here, near, first) is None
    ready.remove(other)
    assert obstacle(here, near, first) is Obstacle.NOT_LENDING
    waiting.remove(first)
    assert obstacle(here, near, second) is Obstacle.QUEUE_SHORT
    kept = contact_class(2, RegionCode("22"), (), rings, LINK, (UnitId("hamnen"),))
    assert here.standing(near.agent_class, kept) is Obstacle.NOT_SHARED


@pytest.mark.parametrize(
    ("room", "takes"),
    [
        (None, {"call", "urgent call", "chat", "urgent chat", "urgent video"}),
        (Room(chat=True, pressing_call=True), {"urgent call", "chat", "urgent chat"}),
        (Room(chat=True, pressing_call=False), {"chat", "urgent chat"}),
        (Room(chat=False, pressing_call=True), {"urgent call"}),
    ],
)
def test_what_there_is_room_for(room: Room | None, takes: set[str]) -> None:
    chat, video = ContactChannel.CHAT, ContactChannel.VIDEO
    her = agent("a1", "22")
    her.agent_class = replace(her.agent_class, room=room)
    far = LinkId("")
    contacts = {
        "call": contact(),
        "urgent call": contact(tier=1),
        "chat": contact(channel=chat, link_id=far),
        "urgent chat": contact(tier=1, channel=chat, link_id=far),
        "urgent video": contact(tier=1, channel=video, link_id=far),
    }
    found = {name: obstacle(floor(her), her, each) for name, each in contacts.items()}
    assert {name for name, why in found.items() if why is None} == takes
    assert {why for why in found.values() if why is not None} <= {Obstacle.NO_ROOM}


def test_what_she_may_never_answer_is_said_before_what_she_has_no_room_for_now() -> None:
    her = agent("a1", "22")
    her.agent_class = replace(her.agent_class, room=Room(chat=True, pressing_call=False))
    assert obstacle(floor(her), her, contact(level=2)) is Obstacle.SKILLS
    assert obstacle(floor(her), her, contact(region="23")) is Obstacle.NOT_SHARED


def test_who_still_works_on_a_chat_does_not_get_it_again() -> None:
    her, other = agent("a1", "22"), agent("a2", "22")
    her.agent_class = replace(her.agent_class, room=Room(chat=True, pressing_call=False))
    her.busy_with = (ContactId("c1"),)
    chat = contact(channel=ContactChannel.CHAT)
    assert obstacle(floor(her), her, chat) is Obstacle.TRIED
    chat.tried[other.agent_id] = 0
    both = floor(her, other)
    assert obstacle(both, other, chat) is None, "nobody else may"
    assert obstacle(both, her, chat) is Obstacle.TRIED


def test_tier_0_is_shared_with_all_and_knows_no_reserve() -> None:
    near, alone = agent("a2", "23"), agent("a4", "01")
    assert obstacle(floor(near, alone), near, contact(tier=0)) is None
    assert obstacle(floor(near, alone), alone, contact(tier=0)) is Obstacle.NOT_SHARED
    assert obstacle(floor(near), near, contact(tier=1)) is Obstacle.NOT_SHARED
    assert obstacle(floor(near), near, contact(tier=1, rings=(NATIONAL,))) is Obstacle.NOT_LENDING


def test_what_is_nobodys_is_everybodys() -> None:
    near, alone = agent("a2", "23"), agent("a4", "01")
    for region in ("unknown", "99"):
        assert obstacle(floor(near), near, contact(region=region)) is None
        assert obstacle(floor(alone), alone, contact(region=region)) is Obstacle.NOT_SHARED
    stranger = agent("a5", "99")
    assert obstacle(floor(stranger), stranger, contact(region="99")) is None
    assert obstacle(floor(stranger), stranger, contact()) is Obstacle.NOT_SHARED


def test_reserves_are_counted_among_the_ready_who_have_the_skills() -> None:
    policy = replace(POLICY, regions=(REGIONS[0], replace(REGIONS[1], lend=LendRule(1, 400))))
    shared = contact(rings=(NATIONAL,))
    staff = [agent(f"a{n}", "23") for n in range(1, 6)]
    here = floor(*staff, policy=policy)
    assert obstacle(here, staff[4], shared) is None
    here.agents.remove(staff[0])
    here.agents.remove(staff[1])
    assert obstacle(here, staff[4], shared) is None, "three are ready, two of five are kept"
    here.agents.remove(staff[2])
    assert obstacle(here, staff[4], shared) is Obstacle.NOT_LENDING
    here.agents.sign_off(staff[0].agent_class)
    here.agents.sign_off(staff[1].agent_class)
    assert obstacle(here, staff[4], shared) is Obstacle.NOT_LENDING, "still two of three"
    here.agents.sign_off(staff[2].agent_class)
    assert obstacle(here, staff[4], shared) is None, "one of two"


def test_what_is_sold_is_as_own_to_the_seller_alone() -> None:
    of_unit, of_other = agent("a1", "23", unit="u1"), agent("a2", "23", unit="u2")
    far = agent("a3", "24", unit="u1")
    here = floor(of_unit, of_other, far)
    by_unit = contact(sellers=(Seller(RegionCode("23"), (UnitId("u1"),)),))
    assert obstacle(here, of_unit, by_unit) is None
    assert obstacle(here, of_other, by_unit) is Obstacle.NOT_SHARED
    assert obstacle(here, far, by_unit) is Obstacle.NOT_SHARED
    by_all = contact(sellers=(Seller(RegionCode("23")),))
    assert obstacle(here, of_other, by_all) is None
    assert obstacle(here, far, by_all) is Obstacle.NOT_SHARED


def test_a_seller_s_other_units_do_not_count_as_its_own() -> None:
    """They may answer once it is shared, but only as any other region may."""
    sold = contact(tier=1, sellers=(Seller(RegionCode("23"), (UnitId("u1"),)),), rings=(NATIONAL,))
    of_other = [agent(f"a{n}", "23", unit="u2") for n in (1, 2)]
    assert obstacle(floor(*of_other), of_other[0], sold) is None
    assert not has_own_ready(floor(*of_other), sold)
    assert has_own_ready(floor(*of_other, agent("a3", "23", unit="u1")), sold)


def test_who_is_spared_others_answers_her_own_what_is_nobodys_and_what_is_sold() -> None:
    near = agent("a1", "23")
    near.agent_class = replace(near.agent_class, spared=Spared.OTHERS)
    here = floor(near)
    assert obstacle(here, near, contact(region="23")) is None
    assert obstacle(here, near, contact(region="unknown")) is None
    assert obstacle(here, near, contact(rings=(NATIONAL,))) is Obstacle.STRAIN
    assert obstacle(here, near, contact(tier=0)) is None
    to_hers, to_a_unit = (Seller(RegionCode("23"), units) for units in ((), (UnitId("u1"),)))
    assert obstacle(here, near, contact(sellers=(to_hers,))) is None
    by_unit = contact(sellers=(to_a_unit,), rings=(NATIONAL,))
    assert obstacle(here, near, by_unit) is Obstacle.STRAIN


def test_who_else_is_there() -> None:
    own, near = agent("a1", "22"), agent("a2", "22")
    want = contact()
    want.tried[own.agent_id] = 0
    assert not has_other(floor(own), want)
    assert has_other(floor(own, near), want)
    assert has_own_ready(floor(own), want), "the only one is asked again"
    assert not has_own_ready(floor(agent("a3", "23")), want)


def test_a_unit_that_is_preferred_is_that_of_his_home_and_of_an_unknown_home_any() -> None:
    namesake = agent("a1", "23", unit="u1")
    want = contact(sellers=(Seller(RegionCode("23"), ()),))
    want.preferred_unit, want.is_kept = UnitId("u1"), True
    assert obstacle(floor(namesake), namesake, want) is Obstacle.PREFERS_OTHER
    want.contact_class = contact(region="unknown").contact_class
    assert obstacle(floor(namesake), namesake, want) is None


def test_who_is_not_preferred_is_nobody_else_for_one_who_is_kept() -> None:
    her, colleague = agent("a1", "22", unit="u1"), agent("a2", "22", unit="u1")
    stranger = agent("a3", "22", unit="u2")
    want = contact()
    want.preferred_unit, want.is_kept = UnitId("u1"), True
    want.tried[her.agent_id] = 0
    assert obstacle(floor(her, stranger), stranger, want) is Obstacle.PREFERS_OTHER
    assert obstacle(floor(her, stranger), her, want) is None, "she is the only one who may"
    assert obstacle(floor(her, stranger, colleague), her, want) is Obstacle.TRIED


def test_an_own_agent_who_has_tried_it_is_not_ready_for_it_while_others_are() -> None:
    own, near, other = agent("a1", "22"), agent("a2", "23"), agent("a3", "23")
    want = contact(rings=(NATIONAL,))
    assert has_own_ready(floor(own, near, other), want)
    want.tried[own.agent_id] = 0
    assert not has_own_ready(floor(own, near, other), want)


def test_each_ring_has_its_own_length() -> None:
    """The cluster helps from two on who wait, the nation from three on."""
    near, far = agent("a1", "23"), agent("a3", "24")
    ready, rules = ReadyAgents(), Rules(POLICY)
    for each in (near, agent("a2", "23"), far, agent("a4", "24")):
        ready.sign_on(each.agent_class)
        ready.add(each)
    waiting = WaitingContacts(rules)
    here = Floor(rules, ready, (), waiting)
    rings = (CLUSTER._replace(waiting_min=2), NATIONAL._replace(waiting_min=3))
    kind = contact_class(2, RegionCode("22"), (), rings, LINK)
    reached = []
    for n in range(3):
        one = FakeContact(ContactId(f"c{n}"), kind, Place(2, 0, n))
        waiting.add(one)
        reached.append((obstacle(here, near, one), obstacle(here, far, one)))
    short = Obstacle.QUEUE_SHORT
    assert reached == [(short, short), (None, short), (None, None)]
