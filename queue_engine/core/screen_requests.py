"""What an agent asks for at her screen, where she meets those who write or show themselves.

Part of `commands`, where the house rules stand.
"""

from __future__ import annotations

from queue_engine.core.message import message
from routing.vocabulary import AgentId, ContactId


@message
class AcceptOffer:
    """The agent takes the chat or video that her screen offers."""

    agent_id: AgentId
    contact_id: ContactId
    offer: int


@message
class RejectOffer:
    """The agent declines it."""

    agent_id: AgentId
    contact_id: ContactId
    offer: int


@message
class EndContact:
    """The agent ends the chat or video; a caller who leaves it is `ReportCallerGone`."""

    agent_id: AgentId
    contact_id: ContactId


ScreenRequest = AcceptOffer | RejectOffer | EndContact
