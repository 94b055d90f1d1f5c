"""Random floors for the match, and the match in the slow and obvious way of DESIGN 2."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from math import ceil

from routing.may_answer import Floor
from routing.order import Key, Place
from routing.policy import DEFAULT_PRIORITIES, AgentChoice, Order, Policy
from routing.ready_agents import AgentClass, ReadyAgents, agent_class
from routing.region_policy import (
    NATIONAL,
    LendRule,
    RegionPolicy,
    Ring,
    RingKind,
)
from routing.room_policy import Room
from routing.rules import Rules
from routing.vocabulary import (
    NO_LINK,
    UNKNOWN_REGION,
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
from routing.waiting import ContactClass, WaitingContacts, contact_class

CLUSTER = Ring(RingKind.CLUSTER, ("north",))
REGIONS = (
    RegionPolicy(RegionCode("22"), "A", clusters=("north",)),
    RegionPolicy(RegionCode("23"), "B", clusters=("north",), lend=LendRule(1, 0)),
    RegionPolicy(RegionCode("24"), "C", lend=LendRule(0, 500)),
    RegionPolicy(RegionCode("01"), "D", takes_part=False),
)
RINGS = (
    (),
    (),
    (CLUSTER,),
    (NATIONAL,),
    (NATIONAL._replace(waiting_min=2),),
    (CLUSTER, NATIONAL._replace(waiting_min=3)),
)
CODES = ("22", "23", "24", "01")
CHANNELS = (*[ContactChannel.PHONE] * 5, ContactChannel.CHAT, ContactChannel.VIDEO)
ROOMS = (*[None] * 9, Room(True, True), Room(True, False), Room(False, True))
LINKS = (LinkId("ast1"), LinkId("ast1"), LinkId("ast1"), LinkId("ast2"))


@dataclass(eq=False)
class FakeContact:
    """A waiting contact, as much as matching knows of it."""

    contact_id: ContactId
    contact_class: ContactClass
    place: Place
    home_unit: UnitId | None = None
    tried: dict[AgentId, int] = field(default_factory=dict)
    preferred_agent: AgentId | None = None
    preferred_unit: UnitId | None = None
    is_kept: bool = False


@dataclass(eq=False)
class FakeAgent:
    """A ready agent, as much as matching knows of her."""

    agent_id: AgentId
    agent_class: AgentClass
    ready_since_ms: int
    sequence: int
    busy_with: tuple[ContactId, ...] = ()

    def is_busy_with(self, contact_id: ContactId) -> bool:
        """Whether she has it."""
        return contact_id in self.busy_with


@dataclass
class Hall:
    """Who is ready, who waits, who else is signed on, and the rules."""

    policy: Policy
    agents: list[FakeAgent]
    contacts: list[FakeContact]
    away: list[AgentClass]

    def ready(self) -> ReadyAgents:
        """The index over the ready, with all who are signed on counted."""
        ready = ReadyAgents()
        for agent in self.agents:
            ready.sign_on(agent.agent_class)
            ready.add(agent)
        for kind in self.away:
            ready.sign_on(kind)
        return ready

    def waiting(self) -> WaitingContacts:
        """The index over those who wait."""
        waiting = WaitingContacts(rules_of(self))
        for contact in self.contacts:
            waiting.add(contact)
        return waiting


def random_hall(seed: int) -> Hall:
    """A small hall full of conflicts."""
    draw = random.Random(seed)
    order = draw.choice([Order.DUE, Order.DUE, Order.DUE, Order.STRICT, Order.FIFO])
    policy = Policy(
        version="random",
        priorities=DEFAULT_PRIORITIES,
        regions=REGIONS,
        order=order,
        home_advantage_ms=draw.choice([None, None, 0, 90_000]),
    )
    agents = [_agent(draw, n) for n in range(draw.randrange(7))]
    away = [_agent(draw, n).agent_class for n in range(draw.randrange(4))]
    ids = [agent.agent_id for agent in agents] + [AgentId("absent")]
    contacts = [_contact(draw, n, order, ids) for n in range(draw.randrange(10))]
    policy = replace(policy, agent_choice=draw.choice(list(AgentChoice)))
    if draw.random() < 0.3:
        policy = replace(policy, trunks=((LINKS[-1], LINKS[0]),))
    return Hall(policy, agents, contacts, away)


def _agent(draw: random.Random, number: int) -> FakeAgent:
    skills = {Skill("advice"): 1}
    if draw.random() < 0.4:
        skills[Skill("ar")] = draw.choice([2, 5])
    if draw.random() < 0.15:
        del skills[Skill("advice")]
    levels = tuple(sorted(SkillLevel(skill, level) for skill, level in skills.items()))
    unit = UnitId("u1") if draw.random() < 0.3 else None
    room = draw.choice(ROOMS)
    kind = agent_class(RegionCode(draw.choice(CODES)), unit, levels, draw.choice(LINKS), None, room)
    busy_with = () if room is None else (ContactId(f"c{draw.randrange(10)}"),)
    return FakeAgent(AgentId(f"a{number}"), kind, draw.randrange(3), number, busy_with)


def _contact(draw: random.Random, number: int, order: Order, agents: list[AgentId]) -> FakeContact:
    tier = draw.choice([0, 1, 2, 2, 2, 3])
    rank = tier if order is Order.DUE else (tier * 2 if order is Order.STRICT else 0)
    rings = draw.choice(RINGS)
    if tier == 1 and draw.random() < 0.5:
        rings = (NATIONAL,)
    needs = draw.choice(
        [(), (Requirement(Skill("advice")),), (Requirement(Skill("ar"), draw.choice([3, 9])),)]
    )
    home = RegionCode(draw.choice([*CODES, *CODES, UNKNOWN_REGION, "99"]))
    is_kept = number % 4 == 3 and tier and all(ring.waiting_min for ring in rings)
    within = (UnitId("u1"),) if is_kept else ()
    preferred = draw.choice(agents) if draw.random() < 0.2 else None
    link, channel = draw.choice([*LINKS, *LINKS, NO_LINK]), draw.choice(CHANNELS)
    if channel.is_on_screen:
        link = NO_LINK
    return FakeContact(
        ContactId(f"c{number}"),
        contact_class(tier, home, needs, rings, link, within, (), channel),
        Place(rank, draw.randrange(4) * 60_000, number),
        UnitId("u1") if draw.random() < 0.3 else None,
        {agent: 0 for agent in agents if draw.random() < 0.25},
        preferred,
    )


# --- the slow and obvious way ---------------------------------------------------------------


def obvious_pairs(hall: Hall) -> list[tuple[str, str]]:
    """(agent, contact) in the order of the match: over all pairs, the least key, and again."""
    agents, contacts = list(hall.agents), list(hall.contacts)
    pairs: list[tuple[str, str]] = []
    while True:
        found = [
            (obvious_key(hall, agent, contact), _rank(hall, agents, agent, contact), agent, contact)
            for agent in agents
            for contact in contacts
            if obvious_may(hall, agents, agent, contact, contacts)
        ]
        if not found:
            return pairs
        _, _, agent, contact = min(found, key=lambda each: each[:2])
        pairs.append((agent.agent_id, contact.contact_id))
        agents.remove(agent)
        contacts.remove(contact)


def obvious_may(
    hall: Hall,
    ready: list[FakeAgent],
    agent: FakeAgent,
    contact: FakeContact,
    waiting: list[FakeContact],
) -> bool:
    """`may_answer`, said once more."""
    if not _may_by_class(hall, ready, agent, contact, waiting):
        return False
    if agent.agent_id not in contact.tried:
        return True
    return not any(
        other.agent_id not in contact.tried and _may_by_class(hall, ready, other, contact, waiting)
        for other in ready
    )


def _may_by_class(
    hall: Hall,
    ready: list[FakeAgent],
    agent: FakeAgent,
    contact: FakeContact,
    waiting: list[FakeContact],
) -> bool:
    kind, want = agent.agent_class, contact.contact_class
    if not _has_room(agent, contact) or not _has_skills(kind, want.needs):
        return False
    if kind.link_id != want.link_id and want.link_id != NO_LINK and not hall.policy.trunks:
        return False
    if kind.region == want.home_region:
        return not want.within or kind.unit in want.within
    regions = {region.code: region for region in hall.policy.regions}
    if not regions[kind.region].takes_part:
        return False
    home = regions.get(want.home_region)
    if home is None:
        return True
    if not home.takes_part:
        return False
    if want.tier == 0:
        return True
    if want.within:
        return False
    count = sum(each.contact_class.home_region == want.home_region for each in waiting)
    is_shared = _is_shared(want, regions[kind.region], count)
    return is_shared and _lends(hall, ready, kind.region, want.needs)


def _has_room(agent: FakeAgent, contact: FakeContact) -> bool:
    room, want = agent.agent_class.room, contact.contact_class
    if room is None:
        return True
    if contact.contact_id in agent.busy_with:
        return False
    if want.channel is ContactChannel.CHAT:
        return room.chat
    return want.channel is ContactChannel.PHONE and want.tier < 2 and room.pressing_call


def _is_shared(want: ContactClass, region: RegionPolicy, waiting: int) -> bool:
    reached = {RingKind.NATIONAL: True, RingKind.CLUSTER: "north" in region.clusters}
    return any(reached[ring.kind] and waiting >= ring.waiting_min for ring in want.rings)


def _lends(
    hall: Hall, ready: list[FakeAgent], code: RegionCode, needs: tuple[Requirement, ...]
) -> bool:
    rule = next(region.lend for region in hall.policy.regions if region.code == code)
    of_region = [each for each in ready if each.agent_class.region == code]
    free = sum(
        each.agent_class.room is None and _has_skills(each.agent_class, needs) for each in of_region
    )
    classes = [each.agent_class for each in hall.agents] + hall.away
    staff = sum(kind.region == code and _has_skills(kind, needs) for kind in classes)
    if not rule.has_reserve:
        return True
    return free > max(rule.reserve_agents, ceil(staff * rule.reserve_permille / 1000))


def _has_skills(kind: AgentClass, needs: tuple[Requirement, ...]) -> bool:
    return all(
        any(has.skill == need.skill and has.level <= need.level_max for has in kind.skills)
        for need in needs
    )


def obvious_key(hall: Hall, agent: FakeAgent, contact: FakeContact) -> Key:
    """`key_a(c)`, said once more."""
    want = contact.contact_class
    rank, due_ms, sequence = contact.place
    known = {region.code for region in hall.policy.regions}
    is_own = (
        want.home_region == agent.agent_class.region
        or want.home_region not in known
        or contact.preferred_agent == agent.agent_id
    )
    if is_own or rank < 2 or hall.policy.order is not Order.DUE:
        return Key(rank, 0, due_ms, sequence)
    advantage = hall.policy.home_advantage_ms
    if advantage is None:
        return Key(rank, 1, due_ms, sequence)
    return Key(rank, 0, due_ms + advantage, sequence)


def _rank(
    hall: Hall, ready: list[FakeAgent], agent: FakeAgent, contact: FakeContact
) -> tuple[int, ...]:
    kind, want, choice = agent.agent_class, contact.contact_class, hall.policy.agent_choice
    before = contact.preferred_agent != agent.agent_id, kind.room is not None
    if choice is AgentChoice.LONGEST_IDLE_OF_ALL:
        return (*before, agent.ready_since_ms, agent.sequence)
    is_there = want.home_region in (kind.region, "unknown")
    is_of_unit = is_there and contact.home_unit is not None and contact.home_unit == kind.unit
    where: tuple[int, ...] = not is_of_unit, want.home_region != kind.region
    if choice is AgentChoice.MOST_IDLE_REGION:
        idle = sum(
            each.agent_class.region == kind.region
            and each.agent_class.room is None
            and _has_skills(each.agent_class, want.needs)
            for each in ready
        )
        where += -idle, [region.code for region in hall.policy.regions].index(kind.region)
    return (*before, *where, len(kind.skills), agent.ready_since_ms, agent.sequence)


def floor_of(hall: Hall) -> Floor:
    """All that the question depends on, as the hall is."""
    return Floor(rules_of(hall), hall.ready(), (), hall.waiting())


def rules_of(hall: Hall) -> Rules:
    """The hall's rules, indexed."""
    return Rules(hall.policy)
