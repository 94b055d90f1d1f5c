"""What somebody wants, or saw.

House rules: frozen, flat, tagged by class name in the journal. *Requests* (imperative) come from
people and may be refused before anything is emitted. *Reports* (`Report...`) come from the
switch and are facts: they are never refused; one that comes too late gives an event of its own.
"""

from __future__ import annotations

from enum import StrEnum

from queue_engine.core.message import message
from routing.vocabulary import (
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
    SkillLevel,
    UnitId,
)


class Actor(StrEnum):
    """Who asked for a change."""

    CALLER = "caller"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    SYSTEM = "system"


class OfferFailure(StrEnum):
    """What the switch says became of an offer that was not answered."""

    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    """Busy or declined at the phone."""
    UNREACHABLE = "unreachable"
    """No phone registered, or the leg could not be made."""
    CANCELLED = "cancelled"
    """The caller or the engine took it back: says nothing of the agent."""


class CallerPlace(StrEnum):
    """Where the switch shows a caller's channel."""

    MENU = "menu"
    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"
    FALLBACK = "fallback"


# --- requests -------------------------------------------------------------------------------


@message
class LoadPolicy:
    """Put these rules in force; `policy` is the text that `policy_codec` writes."""

    policy: str


@message
class EnqueueContact:
    """A caller has been through the menu and wants a nurse."""

    contact_id: ContactId
    link_id: LinkId
    line_id: LineId
    arrived_ms: int
    """When the IVR answered: slow keys cost no place."""
    priority: Priority
    needs: tuple[Requirement, ...]
    home_region: RegionCode
    home_region_source: HomeRegionSource
    home_unit: UnitId | None = None
    language: str = "sv"
    """Of the prompts; the language needed of the agent is among `needs`."""
    channel: ContactChannel = ContactChannel.PHONE
    preferred_agent: AgentId | None = None


@message
class SetContactPriority:
    """Change a waiting contact's priority, with its reason. A caller can only raise it."""

    contact_id: ContactId
    priority: Priority
    actor: Actor
    reason: str
    """A short code such as `emergency_key`; never free text about a person."""
    needs: tuple[Requirement, ...] | None = None
    """What it needs from now on, if that changes with the priority: an emergency that came in as
    a question of fees needs a nurse."""


@message
class SignOnAgent:
    """An agent comes to work at a phone; her profile comes from the staff directory."""

    agent_id: AgentId
    link_id: LinkId
    phone_id: PhoneId
    region: RegionCode
    skills: tuple[SkillLevel, ...]
    unit: UnitId | None = None


@message
class SignOffAgent:
    """The agent goes home; a talk under way goes on and takes her off when it ends."""

    agent_id: AgentId


@message
class SetAgentReady:
    """The agent can be offered contacts."""

    agent_id: AgentId


@message
class SetAgentNotReady:
    """The agent is not to be offered contacts, from now or after the one she has."""

    agent_id: AgentId
    reason: NotReadyReason


@message
class EndWrapUp:
    """The agent is done with the work after a contact."""

    agent_id: AgentId
    disposition: str = ""


@message
class SetWindow:
    """A named time window is on or off, as the calendar says."""

    window: str
    is_on: bool


@message
class PassTime:
    """Nothing but time has passed; journaled only when it gave events."""


# --- reports --------------------------------------------------------------------------------


@message
class CallTicket:
    """What the call itself carries, so that the queue can be rebuilt from the calls alone."""

    record: int
    """Number of the record that last changed it; the higher of ticket and journal wins."""
    contact_id: ContactId
    arrived_ms: int
    sequence: int
    priority: Priority
    home_region: RegionCode
    needs: tuple[Requirement, ...]


@message
class SeenCaller:
    """One caller as the switch shows him now."""

    contact_id: ContactId
    place: CallerPlace
    channel_started_ms: int
    ticket: CallTicket | None = None
    phone_id: PhoneId | None = None
    """The phone that rings or talks."""
    offer: int | None = None
    """The offer that rings, if the switch knows it."""


@message
class ReportCallerWaiting:
    """The switch shows the caller in its waiting context (or in the fallback's)."""

    link_id: LinkId
    caller: SeenCaller


@message
class ReportCallerGone:
    """The caller's channel is gone: the only thing that means a hang-up."""

    contact_id: ContactId
    was_cut: bool = False
    """The switch has ended the call, as when it is restarted; the caller has not hung up."""


@message
class ReportConnected:
    """Caller and phone are both in one bridge; `offer` is None for the fallback's own ringing."""

    contact_id: ContactId
    link_id: LinkId
    phone_id: PhoneId
    offer: int | None = None


@message
class ReportOfferFailed:
    """An offer ended at the switch without an answer."""

    contact_id: ContactId
    offer: int
    failure: OfferFailure


@message
class ReportTalkEnded:
    """The agent's leg left the talk for good."""

    contact_id: ContactId
    phone_id: PhoneId


@message
class ReportLinkLost:
    """The switch no longer answers: its contacts and phones freeze."""

    link_id: LinkId
    seen_ms: int | None = None
    """When it was last known to be in reach, if not until now."""


@message
class ReportSwitch:
    """All callers that the switch shows: on start, on reconnect and after a stall.

    Restores the link. A contact of this link that is not among `callers` and was enqueued before
    `asked_ms` has no channel any more.
    """

    link_id: LinkId
    asked_ms: int
    callers: tuple[SeenCaller, ...]


@message
class ReportCommandFailed:
    """The core itself failed at a command, whose events never happened. From the driver."""

    command: str
    """The command's name; what it said may be about a person."""
    error: str
    """The kind of failure and where in the code; never what it said."""
    contact_id: ContactId | None = None
    deadline: tuple[str, str, str] | None = None
    """The deadline's row (kind, subject, detail), if time passing failed at one."""


Request = (
    LoadPolicy
    | EnqueueContact
    | SetContactPriority
    | SignOnAgent
    | SignOffAgent
    | SetAgentReady
    | SetAgentNotReady
    | EndWrapUp
    | SetWindow
    | PassTime
)
Report = (
    ReportCallerWaiting
    | ReportCallerGone
    | ReportConnected
    | ReportOfferFailed
    | ReportTalkEnded
    | ReportLinkLost
    | ReportSwitch
    | ReportCommandFailed
)
Command = Request | Report
