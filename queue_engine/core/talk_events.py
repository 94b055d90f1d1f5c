"""Events on what an agent learns of a contact, and does with it once it is connected.

Part of `events`, where the house rules stand.
"""

from __future__ import annotations

from queue_engine.core.message import message
from routing.vocabulary import AgentId, ContactId, RegionCode, Requirement, Skill, UnitId


@message
class HomeRegionCorrected:
    """The contact is another region's from now on: its share rules hold, from the arrival."""

    contact_id: ContactId
    home_region: RegionCode
    home_unit: UnitId | None
    former: RegionCode
    """Whose it was until now."""
    record: int = 0
    """Of the ticket that was believed, if one was."""


@message
class ContactSentBack:
    """The agent gave her caller back: it waits again with the same key, others are asked first."""

    contact_id: ContactId
    agent_id: AgentId
    reason: str


@message
class ContactTransferred:
    """The agent sent her caller on: it waits again with the same key, for whom she chose."""

    contact_id: ContactId
    agent_id: AgentId
    to_region: RegionCode | None
    """Its home region from now on, if that was named; and so on."""
    to_unit: UnitId | None
    """Its home unit too, and the unit that it prefers; None: it prefers none any more."""
    to_service: Skill | None
    to_agent: AgentId | None
    """Whom it prefers from now on; None: nobody any more."""
    needs: tuple[Requirement, ...]
    """All that it needs from now on."""


@message
class ContactHeld:
    """The caller is on hold; at `recall_at_ms` his agent is reminded of him."""

    contact_id: ContactId
    agent_id: AgentId
    recall_at_ms: int


@message
class HoldOverdue:
    """The caller has been on hold for as long as agreed. An alarm, repeated at `recall_at_ms`."""

    contact_id: ContactId
    agent_id: AgentId
    recall_at_ms: int


@message
class ContactRetrieved:
    """Caller and agent talk again."""

    contact_id: ContactId
    agent_id: AgentId


@message
class WrapUpProlonged:
    """She asked for more time: her wrap-up lasts until then at most."""

    contact_id: ContactId
    agent_id: AgentId
    wrap_up_until_ms: int


@message
class DispositionSet:
    """What the contact was about, in codes; the last one said counts."""

    contact_id: ContactId
    agent_id: AgentId
    care_level: str
    urgency: str
    cause: str
    referred_unit: str


TalkEvent = (
    HomeRegionCorrected
    | ContactSentBack
    | ContactTransferred
    | ContactHeld
    | HoldOverdue
    | ContactRetrieved
    | WrapUpProlonged
    | DispositionSet
)
