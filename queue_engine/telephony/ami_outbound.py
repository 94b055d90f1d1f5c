"""What an event asks of the switch, and the Asterisk actions for it: pure.

House rules: an event becomes *effects*, which say what shall be so; the link looks at the
switchboard at the last moment and makes an action of an effect only if it still makes sense.
"""

from __future__ import annotations

from dataclasses import dataclass

from queue_engine.core import events as ev
from queue_engine.core.commands import CallerPlace, CallTicket
from queue_engine.core.ticket import write_ticket
from queue_engine.telephony import dialplan
from queue_engine.telephony.ami_message import Action
from routing.vocabulary import ContactId, GatewayId, LinkId, PhoneId


@dataclass(frozen=True, slots=True)
class RingPhone:
    """The caller's offer shall ring this phone."""

    contact_id: ContactId
    offer: int
    phone_id: PhoneId


@dataclass(frozen=True, slots=True)
class RingBack:
    """The offer shall ring this phone, and then the caller's own: nothing of him is here."""

    contact_id: ContactId
    offer: int
    phone_id: PhoneId


@dataclass(frozen=True, slots=True)
class TakeBack:
    """The offer is over: if its phone rings still, the caller goes back to waiting."""

    contact_id: ContactId
    offer: int


@dataclass(frozen=True, slots=True)
class FetchFromFallback:
    """The caller stands in the switch's own queue: back to waiting, the engine has him."""

    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class CarryTicket:
    """The call shall carry its ticket as it is now."""

    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class MirrorAgents:
    """The switch's own queue shall know who is at work and ready."""


@dataclass(frozen=True, slots=True)
class LookAtGateways:
    """The engine shall know which trunks to contact centres elsewhere lead there."""


Move = RingPhone | TakeBack | FetchFromFallback
"""Effects that move a caller, one at a time."""
Errand = CarryTicket | MirrorAgents | LookAtGateways
"""Effects that move nobody."""
Effect = Move | RingBack | Errand


def effects_of(event: ev.Event, link_id: LinkId) -> tuple[Effect, ...]:
    """What this event asks of the switch at `link_id`; nothing for those of other links."""
    match event:
        case ev.ContactOffered():
            if event.link_id != link_id:
                return ()
            ring = RingBack if event.is_callback else RingPhone
            return (ring(event.contact_id, event.offer, event.phone_id),)
        case (
            ev.OfferRevoked()
            | ev.OfferRangOut()
            | ev.OfferRejected()
            | ev.OfferFailed()
            | ev.CallbackNotReached()
        ):
            return (TakeBack(event.contact_id, event.offer),)
        case ev.PolicyLoaded():
            return (LookAtGateways(),)
        case ev.ContactSeenInFallback():
            return (FetchFromFallback(event.contact_id),)
        case ev.ContactEnqueued() | ev.ContactRestored():
            if event.link_id != link_id:
                return ()
            carry = CarryTicket(event.contact_id)
            if isinstance(event, ev.ContactRestored) and event.place is CallerPlace.FALLBACK:
                return carry, FetchFromFallback(event.contact_id)
            return (carry,)
        case (
            ev.ContactPriorityChanged()
            | ev.NeedsRelaxed()
            | ev.HomeRegionCorrected()
            | ev.ContactTransferred()
        ):
            return (CarryTicket(event.contact_id),)
        case (
            ev.AgentSignedOn()
            | ev.AgentSignedOff()
            | ev.AgentBecameReady()
            | ev.AgentBecameNotReady()
        ):
            return (MirrorAgents(),)
        case _:
            return ()


def redirect_to_offer(contact_id: ContactId, offer: int, phone_id: PhoneId) -> Action | None:
    """Rings `phone_id` for the caller; None if the dialplan has no extension for such a phone."""
    exten = dialplan.offer_exten(offer, phone_id)
    return None if exten is None else _redirect(contact_id, dialplan.OFFER, exten)


def redirect_to_waiting(contact_id: ContactId) -> Action:
    """Takes the caller out of wherever he is, back to the music."""
    return _redirect(contact_id, dialplan.WAITING, dialplan.START)


def _redirect(contact_id: ContactId, context: str, exten: str) -> Action:
    return {
        "Action": "Redirect",
        "Channel": contact_id,
        "Context": context,
        "Exten": exten,
        "Priority": "1",
    }


def carry_ticket(ticket: CallTicket, tier: int) -> tuple[Action, ...]:
    """Puts ticket and tier on the call."""
    return (
        _set_variable(dialplan.TICKET, write_ticket(ticket), ticket.contact_id),
        _set_variable(dialplan.TIER, str(tier), ticket.contact_id),
    )


def show_gateway(gateway_id: GatewayId) -> Action:
    """Asks about the trunk to a gateway."""
    return {"Action": "PJSIPShowEndpoint", "Endpoint": dialplan.gateway_endpoint(gateway_id)}


def set_beat(beat: str) -> Action:
    """Shows the dialplan that the engine is alive."""
    return _set_variable(dialplan.BEAT, beat)


def set_ivr(address: str) -> Action:
    """Sends calls to the IVR that listens there."""
    return _set_variable(dialplan.AGI, address)


def _set_variable(name: str, value: str, contact_id: ContactId | None = None) -> Action:
    action = {"Action": "Setvar", "Variable": name, "Value": value}
    if contact_id is not None:
        action["Channel"] = contact_id
    return action
