"""May this agent answer this contact? One predicate, used wherever the question is asked.

Matching, work conservation, expected wait and explain all ask `obstacle`. It speaks of an agent
who is ready; being ready (signed on, not paused, with room) is kept by `ready_agents`. The first
part depends on the classes of both alone; the second on the two persons.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from routing.order import EMERGENCY_TIER
from routing.ready_agents import AgentClass, ReadyAgent, ReadyAgents
from routing.rules import Rules
from routing.skills import meets
from routing.vocabulary import RegionCode, Requirement
from routing.waiting import ContactClass, WaitingContact


class Obstacle(StrEnum):
    """Why an agent may not answer a contact now."""

    OTHER_SWITCH = "other_switch"
    """Her phone hangs on another Asterisk than the caller: it cannot be rung for him."""
    SKILLS = "skills"
    NOT_SHARED = "not_shared"
    NOT_LENDING = "not_lending"
    TRIED = "tried"
    PREFERS_OTHER = "prefers_other"
    """It waits for those whom it prefers, for as long as the rules allow."""


_STANDING_MAX: Final = 200_000
"""So many pairs of classes are remembered; with one more all are asked anew."""


class Floor:
    """All that the question depends on: the rules and who is at work."""

    def __init__(self, rules: Rules, agents: ReadyAgents) -> None:
        self.rules = rules
        self.agents = agents
        self._standing: dict[AgentClass, dict[ContactClass, Obstacle | None]] = {}
        self._standing_count = 0

    def lends(self, region: RegionCode, needs: tuple[Requirement, ...]) -> bool:
        """Whether a ready agent of `region` with these skills may be lent now.

        The reserve stays at home: `max(reserve_agents, share of the signed-on, rounded up)`.
        """
        policy = self.rules.regions.get(region)
        if policy is None or not self.rules.takes_part(region):
            return False
        lend = policy.lend
        if not lend.reserve_agents and not lend.reserve_permille:
            return True
        reserve = lend.reserve_of(self.agents.signed_on_count(region, needs))
        return self.agents.ready_count(region, needs) > reserve

    def standing(self, agent: AgentClass, contact: ContactClass) -> Obstacle | None:
        """`standing_obstacle`, asked once for each pair of classes."""
        known = self._standing.get(agent)
        if known is None:
            known = self._standing[agent] = {}
        elif contact in known:
            return known[contact]
        if self._standing_count >= _STANDING_MAX:
            self._standing.clear()
            self._standing_count = 0
            known = self._standing[agent] = {}
        self._standing_count += 1
        found = known[contact] = standing_obstacle(self.rules, agent, contact)
        return found


def class_obstacle(floor: Floor, agent: AgentClass, contact: ContactClass) -> Obstacle | None:
    """What stands between any agent and any contact of these classes now; None: nothing."""
    found = floor.standing(agent, contact)
    if found is Obstacle.NOT_LENDING and floor.lends(agent.region, contact.needs):
        return None
    return found


def standing_obstacle(rules: Rules, agent: AgentClass, contact: ContactClass) -> Obstacle | None:
    """What stands between two classes as long as the rules stand.

    NOT_LENDING: nothing but that her region lends at times only.
    """
    if agent.link_id != contact.link_id:
        return Obstacle.OTHER_SWITCH
    if not meets(agent.skills, contact.needs):
        return Obstacle.SKILLS
    home = contact.home_region
    if home == agent.region:
        return None
    if not rules.takes_part(agent.region):
        return Obstacle.NOT_SHARED
    if rules.is_nobodys(home):
        return None
    if not rules.takes_part(home):
        return Obstacle.NOT_SHARED
    if contact.tier == EMERGENCY_TIER:
        return None
    if not any(rules.covers(ring, home, agent.region) for ring in contact.rings):
        return Obstacle.NOT_SHARED
    return Obstacle.NOT_LENDING


def person_obstacle(floor: Floor, agent: ReadyAgent, contact: WaitingContact) -> Obstacle | None:
    """What stands between these two in person.

    An agent who has just not answered it is passed over while somebody else is ready to.
    """
    if contact.is_kept and not is_preferred(agent, contact):
        return Obstacle.PREFERS_OTHER
    if agent.agent_id in contact.tried and has_other(floor, contact):
        return Obstacle.TRIED
    return None


def is_preferred(agent: ReadyAgent, contact: WaitingContact) -> bool:
    """Whether the contact prefers this agent, or the unit that she works for."""
    unit = contact.preferred_unit
    return contact.preferred_agent == agent.agent_id or (
        unit is not None and unit == agent.agent_class.unit
    )


def may_any_person(floor: Floor, kind: AgentClass, contact: WaitingContact) -> bool:
    """Whether nothing stands in person between the contact and some ready agent of the class."""
    if not contact.tried and not contact.is_kept:
        return floor.agents.has(kind)
    return any(
        person_obstacle(floor, member, contact) is None for member in floor.agents.members(kind)
    )


def has_other(floor: Floor, contact: WaitingContact) -> bool:
    """Whether someone ready who has not tried it may answer the contact by class."""
    return any(
        class_obstacle(floor, kind, contact.contact_class) is None
        and any(
            member.agent_id not in contact.tried
            and (not contact.is_kept or is_preferred(member, contact))
            for member in floor.agents.members(kind)
        )
        for kind in floor.agents.classes()
    )


def has_own_ready(floor: Floor, contact: WaitingContact) -> bool:
    """Whether a ready agent of the contact's home region may answer it."""
    return any(
        class_obstacle(floor, kind, contact.contact_class) is None
        and may_any_person(floor, kind, contact)
        for kind in floor.agents.classes_in(contact.contact_class.home_region)
    )


def obstacle(floor: Floor, agent: ReadyAgent, contact: WaitingContact) -> Obstacle | None:
    """Why this ready agent may not answer this contact; None: she may."""
    found = class_obstacle(floor, agent.agent_class, contact.contact_class)
    return found or person_obstacle(floor, agent, contact)
