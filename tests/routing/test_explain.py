"""What is said of a choice is how the match makes it."""

from __future__ import annotations

from routing.advantages import ADVANTAGES, Advantage
from routing.explain import Standing, advantage, standing, why_agent, why_contact
from routing.matching import agent_rank, all_pairs, best_agent, contact_key
from routing.may_answer import obstacle
from routing.order import Key, Place
from routing.policy import DEFAULT_PRIORITIES, AgentChoice, Policy
from routing.ready_agents import agent_class
from routing.region_policy import NATIONAL
from routing.rules import Seller
from routing.vocabulary import (
    AgentId,
    ContactId,
    LinkId,
    RegionCode,
    Requirement,
    Skill,
    SkillLevel,
)
from routing.waiting import contact_class
from tests.routing.floors import (
    REGIONS,
    FakeAgent,
    FakeContact,
    Hall,
    floor_of,
    random_hall,
)

SEEDS = 1_000


def test_contacts_are_told_apart_by_the_first_part_of_their_keys_that_differs() -> None:
    key = Key(2, 0, 500, 7)
    for other, why in (
        (Key(3, 0, 0, 0), Standing.TIER),
        (Key(2, 1, 0, 0), Standing.OWN_REGION),
        (Key(2, 0, 501, 0), Standing.DUE),
        (Key(2, 0, 500, 8), Standing.SEQUENCE),
    ):
        assert standing(key, other) is why


def test_every_choice_is_explained_and_agrees_with_the_match() -> None:
    seen: set[object] = set()
    for seed in range(SEEDS):
        hall = random_hall(seed)
        floor = floor_of(hall)
        pairs = all_pairs(floor, hall.agents, hall.contacts)
        if not pairs:
            continue
        pair = min(pairs, key=lambda each: (each.key, agent_rank(floor, each.contact, each.agent)))
        chosen = best_agent(floor, pair.contact)
        assert chosen is pair.agent
        candidates = [each.agent for each in pairs if each.contact is pair.contact]
        found = why_agent(floor, pair.contact, pair.agent, candidates)
        assert found.candidates == len(candidates)
        ranked = sorted(candidates, key=lambda each: agent_rank(floor, pair.contact, each))
        assert found.next_best is next(iter(ranked[1:]), None)
        assert (found.advantage is None) == (found.next_best is None) == (len(candidates) == 1)
        of_agent = why_contact(floor, pair.agent, pair.contact, hall.contacts)
        assert of_agent.key == pair.key
        assert of_agent.waiting == len(hall.contacts)
        answerable = [each for each in pairs if each.agent is pair.agent]
        assert of_agent.answerable == len(answerable)
        before = [each for each in hall.contacts if each.place < pair.contact.place]
        kept = [each for each in before if obstacle(floor, pair.agent, each) is not None]
        assert sum(count for _, count in of_agent.kept_from_her) == len(kept)
        assert sum(count for _, count in of_agent.passed) == len(before) - len(kept)
        if of_agent.next_contact is not None:
            following = sorted(each.key for each in answerable)[1]
            assert of_agent.next_standing is standing(pair.key, following)
        seen |= {found.advantage, of_agent.next_standing}
        seen |= {why for why, _ in (*of_agent.kept_from_her, *of_agent.passed)}
    missing = {*Advantage, *Standing} - seen - {Advantage.ORDER}
    assert not missing, f"never in {SEEDS} halls: {sorted(missing)}"


def test_a_key_that_is_less_is_told_as_its_reason() -> None:
    """An agent of the home region, or the preferred one, is not said to have `a lesser key`."""
    reasons = set()
    for seed in range(3 * SEEDS):
        hall = random_hall(seed)
        floor = floor_of(hall)
        for contact in hall.contacts:
            chosen = best_agent(floor, contact)
            if chosen is None:
                continue
            others = [each for each in hall.agents if obstacle(floor, each, contact) is None]
            found = why_agent(floor, contact, chosen, others)
            if found.next_best is None:
                continue
            keys = [
                contact_key(floor, each.agent_id, each.agent_class, contact)
                for each in (chosen, found.next_best)
            ]
            if keys[0] != keys[1]:
                assert keys[0] < keys[1]
                reasons.add(found.advantage)
    assert reasons == {Advantage.HOME_REGION, Advantage.PREFERRED}


def test_each_part_of_the_rank_has_its_name() -> None:
    chosen_by = {}
    for hall in map(random_hall, range(SEEDS)):
        if hall.agents and hall.contacts:
            rank = agent_rank(floor_of(hall), hall.contacts[0], hall.agents[0])
            chosen_by[hall.policy.agent_choice] = len(rank)
    assert chosen_by == {choice: len(parts) for choice, parts in ADVANTAGES.items()}
    assert set(chosen_by) == set(AgentChoice)


def test_who_stood_before_and_is_passed_is_counted_by_what_sets_him_behind() -> None:
    """Her own region's caller comes first at her, though two of another have waited longer."""
    advice, link = (Requirement(Skill("advice")),), LinkId("ast1")
    here, there = RegionCode("23"), RegionCode("22")
    kind = agent_class(here, None, (SkillLevel(Skill("advice")),), link)
    agents = [FakeAgent(AgentId(f"a{number}"), kind, 0, number) for number in range(2)]
    contacts = [
        FakeContact(
            ContactId(f"c{number}"),
            contact_class(2, home, advice, (NATIONAL,), link),
            Place(2, number * 60_000, number),
        )
        for number, home in enumerate((there, there, here))
    ]
    hall = Hall(Policy("test", DEFAULT_PRIORITIES, REGIONS), list(agents), contacts, [])
    found = why_contact(floor_of(hall), agents[0], contacts[2], contacts)
    assert found.passed == ((Standing.OWN_REGION, 2),)
    assert (found.waiting, found.answerable, found.kept_from_her) == (3, 3, ())
    assert (found.next_contact, found.next_standing) == ("c0", Standing.OWN_REGION)


def test_of_two_at_home_it_is_not_the_home_that_tells_nor_is_it_where_it_is_sold() -> None:
    link, skills = LinkId("ast1"), (SkillLevel(Skill("advice")),)
    home, seller, other = RegionCode("22"), RegionCode("24"), RegionCode("23")
    longest, later, sold, lent = (
        FakeAgent(AgentId(f"a{n}"), agent_class(region, None, skills, link), n, n)
        for n, region in enumerate((home, home, seller, other))
    )
    kind = contact_class(2, home, (), (NATIONAL,), link, (), (Seller(seller),))
    contact = FakeContact(ContactId("c1"), kind, Place(2, 0, 1))
    policy = Policy("test", DEFAULT_PRIORITIES, REGIONS)
    floor = floor_of(Hall(policy, [longest, later, sold, lent], [contact], []))
    assert advantage(floor, contact, longest, later) is Advantage.LONGEST_IDLE
    assert advantage(floor, contact, sold, lent) is Advantage.ORDER
    assert advantage(floor, contact, longest, lent) is Advantage.HOME_REGION
