"""Events on what an agent learns of a contact, and does with it once it is connected.

Part of `events`, where the house rules stand.
"""

from __future__ import annotations

from queue_engine.core.message import message
from routing.vocabulary import AgentId, ContactId, RegionCode, UnitId


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


TalkEvent = HomeRegionCorrected | ContactSentBack
