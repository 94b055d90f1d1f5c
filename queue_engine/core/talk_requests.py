"""What agents ask for while they talk: giving the caller back to the queue.

Part of `commands`, where the house rules stand. Each is refused unless she is the agent who talks
with the caller.
"""

from __future__ import annotations

from queue_engine.core.message import message
from routing.vocabulary import AgentId, ContactId


@message
class SendBack:
    """Give the caller back to the queue, at the same place; the agent's wrap-up begins."""

    agent_id: AgentId
    contact_id: ContactId
    reason: str
    """A short code such as `misuse`; never free text about a person."""
