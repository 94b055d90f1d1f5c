"""Events on contacts: their place, their priority, whom they are shared with, their end.

Part of `events`, where the house rules stand.
"""

from __future__ import annotations

from enum import StrEnum

from queue_engine.core.commands import Actor, CallerPlace
from queue_engine.core.message import message
from routing.region_policy import Ring
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
    Skill,
    UnitId,
)


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
    preferred_unit: UnitId | None = None
    caller_key: str = ""
    continues: ContactId | None = None
    """An earlier contact of the same caller, whose place and priority this one takes over."""
    is_counted: bool = False
    """Is remembered, to know repeat callers."""
    is_misuse: bool = False
    """The one that it continues had misused the emergency key."""


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
    """The contact has another priority, or other needs, or both, effective at once."""

    contact_id: ContactId
    priority: Priority
    actor: Actor
    reason: str
    record: int = 0
    """Of the ticket that was believed, if one was."""
    needs: tuple[Requirement, ...] | None = None
    """What it needs from now on, if that has changed."""


class RelaxReason(StrEnum):
    """Why a contact is content with less."""

    WAITED = "waited"
    """It has waited as long as a relax rule says."""
    NOBODY_SPEAKS = "nobody_speaks"
    """Nobody at work who could ever answer it speaks its language; with an interpreter one can."""


@message
class NeedsRelaxed:
    """From now on less is needed of the agent; the place stays."""

    contact_id: ContactId
    needs: tuple[Requirement, ...]
    reason: RelaxReason
    rule: str = ""
    """The relax rule, for WAITED."""
    language: Skill = Skill("")
    """The language, for NOBODY_SPEAKS."""


@message
class ContactKept:
    """Until `until_ms` at most only those whom it prefers may answer it."""

    contact_id: ContactId
    until_ms: int


class KeptReason(StrEnum):
    """Why a contact is no longer kept for those whom it prefers."""

    TIME_UP = "time_up"
    NOBODY_THERE = "nobody_there"
    """None of them can be expected any more: gone, leaving, or not ready."""
    EMERGENCY = "emergency"


@message
class KeepingEnded:
    """Whoever else may answer it may do so now."""

    contact_id: ContactId
    reason: KeptReason


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
    hold_ms: int = 0
    """Of the talk, on hold."""
    was_cut: bool = False
    """In the talk, and nobody has seen the nurse hang up."""


@message
class ContactForgotten:
    """An ended contact leaves the engine's memory; late reports of it mean nothing any more."""

    contact_id: ContactId
