"""Events on agents and on the switches that their phones hang on; see `events`."""

from __future__ import annotations

from enum import StrEnum

from queue_engine.core.commands import ForcedState
from queue_engine.core.message import message
from routing.vocabulary import (
    AgentId,
    ContactId,
    LinkId,
    NotReadyReason,
    PhoneId,
    RegionCode,
    SkillLevel,
    UnitId,
)

# --- agents ---------------------------------------------------------------------------------


@message
class AgentSignedOn:
    """An agent is at work, not ready yet."""

    agent_id: AgentId
    sequence: int
    link_id: LinkId
    phone_id: PhoneId
    region: RegionCode
    skills: tuple[SkillLevel, ...]
    unit: UnitId | None


@message
class AgentSignedOff:
    """An agent is no longer at work."""

    agent_id: AgentId


@message
class SignOffAwaited:
    """She asked to sign off in a talk or wrap-up: it happens when that ends."""

    agent_id: AgentId


@message
class SignOffTakenBack:
    """She signed on again before it happened, and stays."""

    agent_id: AgentId


@message
class AgentBecameReady:
    """She can be offered contacts."""

    agent_id: AgentId


@message
class AgentBecameNotReady:
    """She is not to be offered contacts; `heals_at_ms`: ready again by itself then."""

    agent_id: AgentId
    reason: NotReadyReason
    heals_at_ms: int | None = None


@message
class AgentForced:
    """A supervisor has taken her out of work: what came of it follows."""

    agent_id: AgentId
    state: ForcedState
    by: str
    """The supervisor's id."""
    reason: str


class Strain(StrEnum):
    """What was too much for an agent, or else why she rests from all but emergencies."""

    UNBROKEN_WORK = "unbroken_work"
    EMERGENCIES = "emergencies"
    """In a row."""
    OTHERS = "others"
    """Of her last contacts too many were other regions'."""
    NOT_TAKEN = "not_taken"
    """Of a gateway's seats alone: it has not taken a caller."""


@message
class AgentStrained:
    """It was too much: until `until_ms` she rests, or from now on has her own region's alone."""

    agent_id: AgentId
    strain: Strain
    until_ms: int | None = None


@message
class StrainEased:
    """She has rested, or may answer other regions' contacts again."""

    agent_id: AgentId
    strain: Strain


@message
class WrapUpStarted:
    """The talk is over; her work after it is bounded in time."""

    agent_id: AgentId
    contact_id: ContactId
    wrap_up_until_ms: int


@message
class WrapUpEnded:
    """She is done with it, or its time was up."""

    agent_id: AgentId
    contact_id: ContactId
    disposition: str
    wrap_up_ms: int


# --- links ----------------------------------------------------------------------------------


@message
class LinkLost:
    """A switch is out of reach: its contacts and phones are frozen."""

    link_id: LinkId
    seen_ms: int | None = None
    """When it was last known to be in reach, if that was before the record's moment."""


@message
class IslandBegan:
    """The engine is alone with these switches until it ends: whom another engine may offer as well,
    because no switch has him, is offered to nobody here."""

    link_ids: tuple[LinkId, ...]


@message
class LinkRestored:
    """The switch is in reach and has been reconciled."""

    link_id: LinkId
    repairs: int
    """How many contacts were not as the engine had them."""


@message
class LinkReconciled:
    """The switch, in reach all the time, was looked at and showed something else than was known."""

    link_id: LinkId
    repairs: int
    """How many contacts were not as the engine had them; at least one."""
