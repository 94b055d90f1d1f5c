"""Events on agents and on the switches that their phones hang on; see `events`."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class AgentSignedOn:
    """An agent is at work, not ready yet."""

    agent_id: AgentId
    sequence: int
    link_id: LinkId
    phone_id: PhoneId
    region: RegionCode
    skills: tuple[SkillLevel, ...]
    unit: UnitId | None


@dataclass(frozen=True, slots=True)
class AgentSignedOff:
    """An agent is no longer at work."""

    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class SignOffAwaited:
    """She asked to sign off in a talk or wrap-up: it happens when that ends."""

    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class SignOffTakenBack:
    """She signed on again before it happened, and stays."""

    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class AgentBecameReady:
    """She can be offered contacts."""

    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class AgentBecameNotReady:
    """She is not to be offered contacts; `heals_at_ms`: ready again by itself then."""

    agent_id: AgentId
    reason: NotReadyReason
    heals_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class WrapUpStarted:
    """The talk is over; her work after it is bounded in time."""

    agent_id: AgentId
    contact_id: ContactId
    wrap_up_until_ms: int


@dataclass(frozen=True, slots=True)
class WrapUpEnded:
    """She is done with it, or its time was up."""

    agent_id: AgentId
    contact_id: ContactId
    disposition: str
    wrap_up_ms: int


# --- links ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinkLost:
    """A switch is out of reach: its contacts and phones are frozen."""

    link_id: LinkId
    seen_ms: int | None = None
    """When it was last known to be in reach, if that was before the record's moment."""


@dataclass(frozen=True, slots=True)
class LinkRestored:
    """The switch is in reach and has been reconciled."""

    link_id: LinkId
    repairs: int
    """How many contacts were not as the engine had them."""
