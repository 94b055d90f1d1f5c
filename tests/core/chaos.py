"""Draws commands without regard for sense, mixed with sensible ones that reach deep states.

Late, repeated and contradictory reports, from the wrong phone or for nobody, stand beside a
switch that behaves. One seed gives one story.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from queue_engine.core import commands as cmd
from queue_engine.core.agent import AgentState, Presence
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.errors import Refused
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.snapshot import digest
from routing.policy import MINUTE_MS, Policy
from routing.vocabulary import (
    INTERPRETER,
    AgentId,
    ContactChannel,
    ContactId,
    HomeRegionSource,
    LineId,
    LinkId,
    NotReadyReason,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    SkillLevel,
    UnitId,
)
from tests.core.chaos_gateways import gateway_command
from tests.core.chaos_screen import screen_command
from tests.core.chaos_talk import any_talk_command, talk_command, wrap_up_command
from tests.core.world import LINK, POLICY, World

T = TypeVar("T")

REGIONS = ("22", "22", "23", "24", "01", "unknown")
LINES = (LineId("1177"), LineId("1177"), LineId("clinic"))
WINDOWS = ("night_22_07",)
ADVICE, CHILD, ARABIC = Skill("advice"), Skill("child"), Skill("ar")
NEEDS = (
    (),
    (Requirement(ADVICE),),
    (Requirement(ADVICE),),
    (Requirement(CHILD),),
    (Requirement(ADVICE), Requirement(ARABIC, 3)),
)
SKILLS = (
    (SkillLevel(ADVICE), SkillLevel(CHILD)),
    (SkillLevel(ADVICE), SkillLevel(ARABIC, 2)),
    (SkillLevel(ADVICE), SkillLevel(ARABIC, 5)),
    (SkillLevel(ADVICE), SkillLevel(Skill("sv")), SkillLevel(INTERPRETER)),
)
AGENTS = tuple(AgentId(f"a{n}") for n in range(7))
UNITS = (None, None, UnitId("hamnen"), UnitId("kullen"))
KEYS = ("", "k1", "k2", "k3", "k4", "k5")
OTHER_LINK = LinkId("ast2")
PHONES = tuple(PhoneId(f"p{n}") for n in range(8))
DAYS_MS = 5 * 24 * 60 * MINUTE_MS
WAITS_MS = (0, 0, 1, 1000, 30_000, 70_000, 4 * MINUTE_MS, 20 * MINUTE_MS, DAYS_MS)


class Chaos:
    """A story of commands over one world."""

    def __init__(
        self,
        world: World,
        seed: int,
        policies: Sequence[Policy] = (POLICY,),
        sense: float = 0.88,
        crowd: int = 3,
        chats: float = 0,
    ) -> None:
        """Args:
        policies: drawn from when the rules are loaded anew.
        sense: how many of the commands make sense.
        crowd: how many callers wait at least, if that can be had.
        chats: how many of the callers write, or show themselves.
        """
        self.world = world
        self._sense = sense
        self._crowd = crowd
        self._chats = chats
        self._policies = policies
        self._random = random.Random(seed)
        self._number = 0

    def run(self, steps: int) -> None:
        """So many commands, with time passing between them; now and then from a snapshot."""
        for _ in range(steps):
            self._number += 1
            self.world.wait(self._some(WAITS_MS, (30, 20, 14, 5, 2, 1, 0.7, 0.15, 0.05)))
            if self._maybe(0.02):
                self.world.begin_from_snapshot()
            self.world.pass_time()
            before = digest(self.world.state) if self._maybe(0.2) else None
            try:
                self.world.do(self._command())
            except Refused:
                assert before is None or digest(self.world.state) == before

    def _one(self, items: Sequence[T]) -> T:
        return items[int(self._random.random() * len(items))]

    def _maybe(self, chance: float) -> bool:
        return self._random.random() < chance

    def _some(self, items: Sequence[T], weights: Sequence[float]) -> T:
        return self._random.choices(items, weights)[0]

    def _command(self) -> cmd.Command:
        return self._sensible() if self._maybe(self._sense) else self._senseless()

    # --- a switch and people that behave ----------------------------------------------------

    def _sensible(self) -> cmd.Command:
        state = self.world.state
        contacts = [c for c in state.contacts.values() if c.state is not ContactState.ENDED]
        unseen = [c for c in contacts if c.state is ContactState.WAITING and not c.seen_waiting]
        unseen = [c for c in unseen if not c.channel.is_on_screen]
        busy = [c for c in contacts if c.state is not ContactState.WAITING]
        idle = [a for a in state.agents.values() if a.presence is Presence.NOT_READY]
        if state.rules.gateways and self._maybe(0.06):
            return gateway_command(self._one, state, (LINK, OTHER_LINK))
        if self._maybe(0.04):
            return self._of_region()
        if not state.is_link_up(LINK) and self._maybe(0.4):
            return self._switch()
        if self._maybe(0.04):
            return self._of_agreement()
        if unseen and self._maybe(0.7):
            caller = self._one(unseen)
            return self._waiting(caller.contact_id, caller.link_id)
        if len(state.agents) < len(AGENTS) - 1 and self._maybe(0.4):
            return self._sign_on()
        waiting = [c for c in contacts if c.state is ContactState.WAITING]
        misused = [c for c in waiting if c.is_misuse]
        if misused and self._maybe(0.3):
            emergency, who = Priority.EMERGENCY, cmd.Actor.CALLER
            return cmd.SetContactPriority(self._one(misused).contact_id, emergency, who, "key")
        if len(waiting) < self._crowd and self._maybe(0.5):
            return self._enqueue()
        if state.agents and self._maybe(0.03):
            return self._of_leaver()
        if idle and self._maybe(0.6):
            return cmd.SetAgentReady(self._one(idle).agent_id)
        if busy and self._maybe(0.6):
            return self._of_contact(self._one(busy))
        if contacts and self._maybe(0.12):
            return self._of_contact(self._one(contacts))
        if self._maybe(0.6) or not state.agents:
            return self._enqueue()
        return self._of_agent()

    def _of_contact(self, contact: Contact) -> cmd.Command:
        if contact.channel.is_on_screen and self._maybe(0.8):
            return screen_command(self._one, contact)
        if contact.state is ContactState.OFFERED:
            assert contact.phone_id is not None
            assert contact.offer is not None
            if self._maybe(0.7):
                phone, offer = contact.phone_id, contact.offer
                return cmd.ReportConnected(contact.contact_id, contact.link_id, phone, offer)
            failure = self._one(list(cmd.OfferFailure))
            return cmd.ReportOfferFailed(contact.contact_id, contact.offer, failure)
        if contact.state is ContactState.CONNECTED and contact.agent_id and self._maybe(0.1):
            return self._of_talk(contact, contact.agent_id)
        if contact.priority is Priority.EMERGENCY and contact.agent_id and self._maybe(0.3):
            return self._misuse(contact)
        if contact.state is ContactState.CONNECTED and self._maybe(0.7):
            assert contact.phone_id is not None
            return cmd.ReportTalkEnded(contact.contact_id, contact.phone_id)
        if contact.state is ContactState.WAITING and self._maybe(0.5):
            return self._of_waiting(contact.contact_id)
        return cmd.ReportCallerGone(contact.contact_id)

    def _of_talk(self, contact: Contact, agent_id: AgentId) -> cmd.Command:
        if self._maybe(0.2):
            return self._of_waiting(contact.contact_id)
        return talk_command(self._one, contact, agent_id, bool(self.world.state.ready))

    def _misuse(self, contact: Contact) -> cmd.Command:
        agent_id = contact.agent_id or self._one(AGENTS)
        priority = self._one([None, *Priority])
        return cmd.MarkMisuse(contact.contact_id, agent_id, "test", priority)

    def _of_agent(self) -> cmd.Command:
        agent = self._one(list(self.world.state.agents.values()))
        wraps = list(agent.assignments_in(AgentState.WRAP_UP))
        wrapping = self._one(wraps) if len(wraps) > 1 else wraps[0] if wraps else None
        if wrapping is not None and self._maybe(0.7):
            return wrap_up_command(self._one, wrapping, agent.agent_id)
        if self._maybe(0.6):
            return cmd.SetAgentReady(agent.agent_id)
        if self._maybe(0.1):
            return self._sign_on()
        if self._maybe(0.3):
            return cmd.SignOffAgent(agent.agent_id)
        if self._maybe(0.15):
            forced = self._one(list(cmd.ForcedState))
            return cmd.ForceAgent(agent.agent_id, forced, "s1", "left_desk")
        return cmd.SetAgentNotReady(agent.agent_id, self._one(list(NotReadyReason)))

    def _of_region(self) -> cmd.Command:
        """Measures are taken, or lending is cut or given back."""
        if self._maybe(0.8):
            return cmd.TakeMeasures()
        return cmd.SetLending(RegionCode(self._one(REGIONS[:-1])), self._maybe(0.4), "loss")

    def _of_leaver(self) -> cmd.Command:
        """Somebody goes home in the middle of a talk, or thinks better of it."""
        agents = self.world.state.agents.values()
        talking = [agent for agent in agents if agent.assignment_in(AgentState.TALKING)]
        leaving = [agent for agent in talking if agent.is_signing_off]
        if leaving:
            agent = self._one(leaving)
            return cmd.SignOnAgent(
                agent.agent_id,
                agent.link_id,
                agent.phone_id,
                agent.region,
                agent.skills,
                agent.unit,
            )
        return cmd.SignOffAgent(self._one(talking or list(agents)).agent_id)

    def _of_agreement(self) -> cmd.Command:
        """A window or a line turns, as the calendar says."""
        if self._maybe(0.6):
            return cmd.SetWindow(self._one(WINDOWS), self._maybe(0.5))
        line = self._one(LINES)
        return cmd.OpenLine(line) if self._maybe(0.5) else cmd.CloseLine(line)

    # --- anything at all --------------------------------------------------------------------

    def _senseless(self) -> cmd.Command:
        contact_id = self._contact_id()
        match self._one(range(14)):
            case 0:
                return self._waiting(contact_id)
            case 1:
                return self._priority(contact_id)
            case 2:
                return self._sign_on()
            case 3:
                return cmd.SignOffAgent(self._one(AGENTS))
            case 4:
                offer = self._one([None, 1, self.world.state.next_offer - 1])
                return cmd.ReportConnected(contact_id, LINK, self._one(PHONES), offer)
            case 5:
                failure = self._one(list(cmd.OfferFailure))
                offer_number = self._one([1, self.world.state.next_offer - 1])
                return cmd.ReportOfferFailed(contact_id, offer_number, failure)
            case 6:
                return cmd.ReportTalkEnded(contact_id, self._one(PHONES))
            case 7:
                return cmd.ReportCallerGone(contact_id)
            case 8:
                return self._of_agreement()
            case 9:
                return cmd.ReportLinkLost(self._link())
            case 10:
                return cmd.ReportCommandFailed("EnqueueContact", "AssertionError", contact_id)
            case 11:
                return any_talk_command(self._one, contact_id, self._one(AGENTS))
            case 12:
                return cmd.LoadPolicy(write_policy(self._one(self._policies)))
            case _:
                return self._switch()

    def _contact_id(self) -> ContactId:
        return self._one([*list(self.world.state.contacts)[-15:], ContactId("nobody")])

    def _link(self) -> LinkId:
        is_joined = bool(self.world.state.rules.policy.trunks)
        return LINK if self._maybe(0.6 if is_joined else 0.96) else OTHER_LINK

    def _enqueue(self) -> cmd.Command:
        arrived_ms = self.world.now_ms - int(self._random.random() ** 3 * 10 * MINUTE_MS)
        return cmd.EnqueueContact(
            ContactId(f"c{self._number}"),
            self._link(),
            self._one(LINES),
            arrived_ms,
            self._one([*Priority, Priority.STANDARD, Priority.STANDARD]),
            self._one(NEEDS),
            RegionCode(self._one(REGIONS)),
            HomeRegionSource.AREA_CODE,
            home_unit=self._one(UNITS),
            preferred_agent=self._one(AGENTS) if self._maybe(0.3) else None,
            preferred_unit=self._one(UNITS) if self._maybe(0.3) else None,
            caller_key=self._one(KEYS),
            earlier_keys=KEYS[-1:] if self._maybe(0.2) else (),
            is_shared_number=self._maybe(0.1),
            has_chosen=self._maybe(0.9),
            alternatives=(cmd.Alternative.DIREKT,),
            channel=self._channel(),
        )

    def _channel(self) -> ContactChannel:
        if not self._chats or not self._maybe(self._chats):
            return ContactChannel.PHONE
        return ContactChannel.VIDEO if self._maybe(0.2) else ContactChannel.CHAT

    def _waiting(self, contact_id: ContactId, link_id: LinkId = LINK) -> cmd.Command:
        place = cmd.CallerPlace.WAITING if self._maybe(0.9) else cmd.CallerPlace.FALLBACK
        caller = cmd.SeenCaller(contact_id, place, self.world.now_ms)
        return cmd.ReportCallerWaiting(link_id, caller)

    def _of_waiting(self, contact_id: ContactId) -> cmd.Command:
        if self._maybe(0.15):
            region, unit = self._one([*REGIONS, "99"]), self._one(UNITS)
            return cmd.CorrectHomeRegion(contact_id, RegionCode(region), unit)
        return self._priority(contact_id)

    def _priority(self, contact_id: ContactId) -> cmd.Command:
        priority, actor = self._one(list(Priority)), self._one(list(cmd.Actor))
        needs = self._one([None, None, *NEEDS])
        return cmd.SetContactPriority(contact_id, priority, actor, "test", needs)

    def _sign_on(self) -> cmd.Command:
        region = RegionCode(self._one(REGIONS[:-1]))
        return cmd.SignOnAgent(
            agent_id=self._one(AGENTS),
            link_id=self._link(),
            phone_id=self._one(PHONES),
            region=region,
            skills=self._one(SKILLS),
            unit=self._one(UNITS),
        )

    def _switch(self) -> cmd.Command:
        """Often true, sometimes wrong in a row or two."""
        seen = []
        down = [link for link in (LINK, OTHER_LINK) if not self.world.state.is_link_up(link)]
        link_id = self._one(down or [LINK, LINK, OTHER_LINK])
        for contact in self.world.state.contacts.values():
            if contact.link_id != link_id:
                continue
            if contact.state is ContactState.ENDED:
                if self._maybe(0.95):
                    continue
            elif self._maybe(0.1):
                continue
            seen.append(self._seen(contact))
            if self._maybe(0.03):
                seen.append(self._seen(contact))
        if self._maybe(0.3):
            seen.append(self._stranger())
        return cmd.ReportSwitch(link_id, self.world.now_ms, tuple(seen))

    def _stranger(self) -> cmd.SeenCaller:
        """Of whom the engine knows nothing, with a ticket that may clash with others."""
        contact_id = ContactId(f"s{self._number}")
        ticket = cmd.CallTicket(
            record=self._one([0, 1, 10**6]),
            contact_id=contact_id if self._maybe(0.9) else ContactId("other"),
            arrived_ms=self.world.now_ms - int(self._random.random() * MINUTE_MS * 30),
            sequence=int(self._random.random() * self.world.state.next_sequence * 1.2),
            priority=self._one(list(Priority)),
            home_region=RegionCode(self._one([*REGIONS, "99"])),
            needs=self._one(NEEDS),
        )
        place = self._one(list(cmd.CallerPlace))
        started_ms = self.world.now_ms - 5
        given = ticket if self._maybe(0.7) else None
        phone = self._one([*PHONES, None])
        return cmd.SeenCaller(contact_id, place, started_ms, given, phone)

    def _seen(self, contact: Contact) -> cmd.SeenCaller:
        place = _PLACES[contact.state]
        if contact.held_since_ms is not None:
            place = cmd.CallerPlace.HELD
        if self._maybe(0.2):
            place = self._one(list(cmd.CallerPlace))
        ticket = None
        if self._maybe(0.7):
            ticket = cmd.CallTicket(
                record=contact.record + (1 if self._maybe(0.1) else 0),
                contact_id=contact.contact_id,
                arrived_ms=contact.arrived_ms,
                sequence=contact.sequence,
                priority=self._one(list(Priority)),
                home_region=contact.home_region if self._maybe(0.9) else RegionCode("24"),
                needs=contact.needs,
            )
        phone = contact.phone_id if self._maybe(0.8) else self._one(PHONES)
        started_ms = contact.arrived_ms - 1000
        asked = contact.consulted_phone if self._maybe(0.8) else None
        return cmd.SeenCaller(
            contact.contact_id, place, started_ms, ticket, phone, contact.offer, asked
        )


_PLACES = {
    None: cmd.CallerPlace.MENU,
    ContactState.WAITING: cmd.CallerPlace.WAITING,
    ContactState.OFFERED: cmd.CallerPlace.RINGING,
    ContactState.CONNECTED: cmd.CallerPlace.TALKING,
    ContactState.ENDED: cmd.CallerPlace.WAITING,
}
