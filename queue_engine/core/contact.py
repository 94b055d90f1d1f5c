"""The contact's machine and row.

A contact waits, is offered, is connected, and ends once. It goes back to waiting with the same
key when an offer comes to nothing, when the switch shows the caller waiting again, and when the
agent gives him back or sends him on; it goes from waiting straight to connected when the switch's
own fallback queue found a nurse. A contact that we took for ended and that the switch shows
waiting is restored: the switch is right. One who was turned away begins as ended, and may get a
place yet; one who was on an island is told of when he has ended there.

    (none) -> WAITING -> OFFERED -> CONNECTED -> ENDED -> (forgotten)
              WAITING <- OFFERED
              WAITING <------------ CONNECTED
              WAITING ------------> CONNECTED
              WAITING ------------------------> ENDED
              WAITING <------------------------ ENDED
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.callback import CALLBACK, CallbackState
from queue_engine.core.commands import CallTicket
from queue_engine.core.talk import TALK, TalkState
from routing.order import Place
from routing.region_policy import Ring, ShareRule
from routing.vocabulary import (
    NO_LINK,
    ON_SCREEN,
    AgentId,
    ContactChannel,
    ContactId,
    HomeRegionSource,
    LineId,
    LinkId,
    Outcome,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    UnitId,
)
from routing.waiting import ContactClass


class ContactState(StrEnum):
    """Where a contact is; it is in exactly one of these."""

    WAITING = "waiting"
    OFFERED = "offered"
    CONNECTED = "connected"
    ENDED = "ended"


WAITING: Final = ContactState.WAITING
OFFERED: Final = ContactState.OFFERED
CONNECTED: Final = ContactState.CONNECTED
ENDED: Final = ContactState.ENDED
"""For what is asked with every command: Python 3.11 finds a name of a module thirty times as fast
as a member of an enumeration."""
_W, _O, _C, _E = WAITING, OFFERED, CONNECTED, ENDED

TRANSITIONS: Final[dict[ContactState | None, dict[type, ContactState | None]]] = {
    None: {
        ev.ContactEnqueued: _W,
        ev.ContactRestored: _W,
        ev.ContactRefused: _E,
        ev.IslandContactMerged: _E,
        ev.IslandContactTaken: _W,
    },
    _W: {
        ev.ContactOffered: _O,
        ev.ContactConnected: _C,
        ev.ConnectedUnknownPhone: _C,
        ev.ContactEnded: _E,
    },
    _O: {
        ev.OfferRangOut: _W,
        ev.OfferRejected: _W,
        ev.OfferFailed: _W,
        ev.OfferRevoked: _W,
        ev.CallbackNotReached: _W,
        ev.ContactConnected: _C,
    },
    _C: {
        ev.ContactReturned: _W,
        ev.ContactSentBack: _W,
        ev.ContactTransferred: _W,
        ev.ContactEnded: _E,
    },
    _E: {
        ev.ContactEnqueued: _W,
        ev.ContactRestored: _W,
        ev.IslandContactMerged: _E,
        ev.IslandContactTaken: _W,
        ev.ContactForgotten: None,
    },
}
"""An event that is not in its state's row is a bug and raises."""


class Role(StrEnum):
    """What a person is to a contact."""

    CALLER = "caller"
    AGENT = "agent"
    CONSULTED_AGENT = "consulted_agent"


@dataclass(frozen=True, slots=True)
class Participant:
    """A person in a contact, with the leg that reaches them."""

    role: Role
    link_id: LinkId
    leg: str
    """The caller's channel by its Uniqueid, an agent's by her phone."""
    agent_id: AgentId | None = None


@dataclass(frozen=True, slots=True)
class SharedRing:
    """A ring that the contact has been shared with, and the rule that did it."""

    ring: Ring
    rule: str
    window: str = ""
    """With which it ends."""


_PROMISED: Final = CallbackState.PROMISED
_WITHOUT_HELP: Final = (Outcome.ABANDONED, Outcome.LOST, Outcome.NOT_REACHED)


@dataclass(slots=True, eq=False)
class Contact:
    """One request for help, as `apply` keeps it."""

    contact_id: ContactId
    sequence: int
    link_id: LinkId
    arrived_ms: int
    enqueued_ms: int
    priority: Priority
    needs: tuple[Requirement, ...]
    home_region: RegionCode
    home_region_source: HomeRegionSource = HomeRegionSource.NONE
    asked: tuple[Requirement, ...] = ()
    """What it needed before waiting made it content with less; empty: what it needs."""
    line_id: LineId | None = None
    home_unit: UnitId | None = None
    language: str = "sv"
    channel: ContactChannel = ContactChannel.PHONE
    preferred_agent: AgentId | None = None
    preferred_unit: UnitId | None = None
    is_kept: bool = False
    """Only those whom it prefers may answer it now."""
    state: ContactState | None = None
    seen_waiting: bool = False
    """The switch has shown the caller waiting since he last left the waiting context."""
    shared: tuple[SharedRing, ...] = ()
    tried: dict[AgentId, int] = field(default_factory=dict)
    """Who did not answer it or gave it back, until when she is passed over."""
    failures_ms: tuple[int, ...] = ()
    """When its latest offers came to nothing, newest last."""
    is_postponed: bool = False
    emergency_since_ms: int | None = None
    """From when an emergency's alarm is counted."""
    is_overdue_emergency: bool = False
    is_misuse: bool = False
    """A nurse found that it was no emergency; the emergency key makes it urgent at most."""
    told_112: bool = False
    """That key was pressed since, and he heard once more that an emergency rings 112."""
    callback: CallbackState | None = None
    """Whether it is to be rung back, and where that has come to."""
    promised_until_ms: int | None = None
    is_promise_overdue: bool = False
    callback_tries: int = 0
    """So often he was rung back in vain."""
    caller_key: str = ""
    continues: ContactId | None = None
    is_continued: bool = False
    """Another contact has taken over its place and priority; that happens once."""
    was_cut: bool = False
    """It ended in the talk, and nobody has seen the nurse hang up."""
    agent_id: AgentId | None = None
    phone_id: PhoneId | None = None
    offer: int | None = None
    foretold_ms: int = 0
    """How long it was to wait when it got its place, by that alone; 0: not at all, or unknown."""
    connected_ms: int | None = None
    wait_ms: int | None = None
    """Until first connected, or gone."""
    talk_ms: int = 0
    """Of all its talks, holds included."""
    talk: TalkState | None = None
    held_since_ms: int | None = None
    hold_ms: int = 0
    consulted_agent: AgentId | None = None
    """A colleague whom its agent asks, or is about to."""
    consulted_phone: PhoneId | None = None
    consult: int | None = None
    """The number under which the colleague's phone was rung."""
    ended_ms: int | None = None
    outcome: Outcome | None = None
    record: int = 0
    """The record that last changed what its ticket says; never less than a ticket believed."""
    place: Place = field(init=False)
    contact_class: ContactClass = field(init=False)

    def participants(self) -> tuple[Participant, ...]:
        """Who is in the contact now."""
        caller = Participant(Role.CALLER, self.link_id, self.contact_id)
        if self.state is not ContactState.CONNECTED or self.phone_id is None:
            return (caller,)
        agent = Participant(Role.AGENT, self.link_id, self.phone_id, self.agent_id)
        asked, phone = self.consulted_agent, self.consulted_phone
        if phone is None or self.talk is TalkState.ASKING:
            return caller, agent
        return caller, agent, Participant(Role.CONSULTED_AGENT, self.link_id, phone, asked)

    def waited_ms(self, until_ms: int) -> int:
        """How long it waited, or has until then if nobody has answered it; it came before then."""
        return until_ms - self.arrived_ms if self.wait_ms is None else self.wait_ms

    @property
    def may_return(self) -> bool:
        """Whether a new contact of the same caller could continue it."""
        if not self.caller_key or self.is_continued:
            return False
        if self.state is not ContactState.ENDED:
            return self.is_away
        return self.was_cut or self.outcome in _WITHOUT_HELP

    @property
    def is_away(self) -> bool:
        """Whether he is to be rung: nothing of him is at a switch, and he waits all the same."""
        return self.callback is not None and self.callback is not _PROMISED

    @property
    def is_anywhere(self) -> bool:
        """Whether no switch has him: any engine that reaches others could offer him."""
        return self.is_away or self.channel in ON_SCREEN

    @property
    def switch(self) -> LinkId:
        """Whose phones can be rung for it."""
        return NO_LINK if self.is_away else self.link_id

    def is_shared_by(self, rule: ShareRule) -> bool:
        """Whether this rule has shared it already, with the ring that it names now."""
        if not self.shared:  # as nearly always when it is asked
            return False
        return any(entry.rule == rule.name and entry.ring == rule.ring for entry in self.shared)

    def ticket(self) -> CallTicket:
        """What its call is to carry."""
        return CallTicket(
            record=self.record,
            contact_id=self.contact_id,
            arrived_ms=self.arrived_ms,
            sequence=self.sequence,
            priority=self.priority,
            home_region=self.home_region,
            needs=self.needs,
        )

    def step(self, event: type) -> None:
        """Goes to the state that the table gives for this event."""
        row = TRANSITIONS[self.state]
        assert event in row, f"{self.contact_id}: {event.__name__} in {self.state}"
        self.state = row[event]

    def step_callback(self, event: type) -> None:
        """Its being rung back goes where that table says."""
        row = CALLBACK[self.callback]
        assert event in row, f"{self.contact_id}: {event.__name__} in {self.callback}"
        self.callback = row[event]

    def step_talk(self, event: type) -> None:
        """What is special about its talk goes where that table says."""
        row = TALK[self.talk]
        assert event in row, f"{self.contact_id}: {event.__name__} in {self.talk}"
        self.talk = row[event]
