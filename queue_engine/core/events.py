"""What has been decided. Written by `decide`, read by everybody.

House rules: past tense, frozen, flat; an event carries all that `apply` needs, so that applying
never chooses. Edges act on events only after their record has been journaled. Those on agents
and links stand in `agent_events` and are part of this module all the same.
"""

from __future__ import annotations

from enum import StrEnum

from queue_engine.core.agent_events import (
    AgentBecameNotReady as AgentBecameNotReady,
)
from queue_engine.core.agent_events import (
    AgentBecameReady as AgentBecameReady,
)
from queue_engine.core.agent_events import (
    AgentSignedOff as AgentSignedOff,
)
from queue_engine.core.agent_events import (
    AgentSignedOn as AgentSignedOn,
)
from queue_engine.core.agent_events import (
    LinkLost as LinkLost,
)
from queue_engine.core.agent_events import (
    LinkRestored as LinkRestored,
)
from queue_engine.core.agent_events import (
    SignOffAwaited as SignOffAwaited,
)
from queue_engine.core.agent_events import (
    SignOffTakenBack as SignOffTakenBack,
)
from queue_engine.core.agent_events import (
    WrapUpEnded as WrapUpEnded,
)
from queue_engine.core.agent_events import (
    WrapUpStarted as WrapUpStarted,
)
from queue_engine.core.commands import Actor, CallerPlace, OfferFailure
from queue_engine.core.message import message
from routing.policy import Ring
from routing.vocabulary import (
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


class RevokeReason(StrEnum):
    """Why an offer ended though the phone still rang."""

    WITHDRAWN = "withdrawn"
    """For an emergency that nobody else may take."""
    CALLER_GONE = "caller_gone"
    AGENT_SIGNED_OFF = "agent_signed_off"
    AGENT_BUSY = "agent_busy"
    """Her phone turned out to be in another talk."""
    SEEN_WAITING = "seen_waiting"
    """The switch shows the caller waiting: the offer is over there."""
    SEEN_CONNECTED = "seen_connected"
    """The switch shows the caller talking with somebody else."""


# --- rules and time -------------------------------------------------------------------------


@message
class PolicyLoaded:
    """These rules are in force."""

    policy: str


@message
class WindowSet:
    """A time window went on or off."""

    window: str
    is_on: bool


@message
class CommandFailed:
    """The core failed at a command: an alarm. `digest` names the state it failed on."""

    command: str
    error: str
    """The kind of failure and where in the code; never what it said."""
    contact_id: ContactId | None
    digest: str
    deadline: tuple[str, str, str] | None = None
    """The row (kind, subject, detail) at which it failed..."""
    retry_at_ms: int | None = None
    """...and until when that row is put off."""


# --- contacts -------------------------------------------------------------------------------


@message
class ContactEnqueued:
    """A contact has its place in the queue."""

    contact_id: ContactId
    sequence: int
    link_id: LinkId
    line_id: LineId
    arrived_ms: int
    priority: Priority
    needs: tuple[Requirement, ...]
    home_region: RegionCode
    home_region_source: HomeRegionSource
    home_unit: UnitId | None
    language: str
    channel: ContactChannel
    preferred_agent: AgentId | None


@message
class ContactRestored:
    """A caller whom the switch shows and the journal did not know has his place again."""

    contact_id: ContactId
    sequence: int
    link_id: LinkId
    arrived_ms: int
    priority: Priority
    needs: tuple[Requirement, ...]
    home_region: RegionCode
    place: CallerPlace
    has_ticket: bool
    record: int = 0
    """Of the ticket that was believed; the contact's own count goes on from there."""


@message
class ContactSeenWaiting:
    """The switch has the caller in its waiting context: now he can be offered."""

    contact_id: ContactId


@message
class ContactSeenInFallback:
    """The caller stands in the switch's own queue; telephony takes him back to waiting."""

    contact_id: ContactId


@message
class ContactPriorityChanged:
    """A waiting contact has another priority, effective at once."""

    contact_id: ContactId
    priority: Priority
    actor: Actor
    reason: str
    record: int = 0
    """Of the ticket that was believed, if one was."""
    needs: tuple[Requirement, ...] | None = None
    """What it needs from now on, if that has changed."""


@message
class ContactShared:
    """By this rule the contact may be answered in this ring too."""

    contact_id: ContactId
    ring: Ring
    rule: str
    window: str = ""
    """With which it ends; empty: lasts as long as the contact."""


@message
class ContactUnshared:
    """The window of the rule ended: the ring no longer counts."""

    contact_id: ContactId
    ring: Ring
    rule: str


@message
class ContactPostponed:
    """Offers of it failed too often: not to be offered before `not_before_ms`. An alarm."""

    contact_id: ContactId
    not_before_ms: int


@message
class PostponementEnded:
    """It may be offered again."""

    contact_id: ContactId


@message
class TriedForgotten:
    """The agent who did not answer this contact may be offered it again."""

    contact_id: ContactId
    agent_id: AgentId


@message
class EmergencyOverdue:
    """An emergency has waited longer than agreed. An alarm."""

    contact_id: ContactId


@message
class ContactConnected:
    """Caller and agent are talking."""

    contact_id: ContactId
    agent_id: AgentId
    phone_id: PhoneId
    wait_ms: int


@message
class ConnectedUnknownPhone:
    """The caller talks at a phone where nobody is signed on (through the fallback)."""

    contact_id: ContactId
    phone_id: PhoneId


@message
class ContactReturned:
    """A caller who was talking is waiting again, with the same key."""

    contact_id: ContactId
    agent_id: AgentId | None


@message
class ContactEnded:
    """The contact is over."""

    contact_id: ContactId
    outcome: Outcome
    wait_ms: int
    talk_ms: int
    ended_ms: int | None = None
    """When it was last seen, if that was before we learned of its end."""


@message
class ContactForgotten:
    """An ended contact leaves the engine's memory; late reports of it mean nothing any more."""

    contact_id: ContactId


# --- offers ---------------------------------------------------------------------------------


@message
class ContactOffered:
    """The contact is presented to the agent: her phone is to ring."""

    contact_id: ContactId
    agent_id: AgentId
    link_id: LinkId
    phone_id: PhoneId
    offer: int
    """A number of its own, so that late reports can be told apart."""
    ring_until_ms: int
    is_home: bool
    wait_ms: int


@message
class OfferSeen:
    """After a gap the switch shows this offer still ringing: a new deadline."""

    contact_id: ContactId
    offer: int
    ring_until_ms: int


@message
class OfferRangOut:
    """It rang its full time; the contact keeps its place."""

    contact_id: ContactId
    agent_id: AgentId
    offer: int


@message
class OfferRejected:
    """The agent, or her busy phone, declined it."""

    contact_id: ContactId
    agent_id: AgentId
    offer: int


@message
class OfferFailed:
    """Her leg could not be made."""

    contact_id: ContactId
    agent_id: AgentId
    offer: int


@message
class OfferRevoked:
    """It ended for a reason that is not hers; the contact keeps its place, if it still waits."""

    contact_id: ContactId
    agent_id: AgentId
    offer: int
    reason: RevokeReason


@message
class LateAnswer:
    """An agent picked up an offer that had ended, and talks with the caller all the same."""

    contact_id: ContactId
    agent_id: AgentId
    offer: int


@message
class LateReport:
    """A report that no longer concerns anything: noted, nothing changed."""

    contact_id: ContactId
    report: str
    offer: int | None = None
    failure: OfferFailure | None = None


Event = (
    PolicyLoaded
    | WindowSet
    | CommandFailed
    | ContactEnqueued
    | ContactRestored
    | ContactSeenWaiting
    | ContactSeenInFallback
    | ContactPriorityChanged
    | ContactShared
    | ContactUnshared
    | ContactPostponed
    | PostponementEnded
    | TriedForgotten
    | EmergencyOverdue
    | ContactConnected
    | ConnectedUnknownPhone
    | ContactReturned
    | ContactEnded
    | ContactForgotten
    | ContactOffered
    | OfferSeen
    | OfferRangOut
    | OfferRejected
    | OfferFailed
    | OfferRevoked
    | LateAnswer
    | LateReport
    | AgentSignedOn
    | AgentSignedOff
    | SignOffAwaited
    | SignOffTakenBack
    | AgentBecameReady
    | AgentBecameNotReady
    | WrapUpStarted
    | WrapUpEnded
    | LinkLost
    | LinkRestored
)
