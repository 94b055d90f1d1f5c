"""All that the engine knows, with the indexes that make it quick to ask.

House rules: only `apply` writes rows; every row change ends in `reindex_contact` (or in
`move_contact` or `share_contact`, if less has changed) or in `reindex_agent`, which keep the
indexes true and note what was touched for the match. What is touched never outlives a command.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from typing import Final

from queue_engine.core.agent import READY, Agent
from queue_engine.core.balance import Balances
from queue_engine.core.contact import ENDED, OFFERED, WAITING, Contact, ContactState
from queue_engine.core.deadlines import Deadlines
from queue_engine.core.gateways import GatewayRow
from queue_engine.core.origins import Origins
from queue_engine.core.placing import class_of, place_and_class
from queue_engine.core.returning import Returning
from queue_engine.core.texts import Text
from queue_engine.core.told_islands import ToldIslands
from queue_engine.core.touched import Touched
from routing.delays import Delays
from routing.limits import Limit
from routing.may_answer import Floor
from routing.order import EMERGENCY_TIER, Place
from routing.policy import DEFAULT_PRIORITIES, Policy
from routing.ready_agents import ReadyAgents
from routing.region_policy import ShareCondition, ShareRule
from routing.rules import Rules
from routing.trunks import Trunk, far_phone
from routing.vocabulary import (
    ON_SCREEN,
    AgentId,
    ContactChannel,
    ContactId,
    GatewayId,
    LineId,
    LinkId,
    PhoneId,
    RegionCode,
    TextId,
    UnitId,
)
from routing.waiting import ContactClass, WaitingContacts

_WAITED: Final = ShareCondition.WAITED
EMPTY_POLICY: Final = Policy(version="none", priorities=DEFAULT_PRIORITIES)
"""In force until one is loaded: no regions, so nobody shares."""


class State:
    """The rows and their indexes. An empty state is the state before the first record."""

    def __init__(self) -> None:
        self.record_number = 0
        self.now_ms = 0
        self.next_sequence = 1
        self.next_offer = 1
        self.policy_text = ""
        self.rules = Rules(EMPTY_POLICY)
        self.origins = Origins()
        self.told_islands = ToldIslands()
        self.contacts: dict[ContactId, Contact] = {}
        self.agents: dict[AgentId, Agent] = {}
        self.links: dict[LinkId, bool] = {}
        """True: in reach and reconciled. A link that is not here has never been in reach."""
        self.links_seen_ms: dict[LinkId, int] = {}
        """When a link that is out of reach was last in reach."""
        self.island: tuple[LinkId, ...] = ()
        """The switches with which this engine is alone; empty: it is not."""
        self.resting_trunks: dict[Trunk, bool] = {}
        """From callers' switch to phones': those that failed and rest; True: emergencies try it."""
        self.gateways: dict[GatewayId, GatewayRow] = {}
        """What is known of them beside the rules; their seats are among the agents."""
        self.windows: dict[str, bool] = {}
        self.limits: dict[Limit, None] = {}
        """Those that are on."""
        self.closed_lines: dict[LineId, None] = {}
        self.balances = Balances()
        self.sold: dict[ContactId, dict[AgentId, RegionCode]] = {}
        """Who was offered a contact as sold, or asked of it, and the region that it was of then."""
        self.delays = Delays()
        self.deadlines = Deadlines()
        self.phones: dict[tuple[LinkId, PhoneId], AgentId] = {}
        self.sequences: dict[int, ContactId] = {}
        self.ready = ReadyAgents()
        self.waiting = WaitingContacts(self.rules)
        self.floor = Floor(self.rules, self.ready, self.limits, self.waiting, self.resting_trunks)
        self.touched = Touched()
        self.kept: dict[ContactId, Contact] = {}
        """Those that wait, or ring, for those whom they prefer."""
        self.promised: dict[ContactId, Contact] = {}
        """Those that have been promised to be rung back."""
        self.texts: dict[TextId, Text] = {}
        """Text messages that have been asked for and not reported as sent, as they were asked."""
        self.taking: dict[RegionCode, dict[AgentId, None]] = {}
        """Who takes calls, or will when they are done with what they have."""
        self.units: dict[UnitId, dict[AgentId, Agent]] = {}
        """Who is at work for each unit."""
        self.calls: dict[int, dict[str, tuple[int, ...]]] = {}
        """When callers rang, by day and by the caller's key: to know repeat callers."""
        self.returning = Returning()
        self._not_ended: dict[RegionCode, dict[ContactId, Contact]] = {}
        self._tried: dict[ContactId, Contact] = {}
        self.emergencies: dict[ContactClass, list[tuple[Place, Contact]]] = {}
        """Of the first tier, those that can be offered, in order; never an empty list."""
        self.asking: dict[ContactId, Contact] = {}
        """Those about which a colleague's phone rings."""
        self._offered: dict[ContactId, Contact] = {}

    # --- asking ---------------------------------------------------------------------------

    def agent_at(self, link_id: LinkId, phone_id: PhoneId | None) -> Agent | None:
        """Who is signed on at this phone, as the switch `link_id` knows it."""
        agent_id = self.phones.get((link_id, phone_id)) if phone_id else None
        if agent_id is None and (far := far_phone(phone_id)) is not None:
            agent_id = self.phones.get(far)
        return self.agents[agent_id] if agent_id else None

    def living(self, contact_id: ContactId) -> Contact | None:
        """The contact, unless it has ended or was never here."""
        contact = self.contacts.get(contact_id)
        return None if contact is None or contact.state is ENDED else contact

    def unanswered_of(self, region: RegionCode) -> list[Contact]:
        """The contacts of a home region that wait or ring, by sequence."""
        rows = self._not_ended.get(region, {}).values()
        unanswered = (ContactState.WAITING, ContactState.OFFERED)
        return _by_sequence(contact for contact in rows if contact.state in unanswered)

    def living_contacts(self) -> list[Contact]:
        """All contacts that have not ended, by sequence."""
        of_regions = self._not_ended.values()
        return _by_sequence(contact for rows in of_regions for contact in rows.values())

    def tried_waiting(self) -> list[Contact]:
        """The contacts that can be offered and that somebody did not answer, by sequence."""
        return _by_sequence(self._tried.values()) if self._tried else []

    def waiting_emergencies(self) -> list[Contact]:
        """Of the contacts of the first tier that can be offered the first of each class.

        First to be served first. All of those who write: what one agent may not answer because she
        works after a talk with it, she may answer the next of its class.
        """
        heads = [
            head
            for kind, alike in self.emergencies.items()
            for head in (alike if kind.channel is ContactChannel.CHAT else alike[:1])
        ]
        return [contact for _, contact in sorted(heads)]

    def lent_to(self, agent: Agent, contact_id: ContactId) -> RegionCode | None:
        """The other region that she is lent to for this contact.

        None: it is her own region's, or nobody's, or it came to her as sold.
        """
        contact, held = self.contacts.get(contact_id), agent.assignments.get(contact_id)
        if contact is None or held is None:
            return None
        home = held.sent_on_from or contact.home_region
        if self.sold and self.sold.get(contact_id, {}).get(agent.agent_id) == home:
            return None
        return None if home == agent.region or self.rules.is_nobodys(home) else home

    def is_link_up(self, link_id: LinkId) -> bool:
        """Whether the switch is in reach and reconciled."""
        return self.links.get(link_id, False)

    def is_window_on(self, window: str) -> bool:
        """Whether the time window is on, as far as we have been told."""
        return self.windows.get(window, False)

    def is_line_open(self, line_id: LineId) -> bool:
        """Whether callers are taken in at the line: unless we have been told otherwise."""
        return line_id not in self.closed_lines

    def is_concerned(self, contact: Contact, rule: ShareRule) -> bool:
        """Whether a share rule of its home speaks of the contact now, its condition apart."""
        return (
            (not rule.during or self.is_window_on(rule.during))
            and (not rule.units or contact.home_unit in rule.units)
            and (not rule.services or self.rules.service_of(contact.needs) in rule.services)
        )

    def is_offerable(self, contact: Contact) -> bool:
        """Whether the contact can be offered now, to whomever."""
        if contact.state is not WAITING or contact.is_postponed:
            return False
        if contact.seen_waiting and self.links.get(contact.link_id, False):
            return True
        return contact.is_anywhere and not self.island

    def is_in_reach(self, contact: Contact) -> bool:
        """Whether his switch is, if he is a call at one."""
        return contact.channel in ON_SCREEN or self.links.get(contact.link_id, False)

    def offers(self) -> Iterator[tuple[Contact, Agent]]:
        """The offers that ring."""
        for contact in self._offered.values():
            assert contact.agent_id is not None, contact.contact_id
            yield contact, self.agents[contact.agent_id]

    def agents_of(self, unit: UnitId | None) -> Iterable[Agent]:
        """Who is at work for the unit."""
        return self.units.get(unit, {}).values() if unit is not None else ()

    # --- keeping the indexes (for apply) --------------------------------------------------

    def load_rules(self, text: str, policy: Policy) -> None:
        """These rules are in force; all that hangs on them is indexed anew."""
        self.policy_text = text
        self._index_by(Rules(policy, self.windows))

    def set_window(self, window: str, is_on: bool) -> None:
        """The level of a window; with it regions may begin or cease to take part, or to sell."""
        self.windows[window] = is_on
        rules = Rules(self.rules.policy, self.windows)
        if not rules.are_as(self.rules):
            self._index_by(rules)

    def _index_by(self, rules: Rules) -> None:
        self.rules = rules
        self.touched.absent = True
        self.waiting = WaitingContacts(self.rules)
        self.floor = Floor(self.rules, self.ready, self.limits, self.waiting, self.resting_trunks)
        self._tried.clear()
        self.emergencies.clear()
        for contact in self.contacts.values():
            self.reindex_contact(contact)
        for agent in self.agents.values():
            self.reindex_agent(agent)

    def reindex_contact(self, contact: Contact) -> None:
        """The row has changed: its place, class and indexes follow."""
        if contact.contact_id in self.waiting.by_id:
            self._take_out(contact)
        contact.place, contact.contact_class = place_and_class(self.rules, contact)
        if contact.state is not ENDED:
            self._not_ended.setdefault(contact.home_region, {})[contact.contact_id] = contact
        if contact.is_kept:
            self.touched.absent = True
        self.move_contact(contact)

    def leave_home(self, contact: Contact) -> None:
        """Its home region is about to be another: it is no longer among that one's."""
        del self._not_ended[contact.home_region][contact.contact_id]

    def share_contact(self, contact: Contact) -> None:
        """Whom the row is shared with has changed, and nothing else."""
        old = contact.contact_class
        if old.tier == EMERGENCY_TIER:
            self.reindex_contact(contact)  # these are indexed by their class besides
            return
        kind = class_of(self.rules, old.tier, contact)
        if contact.contact_id in self.waiting.by_id:
            self.waiting.share(contact, kind)
        contact.contact_class = kind
        if contact.state is WAITING:
            self.touched.contacts[contact.contact_id] = contact
        elif contact.is_kept:
            self.touched.absent = True

    def move_contact(self, contact: Contact) -> None:
        """The row has changed in what its place and class do not hang on: its indexes follow."""
        contact_id, state = contact.contact_id, contact.state
        touched = self.touched.contacts
        if state is WAITING:
            touched[contact_id] = contact
        elif contact_id in touched:
            del touched[contact_id]
        if state is WAITING and self.is_offerable(contact):
            if contact_id not in self.waiting.by_id:
                self._put_in(contact)
            if contact.tried:
                self._tried[contact_id] = contact
            elif self._tried:
                self._tried.pop(contact_id, None)
        elif contact_id in self.waiting.by_id:
            self._take_out(contact)
        if contact.is_kept:
            self.kept[contact_id] = contact
        elif self.kept:
            self.kept.pop(contact_id, None)
        if state is OFFERED:
            self._offered[contact_id] = contact
        elif contact_id in self._offered:
            del self._offered[contact_id]
        if state is ENDED:
            self._not_ended.get(contact.home_region, {}).pop(contact_id, None)

    def _put_in(self, contact: Contact) -> None:
        """It can be offered from now on."""
        self.waiting.add(contact)
        home = contact.home_region
        if self.waiting.lengths and self.waiting.has_reached_length(home):
            self.touched.classes.update(dict.fromkeys(self.ready.classes_outside(home)))
        if contact.contact_class.tier == EMERGENCY_TIER:
            alike = self.emergencies.setdefault(contact.contact_class, [])
            insort(alike, (contact.place, contact))

    def _take_out(self, contact: Contact) -> None:
        """It cannot be offered any more."""
        self.waiting.remove(contact)
        self._tried.pop(contact.contact_id, None)
        alike = self.emergencies.get(contact.contact_class)
        if alike is not None:
            del alike[bisect_left(alike, (contact.place,))]
            if not alike:
                del self.emergencies[contact.contact_class]

    def sign_on(self, agent: Agent) -> None:
        """She is at work from now on."""
        self.agents[agent.agent_id] = agent
        self.phones[agent.link_id, agent.phone_id] = agent.agent_id
        self.ready.sign_on(agent.agent_class)
        if agent.unit is not None:
            self.units.setdefault(agent.unit, {})[agent.agent_id] = agent
        self.reindex_agent(agent)

    def sign_off(self, agent: Agent) -> None:
        """She is not at work any more."""
        del self.agents[agent.agent_id], self.phones[agent.link_id, agent.phone_id]
        if agent.agent_id in self.ready.by_id:
            self.ready.remove(agent)
        self.ready.sign_off(agent.agent_class)
        self._turn_taking(agent, False)
        if agent.unit is not None:
            del self.units[agent.unit][agent.agent_id]
            if not self.units[agent.unit]:
                del self.units[agent.unit]

    def _turn_taking(self, agent: Agent, takes: bool) -> None:
        if takes:
            self.taking.setdefault(agent.region, {})[agent.agent_id] = None
        elif agent.agent_id in (taking := self.taking.get(agent.region, {})):
            del taking[agent.agent_id]
            if not taking:
                del self.taking[agent.region]

    def reclass_agent(self, agent: Agent) -> None:
        """What she is spared has changed: her class and indexes follow."""
        if agent.agent_id in self.ready.by_id:
            self.ready.remove(agent)
        self.ready.sign_off(agent.agent_class)
        agent.agent_class = agent.class_now()
        self.ready.sign_on(agent.agent_class)
        self.reindex_agent(agent)
        self.touch_lending(agent.region)

    def reindex_agent(self, agent: Agent) -> None:
        """The row has changed: whether she is ready follows, and what her region may lend."""
        is_there = agent.presence is READY and not agent.is_signing_off
        takes = is_there and not agent.is_resting_seat
        if takes != (agent.agent_id in self.taking.get(agent.region, ())):
            self._turn_taking(agent, takes)
        if agent.agent_id in self.ready.by_id:
            self.ready.remove(agent)
        if agent.room is not None or (agent.assignments and self.rules.takes_several):
            self._fit_room(agent)
        if is_there and agent.has_room and self.links.get(agent.link_id, False):
            kind = agent.agent_class
            self.ready.add(agent)
            self.touched.classes[kind] = None
            lends = kind.region in self.rules.reserving
            if not lends or len(self.ready.classes_in(kind.region)) == 1:
                return  # nobody else is ready there who could be lent now
            if self.ready.may_lend_more(kind):
                self.touch_agents_of(kind.region)

    def _fit_room(self, agent: Agent) -> None:
        """The room that she has left is what the table says; with it her class may change."""
        room = agent.room_left(self.rules.policy.rooms)
        if room != agent.room:
            self.ready.sign_off(agent.agent_class)
            agent.room = room
            agent.agent_class = agent.class_now()
            self.ready.sign_on(agent.agent_class)

    def touch_lending(self, region: RegionCode) -> None:
        """The region may lend more than before: its ready agents are looked at again."""
        if region in self.rules.reserving:
            self.touch_agents_of(region)

    def touch_agents_at(self, link_id: LinkId) -> None:
        """The ready agents at the phones of a switch are looked at again."""
        kinds = (kind for kind in self.ready.classes() if kind.link_id == link_id)
        self.touched.classes.update(dict.fromkeys(kinds))

    def touch_agents_of(self, region: RegionCode) -> None:
        """The region's ready agents are looked at again, whatever it keeps."""
        self.touched.classes.update(dict.fromkeys(self.ready.classes_in(region)))


def _by_sequence(contacts: Iterable[Contact]) -> list[Contact]:
    return sorted(contacts, key=lambda contact: contact.sequence)
