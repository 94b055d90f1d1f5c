"""Each offer and each wait explained, from the state as it was. Pure; changes nothing.

Why this contact and this agent stands in `routing.explain`; here is what kept everybody else at
work from it: an obstacle if she was ready, or what she was doing instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from queue_engine.core.agent import Agent, AgentState, Presence
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.events import ContactOffered
from queue_engine.core.state import State
from routing.explain import WhyAgent, WhyContact, why_agent, why_contact
from routing.matching import agent_rank
from routing.may_answer import PASSING, Obstacle, is_others, obstacle
from routing.order import EMERGENCY_TIER
from routing.vocabulary import AgentId, NotReadyReason, RegionCode

NEAREST_OF_EACH: Final = 3
"""So many are named of those who could have, of those who were ready, and of the rest."""


class Absence(StrEnum):
    """What an agent at work does instead of being ready."""

    OUT_OF_REACH = "out_of_reach"
    """The link to her phone's switch is lost."""
    RINGING = "ringing"
    """Her phone rings for another contact."""
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    SIGNING_OFF = "signing_off"
    NOT_READY = "not_ready"
    """She is on a break, or did not answer: she has a reason."""
    OTHER = "other"
    """Ready, and yet not to be offered anything."""


Hindrance = Obstacle | Absence


class Hold(StrEnum):
    """Why a contact cannot be offered to anybody now."""

    RINGING = "ringing"
    """It is being offered."""
    NOT_SEEN = "not_seen"
    """The switch has not shown the caller waiting since he last left the waiting context."""
    RESTING = "resting"
    """Too many offers of it came to nothing, or he was rung back in vain."""
    OUT_OF_REACH = "out_of_reach"
    """The link to its switch is lost."""
    ISLAND = "island"
    """This engine is cut off: another one offers whom no switch has."""


@dataclass(frozen=True, slots=True)
class RegionStaff:
    """The agents at work in a region, and what kept them from the contact."""

    region: RegionCode
    at_work: int
    could: int
    """Nothing kept so many of them."""
    hindered: tuple[tuple[Hindrance, int], ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One agent who was near, by name."""

    agent_id: AgentId
    region: RegionCode
    hindrance: Hindrance | None
    """None: she could have."""
    not_ready_reason: NotReadyReason | None = None
    until_ms: int | None = None
    """When the hindrance is over by itself, if that is known."""


@dataclass(frozen=True, slots=True)
class StaffAround:
    """Everybody at work but the one who was chosen."""

    regions: tuple[RegionStaff, ...]
    """By code, the contact's home first."""
    nearest: tuple[Neighbour, ...]
    """Those who could have, then those who were ready, then the rest; in the order of choice."""


@dataclass(frozen=True, slots=True)
class OfferExplained:
    """Why a contact was offered to this agent at this moment."""

    home_region: RegionCode
    """Of the contact."""
    agent_id: AgentId
    region: RegionCode
    """Of the agent."""
    wait_ms: int
    policy_version: str
    contact: WhyContact
    agent: WhyAgent
    others: StaffAround


@dataclass(frozen=True, slots=True)
class WaitExplained:
    """What stands between a contact and an answer now."""

    home_region: RegionCode
    hold: Hold | None
    hold_until_ms: int | None
    """For RESTING."""
    ahead_at_home: int | None
    """Of its home region, so many stand before it; None: it has no place now."""
    ahead: int | None
    """Of the whole country, so many stand before it."""
    next_share: tuple[int, str] | None
    """The moment and the name of the share rule that widens its ring next."""
    policy_version: str
    others: StaffAround


def explain_offer(state: State, event: ContactOffered) -> OfferExplained:
    """Explains an offer that is about to be applied to this state."""
    contact, agent = state.contacts[event.contact_id], state.agents[event.agent_id]
    hindrances = _hindrances(state, contact)
    candidates = [state.agents[found] for found, why in hindrances.items() if why is None]
    waiting = (each for each in state.contacts.values() if each.contact_id in state.waiting)
    return OfferExplained(
        home_region=contact.home_region,
        agent_id=agent.agent_id,
        region=agent.region,
        wait_ms=event.wait_ms,
        policy_version=state.rules.policy.version,
        contact=why_contact(state.floor, agent, contact, waiting),
        agent=why_agent(state.floor, contact, agent, candidates),
        others=_around(state, contact, hindrances, agent.agent_id),
    )


def explain_wait(state: State, contact: Contact) -> WaitExplained:
    """Explains why a contact that waits or rings is not answered yet."""
    is_placed = contact.contact_id in state.waiting
    home = contact.home_region
    ahead = [
        other.home_region
        for other in state.contacts.values()
        if other.contact_id in state.waiting and other.place < contact.place
    ]
    return WaitExplained(
        home_region=home,
        hold=_hold(state, contact),
        hold_until_ms=state.deadlines.at_ms(DeadlineKind.NOT_BEFORE, contact.contact_id),
        ahead_at_home=ahead.count(home) if is_placed else None,
        ahead=len(ahead) if is_placed else None,
        next_share=_next_share(state, contact),
        policy_version=state.rules.policy.version,
        others=_around(state, contact, _hindrances(state, contact), None),
    )


# --- who else -------------------------------------------------------------------------------


def hindrance(state: State, agent: Agent, contact: Contact) -> Hindrance | None:
    """What keeps this agent from the contact now; None: nothing.

    Of one who is not ready what stands between them as long as the rules stand comes first: with
    the best will she could not have.
    """
    if agent.agent_id in state.ready:
        return obstacle(state.floor, agent, contact)
    standing = state.floor.standing(agent.agent_class, contact.contact_class)
    if standing not in PASSING:
        return standing
    return _absence(state, agent)


def _absence(state: State, agent: Agent) -> Absence:
    if not state.is_link_up(agent.link_id):
        return Absence.OUT_OF_REACH
    for held, found in _HELD.items():
        if agent.assignment_in(held) is not None:
            return found
    if agent.is_signing_off:
        return Absence.SIGNING_OFF
    return Absence.NOT_READY if agent.presence is Presence.NOT_READY else Absence.OTHER


_HELD: Final = {
    AgentState.RESERVED: Absence.RINGING,
    AgentState.TALKING: Absence.TALKING,
    AgentState.WRAP_UP: Absence.WRAP_UP,
}

_Hindrances = dict[AgentId, Hindrance | None]


def _hindrances(state: State, contact: Contact) -> _Hindrances:
    return {agent.agent_id: hindrance(state, agent, contact) for agent in state.agents.values()}


def _around(
    state: State, contact: Contact, hindrances: _Hindrances, chosen: AgentId | None
) -> StaffAround:
    others = [agent for agent in state.agents.values() if agent.agent_id != chosen]
    by_region: dict[RegionCode, Counter[Hindrance | None]] = {}
    for agent in others:
        by_region.setdefault(agent.region, Counter())[hindrances[agent.agent_id]] += 1
    regions = sorted(by_region, key=lambda code: (code != contact.home_region, code))
    return StaffAround(
        regions=tuple(_region(code, by_region[code]) for code in regions),
        nearest=tuple(_nearest(state, contact, others, hindrances)),
    )


def _region(code: RegionCode, counts: Counter[Hindrance | None]) -> RegionStaff:
    hindered = tuple((why, counts[why]) for why in _ASKED if why is not None and counts[why])
    return RegionStaff(code, counts.total(), counts[None], hindered)


def _nearest(
    state: State, contact: Contact, others: Iterable[Agent], hindrances: _Hindrances
) -> list[Neighbour]:
    groups: tuple[list[Agent], list[Agent], list[Agent]] = ([], [], [])
    for agent in others:
        could = hindrances[agent.agent_id] is None
        groups[0 if could else 1 if agent.agent_id in state.ready else 2].append(agent)

    def distance(agent: Agent) -> tuple[object, ...]:
        """Its home region first, then who was kept by what is asked last."""
        asked = _ASKED.index(hindrances[agent.agent_id])
        rank = agent_rank(state.floor, contact, agent)
        return agent.region != contact.home_region, -asked, rank

    return [
        Neighbour(
            agent.agent_id,
            agent.region,
            hindrances[agent.agent_id],
            agent.not_ready_reason,
            _until_ms(state, agent, contact, hindrances[agent.agent_id]),
        )
        for group in groups
        for agent in sorted(group, key=distance)[:NEAREST_OF_EACH]
    ]


def _until_ms(
    state: State, agent: Agent, contact: Contact, hindrance: Hindrance | None
) -> int | None:
    """When what rests has rested, for this contact."""
    at_ms = state.deadlines.at_ms
    match hindrance:
        case Obstacle.TRUNK_RESTS:
            trunk = contact.contact_class.link_id, agent.link_id
            is_emergency = contact.contact_class.tier == EMERGENCY_TIER
            sooner_ms = at_ms(DeadlineKind.TRUNK_EMERGENCY, *trunk) if is_emergency else None
            return at_ms(DeadlineKind.TRUNK, *trunk) if sooner_ms is None else sooner_ms
        case Obstacle.STRAIN | Obstacle.GATEWAY_RESTS:
            return _rested_ms(state, agent, contact)
        case Absence.NOT_READY:
            return at_ms(DeadlineKind.HEAL, agent.agent_id)
        case _:
            return None


def _rested_ms(state: State, agent: Agent, contact: Contact) -> int | None:
    """When she has rested; None: if nobody knows for how long she is away besides, or if then she
    is spared it still, having had too many of other regions'."""
    rested_ms = state.deadlines.at_ms(DeadlineKind.STRAIN, agent.agent_id)
    kind, contact_kind = agent.agent_class, contact.contact_class
    if rested_ms is None or (agent.has_own_only and is_others(state.rules, kind, contact_kind)):
        return None
    if agent.presence is Presence.READY:
        return rested_ms
    heals_ms = state.deadlines.at_ms(DeadlineKind.HEAL, agent.agent_id)
    return None if heals_ms is None else max(rested_ms, heals_ms)


_ASKED: Final = (*Obstacle, *Absence, None)
"""In the order in which it is asked what keeps an agent from a contact."""


# --- what keeps a contact from everybody ----------------------------------------------------


def _hold(state: State, contact: Contact) -> Hold | None:
    if contact.state is ContactState.OFFERED:
        return Hold.RINGING
    if not contact.is_away and not state.is_in_reach(contact):
        return Hold.OUT_OF_REACH
    if contact.is_postponed:
        return Hold.RESTING
    if contact.is_anywhere and state.island:
        return Hold.ISLAND
    return None if state.is_offerable(contact) else Hold.NOT_SEEN


def _next_share(state: State, contact: Contact) -> tuple[int, str] | None:
    rules = state.rules.timed(contact.home_region, contact.home_unit, contact.priority)
    moments = (
        (at_ms, rule.name)
        for rule in rules
        if (at_ms := state.deadlines.at_ms(DeadlineKind.SHARE, contact.contact_id, rule.name))
    )
    return min(moments, default=None)
