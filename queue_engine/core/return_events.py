"""Events on callers who come back: misused emergencies.

Part of `events`, where the house rules stand.
"""

from __future__ import annotations

from queue_engine.core.message import message
from routing.vocabulary import AgentId, ContactId


@message
class MisuseMarked:
    """The nurse who talks with an emergency found none, for this reason."""

    contact_id: ContactId
    agent_id: AgentId
    reason: str


@message
class EmergencyPressedAgain:
    """A caller who had misused the emergency key presses it again.

    He hears once more that an emergency rings 112, and is never refused.
    """

    contact_id: ContactId
