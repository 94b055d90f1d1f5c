"""The match against the slow and obvious way, on random halls."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from routing import may_answer, sights
from routing.matching import Match, all_pairs, best_agent, best_contact, best_key
from routing.may_answer import Floor, obstacle, standing_obstacle
from routing.order import Key, Place
from routing.policy import DEFAULT_PRIORITIES, Policy
from routing.ready_agents import agent_class
from routing.region_policy import NATIONAL
from routing.room_policy import Room
from routing.vocabulary import (
    NO_LINK,
    AgentId,
    ContactChannel,
    ContactId,
    LinkId,
    RegionCode,
    Requirement,
    Skill,
    SkillLevel,
)
from routing.waiting import WaitingContacts, contact_class
from tests.routing.floors import (
    REGIONS,
    FakeAgent,
    FakeContact,
    Hall,
    obvious_key,
    obvious_may,
    obvious_pairs,
    random_hall,
    rules_of,
)

SEEDS = st.integers(0, 10**9)


def matched(hall: Hall) -> list[tuple[str, str]]:
    """The pairs as `settle` asks for them."""
    ready, waiting = hall.ready(), hall.waiting()
    match = Match(Floor(rules_of(hall), ready, (), waiting), waiting)
    for contact in hall.contacts:
        match.touch_contact(contact)
    for kind in list(ready.classes()):
        match.touch_class(kind)
    pairs: list[tuple[str, str]] = []
    while (pair := match.next_pair()) is not None:
        agent, found = pair
        pairs.append((agent.agent_id, found.contact_id))
        ready.remove(agent)
        waiting.remove(found)
        for contact in hall.contacts:  # somebody passed over may have become the only one
            if contact.tried:
                match.touch_contact(contact)
    return pairs


@settings(max_examples=400, deadline=None)
@given(SEEDS)
def test_the_match_is_that_of_all_pairs(seed: int) -> None:
    hall = random_hall(seed)
    assert matched(hall) == obvious_pairs(hall)


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_one_predicate_and_one_key_everywhere(seed: int) -> None:
    hall = random_hall(seed)
    ready, waiting = hall.ready(), hall.waiting()
    floor = Floor(rules_of(hall), ready, (), waiting)
    pairs = all_pairs(floor, hall.agents, hall.contacts)
    wanted = [
        (obvious_key(hall, agent, contact), agent, contact)
        for agent in hall.agents
        for contact in hall.contacts
        if obvious_may(hall, hall.agents, agent, contact, hall.contacts)
    ]
    assert [tuple(pair) for pair in pairs] == wanted
    for agent in hall.agents:
        for contact in hall.contacts:
            may = obvious_may(hall, hall.agents, agent, contact, hall.contacts)
            assert (obstacle(floor, agent, contact) is None) == may
            classes = agent.agent_class, contact.contact_class
            assert floor.standing(*classes) is standing_obstacle(floor.rules, *classes)
    for contact in hall.contacts:
        keys = [pair.key for pair in pairs if pair.contact is contact]
        assert best_key(floor, contact) == min(keys, default=None)
        chosen, alone = best_agent(floor, contact), Match(floor, waiting)
        alone.touch_contact(contact)
        assert Match(floor, waiting).pair_of(contact) == alone.next_pair()
        assert (chosen is None) == (not keys)
        if isinstance(chosen, FakeAgent):
            assert obvious_key(hall, chosen, contact) == min(keys)
    for kind in ready.classes():
        of_class = [pair for pair in pairs if pair.agent.agent_class == kind]
        least = min(((pair.key, pair.contact.contact_id) for pair in of_class), default=None)
        found = best_contact(floor, waiting, kind)
        assert (found and (found[0], found[1].contact_id)) == least
    for contact in hall.contacts:
        waiting.remove(contact)
        assert Match(floor, waiting).pair_of(contact) is None, "who does not wait is not offered"


def test_what_is_forgotten_because_there_is_too_much_is_found_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sights, "_SIGHTS_MAX", 2)
    for module in (sights, may_answer):
        monkeypatch.setattr(module, "ANSWERS_MAX", 1)
    for seed in range(60):
        hall = random_hall(seed)
        assert matched(hall) == obvious_pairs(hall)


@settings(max_examples=200, deadline=None)
@given(SEEDS)
def test_what_is_touched_suffices(seed: int) -> None:
    """From a floor without pairs, one new contact or one new agent is all that need be touched."""
    hall = random_hall(seed)
    taken = obvious_pairs(hall)
    agents = {agent for agent, _ in taken}
    contacts = {contact for _, contact in taken}
    rest = Hall(
        hall.policy,
        [agent for agent in hall.agents if agent.agent_id not in agents],
        [contact for contact in hall.contacts if contact.contact_id not in contacts],
        [*hall.away, *(a.agent_class for a in hall.agents if a.agent_id in agents)],
    )
    if obvious_pairs(rest) or not contacts:
        return
    back = next(contact for contact in hall.contacts if contact.contact_id in contacts)
    rest.contacts.append(back)
    ready, waiting = rest.ready(), rest.waiting()
    match = Match(Floor(rules_of(rest), ready, (), waiting), waiting)
    match.touch_contact(back)
    home = back.contact_class.home_region
    if waiting.has_reached_length(home):  # with him others' rings reach further
        for kind in ready.classes_outside(home):
            match.touch_class(kind)
    pair = match.next_pair()
    found = [] if pair is None else [(pair[0].agent_id, pair[1].contact_id)]
    assert found == obvious_pairs(rest)[:1]


def test_keys_of_successive_pairs_do_not_matter_but_promises_do() -> None:
    """At each pair nobody whom this agent may answer stands before the one she is given."""
    for seed in range(60):
        hall = random_hall(seed)
        agents, contacts = list(hall.agents), list(hall.contacts)
        for agent_id, contact_id in matched(hall):
            agent = next(each for each in agents if each.agent_id == agent_id)
            taken = next(each for each in contacts if each.contact_id == contact_id)
            mine = [c for c in contacts if obvious_may(hall, agents, agent, c, contacts)]
            assert obvious_key(hall, agent, taken) == min(
                obvious_key(hall, agent, contact) for contact in mine
            )
            agents.remove(agent)
            contacts.remove(taken)


def test_the_random_halls_have_conflicts() -> None:
    sizes = [len(obvious_pairs(random_hall(seed))) for seed in range(200)]
    assert sum(size >= 2 for size in sizes) > 60
    assert any(a != b for a, b in pairwise(sizes))


ADVICE = (Requirement(Skill("advice")),)
HOME, LINK = RegionCode("22"), LinkId("ast1")


def an_agent(number: int, region: RegionCode, *skills: str) -> FakeAgent:
    levels = tuple(SkillLevel(Skill(skill)) for skill in sorted(skills))
    kind = agent_class(region, None, levels, LINK)
    return FakeAgent(AgentId(f"a{number}"), kind, 0, number)


def a_contact(number: int, due_min: int, needs: tuple[Requirement, ...]) -> FakeContact:
    kind = contact_class(2, HOME, needs, (NATIONAL,), LINK)
    return FakeContact(ContactId(f"c{number}"), kind, Place(2, due_min * 60_000, number))


def floor_and_waiting(hall: Hall) -> tuple[Floor, WaitingContacts]:
    ready, waiting = hall.ready(), hall.waiting()
    return Floor(rules_of(hall), ready, (), waiting), waiting


@pytest.mark.parametrize("home_advantage_ms", [None, 0, 900_000])
@pytest.mark.parametrize(
    ("tried", "wanted"), [((1,), "c3"), ((1, 3), "c2"), ((1, 2), "c3"), ((1, 2, 3), "c4")]
)
def test_behind_those_she_is_passed_over_for_the_first_of_all_rows_is_hers(
    tried: tuple[int, ...], wanted: str, home_advantage_ms: int | None
) -> None:
    """Two rows, each with one due early and one late; a colleague is ready for whom she tried."""
    policy = Policy("test", DEFAULT_PRIORITIES, REGIONS, home_advantage_ms=home_advantage_ms)
    agents = [an_agent(1, HOME, "advice"), an_agent(2, HOME, "advice", "ar")]
    contacts = [
        a_contact(1, 1, ADVICE),
        a_contact(2, 10, ADVICE),
        a_contact(3, 2, ()),
        a_contact(4, 20, ()),
    ]
    for number in tried:
        contacts[number - 1].tried[AgentId("a1")] = 0
    floor, waiting = floor_and_waiting(Hall(policy, agents, contacts, []))
    found = best_contact(floor, waiting, agents[0].agent_class)
    assert found is not None
    assert found[1].contact_id == wanted


def test_to_one_who_is_preferred_in_another_region_it_stands_as_her_own() -> None:
    policy = Policy("test", DEFAULT_PRIORITIES, REGIONS)
    agents = [an_agent(1, RegionCode("24"), "advice"), an_agent(2, RegionCode("24"), "advice")]
    preferring, other = a_contact(1, 1, ADVICE), a_contact(2, 1, ADVICE)
    preferring.preferred_agent = AgentId("a2")
    floor, _ = floor_and_waiting(Hall(policy, agents, [preferring, other], []))
    assert best_key(floor, preferring) == Key(2, 0, 60_000, 1)
    assert best_key(floor, other) == Key(2, 1, 60_000, 2)
    assert best_agent(floor, preferring) is agents[1]


def test_of_a_region_that_the_rules_know_no_more_callers_are_everybody_s() -> None:
    """Also while nurses of it are at work: who has no chat comes before them, wherever she is."""
    gone = RegionCode("99")
    levels = (SkillLevel(Skill("advice")),)
    busy = agent_class(gone, None, levels, LINK, None, Room(True, True))
    agents = [FakeAgent(AgentId("a1"), busy, 0, 1), an_agent(2, HOME, "advice")]
    chat = contact_class(2, gone, ADVICE, (), NO_LINK, (), (), ContactChannel.CHAT)
    contact = FakeContact(ContactId("c1"), chat, Place(2, 0, 1))
    policy = Policy("test", DEFAULT_PRIORITIES, REGIONS)
    floor, _ = floor_and_waiting(Hall(policy, agents, [contact], []))
    assert best_agent(floor, contact) is agents[1]
