"""The match: over all pairs (ready agent, waiting contact), never "the head first".

Take the pair with the least `key_a(c)`, for that contact the best agent; repeat until no pair
is left (DESIGN 2). Before a command no pair was left, so a new pair needs an agent or a contact
that the command touched: `Match` looks at those alone.

Why a heap of remembered keys is right: taking a pair only ever removes an agent and a contact
and can only lower what a region lends, so what is remembered can only be too low. A popped entry
that is older than the last pair goes back with the key that it has now. What does widen during a
run (a contact shared, an agent passed over who becomes the only one) is touched by the caller,
and so stands in the heap by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Final, NamedTuple

from routing.may_answer import (
    Floor,
    class_obstacle,
    first_person,
    is_sold_to,
    may_any_person,
    obstacle,
    own_classes,
    person_obstacle,
)
from routing.order import Key, key_for
from routing.policy import AgentChoice
from routing.ready_agents import AgentClass, ReadyAgent, works_for
from routing.rows import Rows
from routing.vocabulary import AgentId, ContactId
from routing.waiting import (
    ContactHeads,
    ContactRow,
    WaitingContact,
    WaitingContacts,
    is_answered_abroad,
)


class Pair(NamedTuple):
    """A contact and an agent who may answer it."""

    key: Key
    agent: ReadyAgent
    contact: WaitingContact


Chosen = tuple[ReadyAgent, WaitingContact]
"""An agent and the contact that is to be offered to her."""


class Match:
    """One run of the match, over what has been touched."""

    __slots__ = ("_contacts", "_floor", "_heap", "_kinds", "_taken", "_waiting")

    def __init__(self, floor: Floor, waiting: WaitingContacts) -> None:
        self._floor = floor
        self._waiting = waiting
        self._heap: list[_Touched] = []
        self._kinds: dict[AgentClass, None] = {}
        self._contacts: dict[ContactId, None] = {}
        """All that have been touched."""
        self._taken = 0
        """Pairs so far: a key found since the last one is true still."""

    def touch_class(self, kind: AgentClass) -> None:
        """An agent of this class became ready, or its region may lend again."""
        self._kinds[kind] = None
        found = best_contact(self._floor, self._waiting, kind)
        if found is not None:
            heappush(self._heap, _Touched(found[0], self._taken, kind, found[1]))

    def touch_contact(self, contact: WaitingContact) -> None:
        """This contact can be offered, or may be answered by more agents than before."""
        self._contacts[contact.contact_id] = None
        if contact.contact_id in self._waiting.by_id:
            key = best_key(self._floor, contact)
            if key is not None:
                heappush(self._heap, _Touched(key, self._taken, None, contact))

    def pair_of(self, contact: WaitingContact) -> Chosen | None:
        """The first pair if this contact is all that has been touched; None: there is none.

        As with nearly every caller who comes: there is no other whose key could be less.
        """
        if contact.contact_id not in self._waiting.by_id:
            return None
        agent = best_agent(self._floor, contact)
        return None if agent is None else (agent, contact)

    def next_pair(self) -> Chosen | None:
        """The pair with the least key among those touched; None: no pair is left.

        The caller takes both out of their indexes before the next call.
        """
        while self._heap:
            touched = heappop(self._heap)
            if touched.taken != self._taken:
                if touched.kind is not None:
                    self.touch_class(touched.kind)
                else:
                    self.touch_contact(touched.contact)
                continue
            contact = touched.contact
            agent = best_agent(self._floor, contact, self._among(contact))
            assert agent is not None, contact.contact_id
            if touched.kind is not None:
                heappush(self._heap, touched)
            self._taken += 1
            return agent, contact
        return None

    def _among(self, contact: WaitingContact) -> dict[AgentClass, None] | None:
        """Who could answer it: of one that is not touched, only who is; None: anybody."""
        return None if contact.contact_id in self._contacts else self._kinds


class _Touched:
    """What was found for a class of agents, or for a contact alone, when so many were taken."""

    __slots__ = ("contact", "key", "kind", "taken")

    def __init__(
        self, key: Key, taken: int, kind: AgentClass | None, contact: WaitingContact
    ) -> None:
        self.key = key
        self.taken = taken
        self.kind = kind
        self.contact = contact

    def __lt__(self, other: _Touched) -> bool:
        return self.key < other.key


def contact_key(
    floor: Floor, agent_id: AgentId | None, kind: AgentClass, contact: WaitingContact
) -> Key:
    """`key_a(c)` for this agent and contact; None: for one who is not preferred.

    A contact that is nobody's is everybody's own: it has no home agents who would otherwise
    bound its wait.
    """
    home = contact.contact_class.home_region
    is_own = (
        home == kind.region
        or (agent_id is not None and contact.preferred_agent == agent_id)
        or floor.rules.is_nobodys(home)
        or is_sold_to(contact.contact_class, kind)
    )
    return key_for(floor.rules.policy, is_own, contact.place)


_Found = tuple[Key, WaitingContact]


def best_contact(floor: Floor, waiting: WaitingContacts, kind: AgentClass) -> _Found | None:
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
) -> _Found | None:
    """First those who are her own; then all others, unless none of them could come before."""
    own = waiting.own(rank, kind.region)
    best = _best_of_rows(floor, kind, own, rank, True, None) if own else None
    if preferring := waiting.preferring(rank):
        best = _better_preferring(floor, kind, preferring, best)
    return _best_of_rows(floor, kind, waiting.shared(rank), rank, False, best)


def _best_of_rows(
    floor: Floor,
    kind: AgentClass,
    heads: ContactHeads,
    rank: int,
    are_own: bool,
    best: _Found | None,
) -> _Found | None:
    """The first whom somebody of the class may answer, if it is better than `best`.

    Among those who are shared her own stand as well; they have been considered already.
    """
    policy, able = floor.rules.policy, floor.able(kind)
    for due_ms, sequence, row in heads:
        if not able[row[0][2].contact_class.needed]:  # the first speaks for all of a row
            continue
        if best is not None and best[0] <= key_for(policy, are_own, (rank, due_ms, sequence)):
            break
        best = _better(floor, kind, row, best)
    return best


def _better(floor: Floor, kind: AgentClass, row: ContactRow, best: _Found | None) -> _Found | None:
    """The first of the row whom somebody of the class may answer, if it is better than `best`.

    In a row of those who are shared her own stand as well. Once one of them may be answered
    nobody after it need be looked at: it has been considered already, and its key is less.
    """
    for _, _, contact in row:
        if class_obstacle(floor, kind, contact.contact_class) is not None:
            break
        key = contact_key(floor, None, kind, contact)
        if best is not None and best[0] <= key:
            break
        if may_any_person(floor, kind, contact):
            return key, contact
    return best


def _better_preferring(
    floor: Floor,
    kind: AgentClass,
    preferring: dict[AgentId, Rows[WaitingContact]],
    best: _Found | None,
) -> _Found | None:
    """The same among those who prefer a ready agent of the class: to her they are her own."""
    for agent in _ready_of(floor, kind, preferring):
        agent_id = agent.agent_id
        ((_, _, row),) = preferring[agent_id].heads
        for _, _, contact in row:
            key = contact_key(floor, agent_id, kind, contact)
            if best is not None and best[0] <= key:
                break
            if (
                class_obstacle(floor, kind, contact.contact_class) is None
                and person_obstacle(floor, agent, contact) is None
            ):
                best = key, contact
                break
    return best


def _ready_of(
    floor: Floor, kind: AgentClass, wanted: dict[AgentId, Rows[WaitingContact]]
) -> list[ReadyAgent]:
    """The ready agents of the class who are among those wanted, by the shorter of both ways."""
    agents = floor.agents
    if len(wanted) > agents.members_count(kind):
        return [each for each in agents.members(kind) if each.agent_id in wanted]
    found = (agents.get(agent_id) for agent_id in wanted)
    return [each for each in found if each is not None and each.agent_class == kind]


def best_key(floor: Floor, contact: WaitingContact) -> Key | None:
    """The least key of the contact at any ready agent who may answer it."""
    kind, rules, agents = contact.contact_class, floor.rules, floor.agents
    home = kind.home_region
    if _may_any(floor, own_classes(floor, kind), contact) or _may_preferred(floor, contact):
        return key_for(rules.policy, True, contact.place)
    if is_answered_abroad(rules, kind) and _may_any(floor, agents.classes_outside(home), contact):
        return key_for(rules.policy, rules.is_nobodys(home), contact.place)
    return None


def _may_any(floor: Floor, kinds: Iterable[AgentClass], contact: WaitingContact) -> bool:
    """Whether some ready agent of some of these classes may answer the contact."""
    for kind in floor.skilled(kinds, contact.contact_class):
        if class_obstacle(floor, kind, contact.contact_class) is None and may_any_person(
            floor, kind, contact
        ):
            return True
    return False


def _may_preferred(floor: Floor, contact: WaitingContact) -> bool:
    """Whether the agent whom the contact prefers is ready and may answer it."""
    preferred = contact.preferred_agent
    agent = floor.agents.get(preferred) if preferred is not None else None
    return agent is not None and obstacle(floor, agent, contact) is None


def best_agent(
    floor: Floor, contact: WaitingContact, among: Iterable[AgentClass] | None = None
) -> ReadyAgent | None:
    """Whom the policy chooses for the contact; see `agent_rank`.

    Only among those at whom its key is least: at any other, somebody might stand before it.

    Args:
        among: no others could answer it; None: anybody could.
    """
    ready = floor.agents.by_id
    if len(ready) == 1:  # as nearly always while many wait
        (agent,) = ready.values()
        return agent if obstacle(floor, agent, contact) is None else None
    kind = contact.contact_class
    own = _candidates(floor, own_classes(floor, kind) if among is None else among, contact)
    if contact.preferred_agent is not None and _may_preferred(floor, contact):
        own.append(ready[contact.preferred_agent])
    is_anybody = among is None and is_answered_abroad(floor.rules, kind)
    if is_anybody and not (own and _is_own_first(floor, contact)):
        own += _candidates(floor, floor.agents.classes_outside(kind.home_region), contact)
    if len(own) <= 1:
        return own[0] if own else None
    return min(own, key=lambda agent: agent_rank(floor, contact, agent))


def _is_own_first(floor: Floor, contact: WaitingContact) -> bool:
    """Whether its key is less at those to whom it is their own region's."""
    policy, place = floor.rules.policy, contact.place
    is_nobodys = floor.rules.is_nobodys(contact.contact_class.home_region)
    return not is_nobodys and key_for(policy, True, place) < key_for(policy, False, place)


def _candidates(
    floor: Floor, kinds: Iterable[AgentClass], contact: WaitingContact
) -> list[ReadyAgent]:
    """Of each class the first who may answer the contact."""
    found = [
        first_person(floor, kind, contact)
        for kind in floor.skilled(kinds, contact.contact_class)
        if class_obstacle(floor, kind, contact.contact_class) is None
    ]
    return [each for each in found if each is not None]


_LONGEST_IDLE: Final = AgentChoice.LONGEST_IDLE
_MOST_IDLE_REGION: Final = AgentChoice.MOST_IDLE_REGION


def agent_rank(
    floor: Floor, contact: WaitingContact, agent: ReadyAgent
) -> tuple[Key, *tuple[int, ...]]:
    """What the agents who may answer the contact are ordered by; the least is chosen.

    One part for each of the `ADVANTAGES` of the policy's choice; see `advantages`.
    """
    kind, home, rules = agent.agent_class, contact.contact_class, floor.rules
    key = contact_key(floor, agent.agent_id, kind, contact)
    is_other = contact.preferred_agent != agent.agent_id
    has_chats = kind.room is not None
    idle_ms, sequence = agent.ready_since_ms, agent.sequence
    is_other_unit = not works_for(kind, contact.home_unit, home.home_region)
    is_foreign = home.home_region != kind.region
    skills = len(kind.skills)
    choice = rules.policy.agent_choice
    if choice is _LONGEST_IDLE:
        return key, is_other, has_chats, is_other_unit, is_foreign, skills, idle_ms, sequence
    if choice is _MOST_IDLE_REGION:
        idle = floor.agents.ready_count(kind.region, home.needs)
        where = is_other_unit, is_foreign, -idle, rules.region_place(kind.region)
        return key, is_other, has_chats, *where, skills, idle_ms, sequence
    return key, is_other, has_chats, idle_ms, sequence


def all_pairs(
    floor: Floor, agents: Iterable[ReadyAgent], contacts: Iterable[WaitingContact]
) -> list[Pair]:
    """Every pair that may be, by brute force: for invariants and for explaining."""
    contacts = list(contacts)
    return [
        Pair(contact_key(floor, agent.agent_id, agent.agent_class, contact), agent, contact)
        for agent in agents
        for contact in contacts
        if class_obstacle(floor, agent.agent_class, contact.contact_class) is None
        and person_obstacle(floor, agent, contact) is None
    ]
