"""What people want, and time: commands that may be refused before anything is emitted.

Part of `commands`, where the house rules stand.
"""

from __future__ import annotations

from enum import StrEnum

from queue_engine.core.message import message
from routing.vocabulary import (
    AgentId,
    ContactChannel,
    ContactId,
    GatewayId,
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


class Alternative(StrEnum):
    """What a caller can be offered instead of a place in the queue."""

    CALLBACK = "callback"
    DIREKT = "direkt"
    """A link to 1177 direkt, by text message."""


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
    preferred_unit: UnitId | None = None
    caller_key: str = ""
    """Tells whether the same caller rang before; a hash, never a number. Empty: withheld."""
    earlier_keys: tuple[str, ...] = ()
    """The same caller's keys of the days before, if keys change from day to day."""
    is_shared_number: bool = False
    """A relay service, a switchboard: the key says nothing of who is calling."""
    has_chosen: bool = False
    """He has pressed a key that means something; who has not is never refused."""
    alternatives: tuple[Alternative, ...] = ()
    """What the conversation can offer him instead, should he be refused."""


@message
class RequestCallback:
    """A caller who waits wants to be rung back: he may hang up and keeps his place."""

    contact_id: ContactId


@message
class SetContactPriority:
    """Change a contact's priority, with its reason, effective at once.

    A caller can only raise it, and only while he waits; of one who talks it counts from when he
    waits again.
    """

    contact_id: ContactId
    priority: Priority
    actor: Actor
    reason: str
    """A short code such as `emergency_key`; never free text about a person."""
    needs: tuple[Requirement, ...] | None = None
    """What it needs from now on, if that changes, with the priority or alone: an emergency that
    came in as a question of fees needs a nurse."""


@message
class MarkMisuse:
    """The nurse who talks with an emergency finds none: the caller goes back to the queue."""

    contact_id: ContactId
    agent_id: AgentId
    reason: str
    """A short code; never free text about a person."""
    priority: Priority | None = None
    """That he has from now on; None: the one that the rules give."""


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


class ForcedState(StrEnum):
    """What a supervisor can put an agent into."""

    NOT_READY = "not_ready"
    SIGNED_OFF = "signed_off"


@message
class ForceAgent:
    """A supervisor takes an agent out of work who cannot or does not do so herself.

    A talk is never cut: it goes on, and what was asked for follows it. She may be ready, or sign
    on, again by herself.
    """

    agent_id: AgentId
    state: ForcedState
    by: str
    """The supervisor's id."""
    reason: str
    """A short code such as `left_desk`; never free text about a person."""


@message
class EndWrapUp:
    """The agent is done with the work after a contact."""

    agent_id: AgentId
    disposition: str = ""
    """The care level, if no more is to be said of the contact; see `SetDisposition`."""
    contact_id: ContactId | None = None
    """Which, if she has several: chats; None: the first."""


@message
class SetWindow:
    """A named time window is on or off, as the calendar says."""

    window: str
    is_on: bool


@message
class SetLending:
    """Cut a region's lending to tiers 0 and 1, or give it back."""

    region: RegionCode
    is_cut: bool
    reason: str
    """A short code such as `loss`; never free text about a person."""


@message
class SetGatewaySeats:
    """Say how many callers a contact centre on another telephone system takes at once.

    Talks there go on, however few. Holds until the configuration says another number than now.
    """

    gateway_id: GatewayId
    seats: int
    reason: str
    """A short code such as `fewer_at_work`; never free text about a person."""


@message
class TakeMeasures:
    """Waits and balances are to be measured now; journaled only when a limit turned."""


@message
class OpenLine:
    """Callers are taken in at a line from now on."""

    line_id: LineId


@message
class CloseLine:
    """No more callers are taken in at a line."""

    line_id: LineId


@message
class PassTime:
    """Nothing but time has passed; journaled only when it gave events."""
