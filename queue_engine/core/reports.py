"""What the switch shows: facts, never refused.

Part of `commands`, where the house rules stand.
"""

from __future__ import annotations

from enum import StrEnum

from queue_engine.core.message import message
from routing.vocabulary import (
    ContactId,
    GatewayId,
    LinkId,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    TextId,
)


class OfferFailure(StrEnum):
    """What the switch says became of an offer that was not answered."""

    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    """Busy or declined at the phone."""
    UNREACHABLE = "unreachable"
    """No phone registered, or the leg could not be made."""
    CANCELLED = "cancelled"
    """The caller or the engine took it back: says nothing of the agent."""
    TRUNK = "trunk"
    """The trunk to her switch did not carry it, or that switch did not answer."""


class CallbackFailure(StrEnum):
    """Why a caller was not reached whom a nurse has rung back."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    """He hung up, or pressed no key to accept."""
    UNREACHABLE = "unreachable"
    """His number does not answer at all, or no line was to be had."""


class TextFailure(StrEnum):
    """Why a text message was not sent."""

    NO_NUMBER = "no_number"
    """Nobody knows where to, or it is no number that can have one."""
    REFUSED = "refused"
    """Whoever sends text messages does not take it, and would not take it later."""
    UNREACHABLE = "unreachable"
    """Whoever sends them did not answer, or not well."""
    UNREPORTED = "unreported"
    """Nobody has told what came of it."""


class CallerPlace(StrEnum):
    """Where the switch shows a caller's channel."""

    MENU = "menu"
    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    """On hold, by the agent whose phone is named."""
    FALLBACK = "fallback"


@message
class CallTicket:
    """What the call itself carries, so that the queue can be rebuilt from the calls alone."""

    record: int
    """Number of the record that last changed it; the higher of ticket and journal wins."""
    contact_id: ContactId
    arrived_ms: int
    sequence: int
    priority: Priority
    home_region: RegionCode
    needs: tuple[Requirement, ...]


@message
class SeenCaller:
    """One caller as the switch shows him now."""

    contact_id: ContactId
    place: CallerPlace
    channel_started_ms: int
    ticket: CallTicket | None = None
    phone_id: PhoneId | None = None
    """The phone that rings or talks."""
    offer: int | None = None
    """The offer that rings, if the switch knows it."""
    consulted_phone_id: PhoneId | None = None
    """The phone of the colleague who talks with his agent, or with both."""


@message
class ReportCallerWaiting:
    """The switch shows the caller in its waiting context (or in the fallback's)."""

    link_id: LinkId
    caller: SeenCaller


@message
class ReportCallerGone:
    """The caller's channel is gone: the only thing that means a hang-up."""

    contact_id: ContactId
    was_cut: bool = False
    """The switch has ended the call, as when it is restarted; the caller has not hung up."""


@message
class ReportConnected:
    """Caller and phone are both in one bridge; `offer` is None for the fallback's own ringing."""

    contact_id: ContactId
    link_id: LinkId
    phone_id: PhoneId
    offer: int | None = None


@message
class ReportConsultAnswered:
    """The colleague who is asked about the caller has picked up: the two agents talk."""

    contact_id: ContactId
    phone_id: PhoneId
    offer: int


@message
class ReportOfferFailed:
    """An offer ended at the switch without an answer."""

    contact_id: ContactId
    offer: int
    failure: OfferFailure


@message
class ReportCallbackDialled:
    """The nurse has answered the offer of a callback: the caller's phone is being rung."""

    contact_id: ContactId
    offer: int


@message
class ReportCallbackFailed:
    """The caller did not answer or did not accept; one who does is reported as connected."""

    contact_id: ContactId
    offer: int
    failure: CallbackFailure


@message
class ReportTextSent:
    """A text message that was asked for has been taken over by whoever sends them."""

    text_id: TextId


@message
class ReportTextFailed:
    """A text message that was asked for could not be sent this time."""

    text_id: TextId
    try_number: int
    """1 for the first."""
    failure: TextFailure


@message
class ReportTalkEnded:
    """The agent's leg left the talk for good."""

    contact_id: ContactId
    phone_id: PhoneId


@message
class ReportLinkLost:
    """The switch no longer answers: its contacts and phones freeze."""

    link_id: LinkId
    seen_ms: int | None = None
    """When it was last known to be in reach, if not until now."""


@message
class ReportGateway:
    """The switch says whether its trunk to a contact centre elsewhere leads there."""

    link_id: LinkId
    gateway_id: GatewayId
    is_reached: bool


@message
class ReportSwitch:
    """All callers that the switch shows: on start, on reconnect and after a stall.

    Restores the link. A contact of this link that is not among `callers` and was enqueued before
    `asked_ms` has no channel any more. Of who has been connected, or has ended, after `asked_ms`
    it says nothing, nor of a talk that its agent has left since, or of an offer that is newer.
    """

    link_id: LinkId
    asked_ms: int
    callers: tuple[SeenCaller, ...]


@message
class ReportCutOff:
    """This engine reaches no other, and holds these switches: it decides for them alone."""

    link_ids: tuple[LinkId, ...]


@message
class ReportCommandFailed:
    """The core itself failed at a command, whose events never happened. From the driver."""

    command: str
    """The command's name; what it said may be about a person."""
    error: str
    """The kind of failure and where in the code; never what it said."""
    contact_id: ContactId | None = None
    deadline: tuple[str, str, str] | None = None
    """The deadline's row (kind, subject, detail), if time passing failed at one."""
