"""Events on an agent who is asked about another's caller; `agent_id` is she. See `events`."""

from __future__ import annotations

from enum import StrEnum

from queue_engine.core.message import message
from routing.vocabulary import AgentId, ContactId, LinkId, PhoneId


class ConsultEnd(StrEnum):
    """Why she is no longer asked."""

    ENDED = "ended"
    """One of the two has ended it, or the talk that it was about is over."""
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    SIGNED_OFF = "signed_off"
    FORCED = "forced"
    """A supervisor took her out of work."""
    BUSY = "busy"
    """Her phone turned out to be in another talk."""
    UNSEEN = "unseen"
    """After a gap the switch did not show it."""
    WITHDRAWN = "withdrawn"
    """Her phone rang only, and an emergency needs her."""


@message
class ConsultOffered:
    """Her phone is to ring: `asking` wants to ask her about the contact, who is on hold."""

    contact_id: ContactId
    agent_id: AgentId
    asking: AgentId
    link_id: LinkId
    phone_id: PhoneId
    offer: int
    """A number of its own, from the same count as offers."""
    ring_until_ms: int
    is_sold: bool = False
    """Her region answers such contacts for its home, which buys the service."""


@message
class ConsultAnswered:
    """The two agents talk; the caller is on hold."""

    contact_id: ContactId
    agent_id: AgentId


@message
class ConferenceStarted:
    """The three talk together."""

    contact_id: ContactId
    agent_id: AgentId


@message
class ConsultEnded:
    """She has no more to do with the contact."""

    contact_id: ContactId
    agent_id: AgentId
    reason: ConsultEnd


@message
class ContactHandedOver:
    """She has taken the caller over from `former`, whose wrap-up begins."""

    contact_id: ContactId
    agent_id: AgentId
    former: AgentId
    phone_id: PhoneId


ConsultEvent = (
    ConsultOffered | ConsultAnswered | ConferenceStarted | ConsultEnded | ContactHandedOver
)
