"""The agent's two machines and her row.

*Presence* is what she has said of herself: signed off, not ready (with a reason), ready. An
*assignment* is what she has to do with one contact: reserved while her phone rings, talking,
wrap-up; who is asked about another's caller is reserved and talks as well, and has no wrap-up.
What a screen shows is derived from both. She is offered contacts only while her presence is ready
and the room table leaves her room beside what she has; one at a time, so that an offer is answered
before the next.

    presence    (signed off) -> NOT_READY <-> READY -> (signed off)
    assignment  (none) -> RESERVED -> TALKING -> WRAP_UP -> (none)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.agent_events import Strain
from routing.gateways import gateway_of
from routing.ready_agents import AgentClass, agent_class
from routing.room_policy import Room, RoomPolicy, room_beside
from routing.strain_policy import Spared
from routing.vocabulary import (
    AgentId,
    ContactChannel,
    ContactId,
    GatewayId,
    LinkId,
    NotReadyReason,
    PhoneId,
    RegionCode,
    SkillLevel,
    UnitId,
)


class Presence(StrEnum):
    """What an agent has said of herself; signed off is having no row."""

    NOT_READY = "not_ready"
    READY = "ready"


PRESENCE: Final[dict[Presence | None, dict[type, Presence | None]]] = {
    None: {ev.AgentSignedOn: Presence.NOT_READY},
    Presence.NOT_READY: {
        ev.AgentBecameReady: Presence.READY,
        ev.AgentBecameNotReady: Presence.NOT_READY,
        ev.AgentSignedOff: None,
    },
    Presence.READY: {
        ev.AgentBecameNotReady: Presence.NOT_READY,
        ev.AgentSignedOff: None,
    },
}


class AgentState(StrEnum):
    """What an agent has to do with one contact."""

    RESERVED = "reserved"
    TALKING = "talking"
    WRAP_UP = "wrap_up"


RESERVED: Final = AgentState.RESERVED
WRAP_UP: Final = AgentState.WRAP_UP
READY: Final = Presence.READY
"""For what is asked with every command; see `contact.WAITING`."""
_R, _T, _U = RESERVED, AgentState.TALKING, WRAP_UP

ASSIGNMENT: Final[dict[AgentState | None, dict[type, AgentState | None]]] = {
    None: {ev.ContactOffered: _R, ev.ContactConnected: _T, ev.ConsultOffered: _R},
    _R: {
        ev.OfferRangOut: None,
        ev.OfferRejected: None,
        ev.OfferFailed: None,
        ev.OfferRevoked: None,
        ev.CallbackNotReached: None,
        ev.ContactConnected: _T,
        ev.ConsultAnswered: _T,
        ev.ConsultEnded: None,
    },
    _T: {ev.ContactReturned: None, ev.WrapUpStarted: _U, ev.ConsultEnded: None},
    _U: {ev.WrapUpEnded: None, ev.ContactConnected: _T},
}
"""Wrap-up goes back to talking when the caller was not gone after all."""


_CHAT: Final = ContactChannel.CHAT


@dataclass(slots=True, eq=False)
class Assignment:
    """One contact that an agent has."""

    state: AgentState
    since_ms: int
    sent_on_from: RegionCode | None = None
    """The home region that it had when she transferred it to another; None: she did not."""
    channel: ContactChannel = ContactChannel.PHONE


@dataclass(slots=True, eq=False)
class Agent:
    """One agent at work, as `apply` keeps her."""

    agent_id: AgentId
    sequence: int
    link_id: LinkId
    phone_id: PhoneId
    region: RegionCode
    skills: tuple[SkillLevel, ...]
    unit: UnitId | None = None
    presence: Presence = Presence.NOT_READY
    not_ready_reason: NotReadyReason | None = NotReadyReason.SIGNED_ON
    no_answers: int = 0
    """In a row; the first heals itself."""
    is_signing_off: bool = False
    ready_since_ms: int = 0
    """Since she last became free to be offered a contact."""
    signed_on_ms: int = 0
    work_since_ms: int | None = None
    """Since when she has had contacts, or been asked of some, with never a rest between."""
    worked_until_ms: int | None = None
    """When she was last done with one; None: rested."""
    emergencies_in_row: int = 0
    others_answered: tuple[bool, ...] = ()
    """Of her last contacts, which were other regions', and not sold to her."""
    rests: Strain | None = None
    """Why she rests; only the first tier may break it. A gateway's seat rests from an offer that
    came to nothing there, and never from work."""
    has_own_only: bool = False
    """She has had too many of other regions' contacts."""
    assignments: dict[ContactId, Assignment] = field(default_factory=dict)
    room: Room | None = field(init=False, default=None)
    """Beside the chats that she has, by the rules in force; None: for none besides."""
    gateway: GatewayId | None = field(init=False)
    """Whose seat it is; None: a person of our own."""
    agent_class: AgentClass = field(init=False)

    def __post_init__(self) -> None:
        self.gateway = gateway_of(self.agent_id)
        self.agent_class = self.class_now()

    def class_now(self) -> AgentClass:
        """What decides whom she may answer, as she is now."""
        return self._class_with(self.room)

    def class_without(self, contact_id: ContactId, rooms: RoomPolicy) -> AgentClass | None:
        """The same as it would be had she not this offer; None: she could answer nobody."""
        if len(self.assignments) == 1:
            return self._class_with(None)
        room = self.room_left(rooms, but=contact_id)
        return None if room is None else self._class_with(room)

    def _class_with(self, room: Room | None) -> AgentClass:
        spared = Spared.ALL if self.rests else Spared.OTHERS if self.has_own_only else None
        is_seat = self.gateway is not None
        region, unit, skills, link_id = self.region, self.unit, self.skills, self.link_id
        return agent_class(region, unit, skills, link_id, spared, room, is_seat)

    def room_left(self, rooms: RoomPolicy, but: ContactId | None = None) -> Room | None:
        """What there is room for beside what she has; None: for nothing besides.

        Args:
            but: a contact that she is thought not to have.
        """
        chats = 0
        for contact_id, held in self.assignments.items():
            if contact_id == but:
                continue
            if held.channel is not _CHAT or held.state is RESERVED:
                return None
            chats += 1
        return room_beside(rooms, chats) if chats else None

    @property
    def has_room(self) -> bool:
        """Whether she could take a contact of some kind, her presence allowing."""
        return not self.assignments or self.room is not None

    @property
    def is_resting_seat(self) -> bool:
        """Whether it is a seat of a gateway that has not taken a caller: nobody to be counted on,
        though emergencies try it."""
        return self.rests is not None and self.gateway is not None

    @property
    def is_ready(self) -> bool:
        """Whether she may be offered a contact, her link being up."""
        has_room = not self.assignments or self.room is not None
        return has_room and self.presence is READY and not self.is_signing_off

    def step(self, event: type) -> None:
        """Presence goes where its table says."""
        row = PRESENCE[self.presence]
        assert event in row, f"{self.agent_id}: {event.__name__} in {self.presence}"
        to = row[event]
        if to is not None:
            self.presence = to

    def step_assignment(
        self,
        contact_id: ContactId,
        event: type,
        now_ms: int,
        channel: ContactChannel = ContactChannel.PHONE,
    ) -> None:
        """The assignment of this contact goes where its table says.

        Args:
            channel: the contact's, if she has it from now on.
        """
        held = self.assignments.get(contact_id)
        state = None if held is None else held.state
        row = ASSIGNMENT[state]
        assert event in row, f"{self.agent_id}, {contact_id}: {event.__name__} in {state}"
        to = row[event]
        if to is None:
            del self.assignments[contact_id]
        elif held is None:
            self.assignments[contact_id] = Assignment(to, now_ms, None, channel)
        else:
            held.state, held.since_ms = to, now_ms
            if to is not WRAP_UP:
                held.sent_on_from = None

    def is_busy_with(self, contact_id: ContactId) -> bool:
        """Whether she has the contact, in whatever state."""
        return contact_id in self.assignments

    def assignment_in(self, state: AgentState) -> ContactId | None:
        """The contact that she has in this state, if any; of several the one that she had first."""
        return next(self.assignments_in(state), None)

    def assignments_in(self, state: AgentState) -> Iterator[ContactId]:
        """The contacts that she has in this state."""
        for contact_id, held in self.assignments.items():
            if held.state is state:
                yield contact_id
