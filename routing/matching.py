"""The match: over all pairs (ready agent, waiting contact), never "the head first".

Take the pair with the least `key_a(c)`, for that contact the best agent; repeat until no pair
is left (DESIGN 2). Before a command no pair was left, so a new pair needs an agent or a contact
that the command touched: `Match` looks at those alone.

Why a heap of remembered keys is right: taking a pair only ever removes an agent and a contact
and can only lower what a region lends, so what is remembered can only be too low. A popped entry
whose best is no longer what it was goes back with its new key. What does widen during a run (a
contact shared, an agent passed over who becomes the only one) is touched by the caller, and so
stands in the heap by itself.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

from routing.may_answer import Floor, class_obstacle, person_obstacle
from routing.order import Key, key_for
from routing.ready_agents import AgentClass, ReadyAgent
from routing.vocabulary import AgentId, RegionCode
from routing.waiting import ContactClass, WaitingContact, WaitingContacts


class Pair(NamedTuple):
    """A contact and the agent it is to be offered to."""

    key: Key
    agent: ReadyAgent
    contact: WaitingContact


class Match:
    """One run of the match, over what has been touched."""

    def __init__(self, floor: Floor, waiting: WaitingContacts) -> None:
        self._floor = floor
        self._waiting = waiting
        self._heap: list[tuple[Key, int, AgentClass | WaitingContact]] = []
        self._count = 0

    def touch_class(self, kind: AgentClass) -> None:
        """An agent of this class became ready, or its region may lend again."""
        found = best_contact(self._floor, self._waiting, kind)
        if found is not None:
            self._push(found[0], kind)

    def touch_contact(self, contact: WaitingContact) -> None:
        """This contact can be offered, or may be answered by more agents than before."""
        if contact.contact_id in self._waiting:
            key = best_key(self._floor, contact)
            if key is not None:
                self._push(key, contact)

    def next_pair(self) -> Pair | None:
        """The pair with the least key among those touched; None: no pair is left.

        The caller takes both out of their indexes before the next call.
        """
        while self._heap:
            key, _, touched = heapq.heappop(self._heap)
            if isinstance(touched, AgentClass):
                found = best_contact(self._floor, self._waiting, touched)
                if found is None:
                    continue
                now, contact = found
            elif touched.contact_id not in self._waiting:
                continue
            else:
                again = best_key(self._floor, touched)
                if again is None:
                    continue
                now, contact = again, touched
            if now != key:
                self._push(now, touched)
                continue
            if isinstance(touched, AgentClass):
                self._push(key, touched)
            agent = best_agent(self._floor, contact)
            assert agent is not None, contact.contact_id
            return Pair(key, agent, contact)
        return None

    def _push(self, key: Key, touched: AgentClass | WaitingContact) -> None:
        self._count += 1
        heapq.heappush(self._heap, (key, self._count, touched))


def contact_key(
    floor: Floor, agent_id: AgentId | None, region: RegionCode, contact: WaitingContact
) -> Key:
    """`key_a(c)` for this agent and contact.

    A contact that is nobody's is everybody's own: it has no home agents who would otherwise
    bound its wait.
    """
    home = contact.contact_class.home_region
    is_own = (
        home == region
        or floor.rules.is_nobodys(home)
        or (agent_id is not None and contact.contact_class.preferred_agent == agent_id)
    )
    return key_for(floor.rules.policy, is_own, contact.place)


def best_contact(
    floor: Floor, waiting: WaitingContacts, kind: AgentClass
) -> tuple[Key, WaitingContact] | None:
    """The contact with the least key that some ready agent of this class may answer."""
    if not floor.agents.has(kind):
        return None
    for rank in waiting.ranks():
        found = _best_of_rank(floor, waiting, kind, rank)
        if found is not None:
            return found
    return None


def _best_of_rank(
    floor: Floor, waiting: WaitingContacts, kind: AgentClass, rank: int
) -> tuple[Key, WaitingContact] | None:
    """Asks class after class, in the order of the least key that each could have."""
    least = [
        (contact_key(floor, contact_class.preferred_agent, kind.region, head), contact_class)
        for contact_class, head in waiting.heads(rank)
    ]
    least.sort(key=itemgetter(0))
    best: tuple[Key, WaitingContact] | None = None
    for key, contact_class in least:
        if best is not None and best[0] < key:
            break
        if class_obstacle(floor, kind, contact_class) is None:
            found = _first_in(floor, waiting, kind, rank, contact_class)
            if found is not None and (best is None or found[0] < best[0]):
                best = found
    return best


def _first_in(
    floor: Floor, waiting: WaitingContacts, kind: AgentClass, rank: int, contact_class: ContactClass
) -> tuple[Key, WaitingContact] | None:
    """The contact of one class with the least key at this class of agents."""
    found: tuple[Key, WaitingContact] | None = None
    for contact in waiting.members(rank, contact_class):
        key = _key_in_class(floor, kind, contact)
        if key is None:
            continue
        if contact_class.preferred_agent is None:
            return key, contact
        if found is None or key < found[0]:
            found = (key, contact)
    return found


def _key_in_class(floor: Floor, kind: AgentClass, contact: WaitingContact) -> Key | None:
    """The least key of the contact at the ready agents of a class, if any of them may."""
    members = (
        member.agent_id
        for member in floor.agents.members(kind)
        if person_obstacle(floor, member.agent_id, contact) is None
    )
    keys = (contact_key(floor, agent_id, kind.region, contact) for agent_id in members)
    if contact.contact_class.preferred_agent is None:
        return next(keys, None)
    return min(keys, default=None)


def best_key(floor: Floor, contact: WaitingContact) -> Key | None:
    """The least key of the contact at any ready agent who may answer it."""
    best: Key | None = None
    for kind in floor.agents.classes():
        if class_obstacle(floor, kind, contact.contact_class) is None:
            key = _key_in_class(floor, kind, contact)
            if key is not None and (best is None or key < best):
                best = key
    return best


def best_agent(floor: Floor, contact: WaitingContact) -> ReadyAgent | None:
    """Preferred, then home unit, home region, fewest skills beyond the need, longest idle.

    Only among those at whom its key is least: at any other, somebody might stand before it.
    """
    chosen: ReadyAgent | None = None
    chosen_rank: tuple[Key, bool, bool, bool, int, int, int] | None = None
    for kind in floor.agents.classes():
        if class_obstacle(floor, kind, contact.contact_class) is not None:
            continue
        for member in floor.agents.members(kind):
            if person_obstacle(floor, member.agent_id, contact) is not None:
                continue
            key = contact_key(floor, member.agent_id, kind.region, contact)
            rank = (key, *_agent_rank(contact, kind, member))
            if chosen_rank is None or rank < chosen_rank:
                chosen, chosen_rank = member, rank
            if contact.contact_class.preferred_agent is None:
                break
    return chosen


def _agent_rank(
    contact: WaitingContact, kind: AgentClass, member: ReadyAgent
) -> tuple[bool, bool, bool, int, int, int]:
    home = contact.contact_class
    return (
        contact.contact_class.preferred_agent != member.agent_id,
        contact.home_unit is None or contact.home_unit != kind.unit,
        home.home_region != kind.region,
        len(kind.skills) - len(home.needs),
        member.ready_since_ms,
        member.sequence,
    )


def all_pairs(
    floor: Floor, agents: Iterable[ReadyAgent], contacts: Iterable[WaitingContact]
) -> list[Pair]:
    """Every pair that may be, by brute force: for invariants and for explaining."""
    contacts = list(contacts)
    return [
        Pair(contact_key(floor, agent.agent_id, agent.agent_class.region, contact), agent, contact)
        for agent in agents
        for contact in contacts
        if class_obstacle(floor, agent.agent_class, contact.contact_class) is None
        and person_obstacle(floor, agent.agent_id, contact) is None
    ]
