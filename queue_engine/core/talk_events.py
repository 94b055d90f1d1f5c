"""Events on a contact while it is connected, and on its way back from there.

Part of `events`, where the house rules stand.
"""

from __future__ import annotations

from queue_engine.core.message import message
from routing.vocabulary import AgentId, ContactId


@message
class ContactSentBack:
    """The agent gave her caller back: it waits again with the same key, others are asked first."""

    contact_id: ContactId
    agent_id: AgentId
    reason: str
