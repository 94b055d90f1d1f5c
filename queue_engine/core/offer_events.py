"""Events on offers, and reports that came too late for one.

Part of `events`, where the house rules stand.
"""

from __future__ import annotations

from enum import StrEnum

from queue_engine.core.commands import OfferFailure
from queue_engine.core.message import message
from routing.vocabulary import AgentId, ContactId, LinkId, PhoneId


class RevokeReason(StrEnum):
    """Why an offer ended though the phone still rang."""

    WITHDRAWN = "withdrawn"
    """For an emergency that nobody else may take."""
    CALLER_GONE = "caller_gone"
    AGENT_SIGNED_OFF = "agent_signed_off"
    AGENT_FORCED = "agent_forced"
    """A supervisor made her not ready."""
    AGENT_BUSY = "agent_busy"
    """Her phone turned out to be in another talk."""
    SEEN_WAITING = "seen_waiting"
    """The switch shows the caller waiting: the offer is over there."""
    SEEN_CONNECTED = "seen_connected"
    """The switch shows the caller talking with somebody else."""
    TRUNK = "trunk"
    """The trunk to her switch did not carry it."""
    UNSEEN = "unseen"
    """The switch shows no phone that rings for one who is to be rung back."""


@message
class ContactOffered:
    """The contact is presented to the agent: her phone is to ring, or her screen for a chat."""

    contact_id: ContactId
    agent_id: AgentId
    link_id: LinkId
    phone_id: PhoneId
    offer: int
    """A number of its own, so that late reports can be told apart."""
    ring_until_ms: int
    is_home: bool
    wait_ms: int
    is_sold: bool = False
    """The agent's region answers it for its home, which buys the service."""
    is_callback: bool = False
    """Once she has answered the caller is to be rung."""


@message
class OfferSeen:
    """After a gap the switch shows this offer still ringing: a new deadline."""

    contact_id: ContactId
    offer: int
    ring_until_ms: int


@message
class OfferRangOut:
    """It rang its full time; the contact keeps its place."""

    contact_id: ContactId
    agent_id: AgentId
    offer: int


@message
class OfferRejected:
    """The agent, or her busy phone, declined it."""

    contact_id: ContactId
    agent_id: AgentId
    offer: int


@message
class OfferFailed:
    """Her leg could not be made."""

    contact_id: ContactId
    agent_id: AgentId
    offer: int


@message
class OfferRevoked:
    """It ended for a reason that is not hers; the contact keeps its place, if it still waits."""

    contact_id: ContactId
    agent_id: AgentId
    offer: int
    reason: RevokeReason


@message
class LateAnswer:
    """An agent picked up an offer that had ended, and talks with the caller all the same."""

    contact_id: ContactId
    agent_id: AgentId
    offer: int


@message
class LateReport:
    """A report that no longer concerns anything: noted, nothing changed."""

    contact_id: ContactId
    report: str
    offer: int | None = None
    failure: OfferFailure | None = None
