"""What agents ask for a caller whom they have, or know something of.

Part of `commands`, where the house rules stand. Those that name an agent are refused unless it is
she who talks with the caller.
"""

from __future__ import annotations

from queue_engine.core.message import message
from routing.vocabulary import AgentId, ContactId, RegionCode, UnitId


@message
class CorrectHomeRegion:
    """The caller belongs to another region than was thought, or to another unit of it.

    Sharing, and whose account it goes to, follow from then on, whether he waits or talks.
    """

    contact_id: ContactId
    home_region: RegionCode
    home_unit: UnitId | None = None


@message
class SendBack:
    """Give the caller back to the queue, at the same place; the agent's wrap-up begins."""

    agent_id: AgentId
    contact_id: ContactId
    reason: str
    """A short code such as `misuse`; never free text about a person."""


TalkRequest = CorrectHomeRegion | SendBack
