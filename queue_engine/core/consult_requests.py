"""What agents ask for when one asks another about her caller; see `commands`."""

from __future__ import annotations

from queue_engine.core.message import message
from routing.vocabulary import AgentId, ContactId, RegionCode, Skill, UnitId


@message
class ConsultAgent:
    """Ask a colleague who is ready, while the caller is on hold.

    Anybody of a region, a unit, a service or several of these at once, chosen by the match; or
    one agent.
    """

    agent_id: AgentId
    contact_id: ContactId
    to_region: RegionCode | None = None
    to_unit: UnitId | None = None
    to_service: Skill | None = None
    to_agent: AgentId | None = None


@message
class StartConference:
    """Caller, agent and the colleague whom she asks talk together, all three."""

    agent_id: AgentId
    contact_id: ContactId


@message
class CompleteTransfer:
    """The colleague who was asked takes the caller over; the agent's wrap-up begins."""

    agent_id: AgentId
    contact_id: ContactId


@message
class EndConsult:
    """Either of the two agents ends it: the caller stays on hold, or in a talk of two."""

    agent_id: AgentId
    contact_id: ContactId


ConsultRequest = ConsultAgent | StartConference | CompleteTransfer | EndConsult
