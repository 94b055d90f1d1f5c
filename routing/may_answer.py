"""May this agent answer this contact? One predicate, used wherever the question is asked.

Matching, work conservation, expected wait and explain all ask `obstacle`. It speaks of an agent
who is ready; being ready (signed on, not paused, with room for something) is kept by
`ready_agents`. The first part depends on the classes of both alone, and the room that she has left
is part of hers; the second on the two persons.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Final

from routing.alike import Alike
from routing.limits import Limit, LimitKind
from routing.order import EMERGENCY_TIER, HOME_TIER_MIN
from routing.ready_agents import AgentClass, ReadyAgent, ReadyAgents, works_for
from routing.room_policy import Room
from routing.rules import Rules
from routing.sights import ANSWERS_MAX, Sight, Sights
from routing.skills import meets
from routing.strain_policy import Spared
from routing.trunks import Trunk
from routing.vocabulary import (
    NO_LINK,
    ContactChannel,
    LinkId,
    RegionCode,
    Requirement,
)
from routing.waiting import ContactClass, WaitingContact, WaitingContacts


class Obstacle(StrEnum):
    """Why an agent may not answer a contact now."""

    OTHER_SWITCH = "other_switch"
    """Her phone hangs on another Asterisk than the caller, and no trunk joins the two."""
    TRUNK_RESTS = "trunk_rests"
    """The trunk between their switches has failed, and is not tried as yet."""
    NOT_ON_LINE = "not_on_line"
    """Nothing of it is at a switch: a gateway's seat cannot be put through to it."""
    SKILLS = "skills"
    KEPT_BY_UNIT = "kept_by_unit"
    """She is of its region, and its unit keeps its own callers until they are shared."""
    NOT_SHARED = "not_shared"
    QUEUE_SHORT = "queue_short"
    """It is shared with her region only while more of its home region wait."""
    NO_ROOM = "no_room"
    """Beside the chats that she has there is no room for it."""
    NOT_LENDING = "not_lending"
    """Her region keeps its reserve for its own."""
    OWN_CALLERS_WAIT = "own_callers_wait"
    """In that service and language her region's own callers wait too long."""
    OVER_BALANCE = "over_balance"
    """Her region has given more than is agreed."""
    LENDING_CUT = "lending_cut"
    """Her region lends to tiers 0 and 1 only, for what lending costs it."""
    TRIED = "tried"
    STRAIN = "strain"
    """She is spared it: she rests, or has had too many of other regions'."""
    GATEWAY_RESTS = "gateway_rests"
    """The gateway has not taken a caller: only emergencies try its seats as yet."""
    PREFERS_OTHER = "prefers_other"
    """It waits for those whom it prefers, for as long as the rules allow."""


PASSING: Final = (None, Obstacle.NOT_LENDING, Obstacle.QUEUE_SHORT, Obstacle.NO_ROOM)
"""Of what stands between two classes: nothing, or what will be over without new rules."""

_NOT_LENDING: Final = Obstacle.NOT_LENDING
_QUEUE_SHORT: Final = Obstacle.QUEUE_SHORT
_SKILLS: Final = Obstacle.SKILLS
_NONE_RESTS: Final[Mapping[Trunk, bool]] = {}


class Floor:
    """All that the question depends on: the rules, who is at work, and how many wait.

    What stands between two classes as long as the rules stand is remembered in two parts, skills
    and all else: of each there are thousands, of pairs of classes millions.
    """

    def __init__(
        self,
        rules: Rules,
        agents: ReadyAgents,
        limits: Collection[Limit] = (),
        waiting: WaitingContacts | None = None,
        resting: Mapping[Trunk, bool] = _NONE_RESTS,
    ) -> None:
        """Args:
        agents: of whom regions keep back, from now on, what the rules say.
        limits: those that are on, now and whenever the question is asked.
        waiting: who can be offered, now and whenever; None: nobody.
        resting: trunks that rest, from callers' switch to phones'; True: emergencies try it.
        """
        self.rules = rules
        self.agents = agents
        agents.keep_back(rules.reserve_of)
        self._limits = limits
        self._waiting = WaitingContacts(rules) if waiting is None else waiting
        self.resting = resting
        self._sights = Sights()

    def lend_obstacle(
        self, region: RegionCode, needs: tuple[Requirement, ...], tier: int
    ) -> Obstacle | None:
        """What keeps a ready agent of `region` with these skills at home; None: she may be lent.

        The reserve stays at home; the limits are for those who can wait, from tier 2 on.
        """
        if self._limits and tier >= HOME_TIER_MIN:
            for kind, part, found in (
                (LimitKind.LOSS, "", Obstacle.LENDING_CUT),
                (LimitKind.BALANCE, "", Obstacle.OVER_BALANCE),
                (LimitKind.LONGEST_WAIT, self.rules.part_of(needs), Obstacle.OWN_CALLERS_WAIT),
            ):
                if Limit(region, kind, part) in self._limits:
                    return found
        if region not in self.rules.reserving:
            return None
        count = self.agents.count(region, needs)
        return _NOT_LENDING if count.ready <= count.reserve else None

    def able(self, agent: AgentClass) -> Mapping[Alike, bool]:
        """Whether the skills of the class meet needs: `ContactClass.needed` of any contact."""
        return self._sights[agent].able

    def skilled(self, agents: Iterable[AgentClass], contact: ContactClass) -> list[AgentClass]:
        """Those of the classes whose skills meet the contact's needs: few of many."""
        sights, needed = self._sights, contact.needed
        return [kind for kind in agents if sights[kind].able[needed]]

    def is_queue_long(self, contact: ContactClass, region: RegionCode) -> bool:
        """Whether so many of its home wait that a ring of it reaches this region."""
        home = contact.home_region
        waiting = self._waiting.count_in_region(home)
        return any(
            ring.waiting_min <= waiting and self.rules.covers(ring, home, region)
            for ring in contact.rings
        )

    def does_trunk_rest(self, agent: AgentClass, contact: ContactClass) -> bool:
        """Whether the trunk by which she would be rung is not tried now for such a contact."""
        is_tried = self.resting.get((contact.link_id, agent.link_id))
        return is_tried is False or (is_tried is True and contact.tier != EMERGENCY_TIER)

    def standing(self, agent: AgentClass, contact: ContactClass) -> Obstacle | None:
        """`standing_obstacle`, from what is remembered."""
        sight = self._sights[agent]
        link_id = contact.link_id
        if link_id != agent.link_id:
            found = switch_obstacle(self.rules, agent, link_id)
            if found is not None:
                return found
        if not sight.able[contact.needed]:
            return _SKILLS
        try:
            return sight.between[contact.reach]
        except KeyError:
            return self._ask_between(sight, agent, contact)

    def _ask_between(
        self, sight: Sight, agent: AgentClass, contact: ContactClass
    ) -> Obstacle | None:
        """It is asked of contacts with this reach for the first time."""
        if len(sight.between) >= ANSWERS_MAX:
            sight.between.clear()
        found = sight.between[contact.reach] = obstacle_between(self.rules, agent, contact)
        return found


def class_obstacle(floor: Floor, agent: AgentClass, contact: ContactClass) -> Obstacle | None:
    """What stands between any agent and any contact of these classes now; None: nothing."""
    found = floor.standing(agent, contact)
    if floor.resting and floor.does_trunk_rest(agent, contact) and found in PASSING:
        return Obstacle.TRUNK_RESTS
    if found is _NOT_LENDING or (
        found is _QUEUE_SHORT and floor.is_queue_long(contact, agent.region)
    ):
        return floor.lend_obstacle(agent.region, contact.needs, contact.tier)
    return found


def standing_obstacle(rules: Rules, agent: AgentClass, contact: ContactClass) -> Obstacle | None:
    """What stands between two classes as long as the rules and what she has stand.

    NOT_LENDING: nothing but that her region lends at times only. QUEUE_SHORT: nothing but that,
    and that as many must wait as its rings ask for. NO_ROOM: nothing that would not be over with
    what she has.
    """
    found = switch_obstacle(rules, agent, contact.link_id)
    if found is not None:
        return found
    if not meets(agent.skills, contact.needs):
        return Obstacle.SKILLS
    return obstacle_between(rules, agent, contact)


def switch_obstacle(rules: Rules, agent: AgentClass, link_id: LinkId) -> Obstacle | None:
    """What stands between these agents' phones and callers at this switch; `NO_LINK`: at none."""
    if agent.is_seat and link_id == NO_LINK:
        return Obstacle.NOT_ON_LINE
    return None if rules.can_ring(link_id, agent.link_id) else Obstacle.OTHER_SWITCH


def obstacle_between(rules: Rules, agent: AgentClass, contact: ContactClass) -> Obstacle | None:
    """The same, switch and skills apart: it hangs on nothing else of theirs."""
    found = _obstacle_by_rules(rules, agent, contact)
    if agent.room is not None and found in PASSING and not has_room(agent.room, contact):
        return Obstacle.NO_ROOM
    return found


def has_room(room: Room, contact: ContactClass) -> bool:
    """Whether such a contact finds this room."""
    if contact.channel is ContactChannel.CHAT:
        return room.chat
    is_pressing = contact.tier < HOME_TIER_MIN and not contact.channel.is_on_screen
    return is_pressing and room.pressing_call


def _obstacle_by_rules(rules: Rules, agent: AgentClass, contact: ContactClass) -> Obstacle | None:
    if agent.spared is not None and is_spared(rules, agent, contact):
        return Obstacle.GATEWAY_RESTS if agent.is_seat else Obstacle.STRAIN
    home = contact.home_region
    if home == agent.region:
        is_kept = contact.within and agent.unit not in contact.within
        return Obstacle.KEPT_BY_UNIT if is_kept else None
    if is_sold_to(contact, agent):
        return None
    if not rules.takes_part(agent.region):
        return Obstacle.NOT_SHARED
    if rules.is_nobodys(home):
        return None
    if not rules.takes_part(home):
        return Obstacle.NOT_SHARED
    if contact.tier == EMERGENCY_TIER:
        return None
    lengths = [ring.waiting_min for ring in contact.rings if rules.covers(ring, home, agent.region)]
    if not lengths or contact.within:
        return Obstacle.NOT_SHARED
    return Obstacle.QUEUE_SHORT if min(lengths) else Obstacle.NOT_LENDING


def is_sold_to(contact: ContactClass, agent: AgentClass) -> bool:
    """Whether the contact's home pays the agent's region for answering it as its own."""
    if not contact.sellers:
        return False
    return any(
        seller.region == agent.region and (not seller.units or agent.unit in seller.units)
        for seller in contact.sellers
    )


def own_classes(floor: Floor, contact: ContactClass) -> Iterable[AgentClass]:
    """The classes with a ready agent to whom the contact is her own region's, or as good as."""
    home = floor.agents.classes_in(contact.home_region)
    if not contact.sellers:
        return home
    sold = [
        kind
        for region in dict.fromkeys(seller.region for seller in contact.sellers)
        for kind in floor.agents.classes_in(region)
        if is_sold_to(contact, kind)
    ]
    return [*home, *sold]


def is_spared(rules: Rules, agent: AgentClass, contact: ContactClass) -> bool:
    """Whether these agents are spared such contacts; the first tier nobody is."""
    is_meant = agent.spared is Spared.ALL or is_others(rules, agent, contact)
    return is_meant and contact.tier != EMERGENCY_TIER


def is_others(rules: Rules, agent: AgentClass, contact: ContactClass) -> bool:
    """Whether it is another region's to these agents: neither their own, nobody's nor sold."""
    home = contact.home_region
    return home != agent.region and not (rules.is_nobodys(home) or is_sold_to(contact, agent))


def person_obstacle(floor: Floor, agent: ReadyAgent, contact: WaitingContact) -> Obstacle | None:
    """What stands between these two in person.

    An agent who has just not answered it is passed over while somebody else is ready to, and one
    who has given a chat back until she is done with it.
    """
    if is_busy_with(agent, contact):
        return Obstacle.TRIED
    if contact.is_kept and not is_preferred(agent, contact):
        return Obstacle.PREFERS_OTHER
    if agent.agent_id in contact.tried and has_other(floor, contact):
        return Obstacle.TRIED
    return None


def is_busy_with(agent: ReadyAgent, contact: WaitingContact) -> bool:
    """Whether she works after a talk with this very contact: as only who has chats can be."""
    return agent.agent_class.room is not None and agent.is_busy_with(contact.contact_id)


def is_preferred(agent: ReadyAgent, contact: WaitingContact) -> bool:
    """Whether the contact prefers this agent, or the unit of its home that she works for."""
    home, unit = contact.contact_class.home_region, contact.preferred_unit
    return contact.preferred_agent == agent.agent_id or works_for(agent.agent_class, unit, home)


def may_any_person(floor: Floor, kind: AgentClass, contact: WaitingContact) -> bool:
    """Whether nothing stands in person between the contact and some ready agent of the class."""
    return first_person(floor, kind, contact) is not None


def first_person(floor: Floor, kind: AgentClass, contact: WaitingContact) -> ReadyAgent | None:
    """The first ready agent of the class between whom and the contact nothing stands in person."""
    if not contact.tried and not contact.is_kept and kind.room is None:
        return floor.agents.first(kind)
    for member in floor.agents.members(kind):
        if person_obstacle(floor, member, contact) is None:
            return member
    return None


def has_other(floor: Floor, contact: WaitingContact) -> bool:
    """Whether someone ready who has not tried it may answer the contact by class."""
    kinds = floor.skilled(floor.agents.classes(), contact.contact_class)
    return any(
        class_obstacle(floor, kind, contact.contact_class) is None
        and any(
            member.agent_id not in contact.tried
            and (not contact.is_kept or is_preferred(member, contact))
            and not is_busy_with(member, contact)
            for member in floor.agents.members(kind)
        )
        for kind in kinds
    )


def has_own_ready(floor: Floor, contact: WaitingContact) -> bool:
    """Whether a ready agent to whom the contact is her own may answer it."""
    return any(
        class_obstacle(floor, kind, contact.contact_class) is None
        and may_any_person(floor, kind, contact)
        for kind in own_classes(floor, contact.contact_class)
    )


def obstacle(floor: Floor, agent: ReadyAgent, contact: WaitingContact) -> Obstacle | None:
    """Why this ready agent may not answer this contact; None: she may."""
    found = class_obstacle(floor, agent.agent_class, contact.contact_class)
    return found or person_obstacle(floor, agent, contact)
