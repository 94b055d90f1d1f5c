"""The names that our dialplan and we have agreed on (deploy/asterisk/extensions.conf)."""

from __future__ import annotations

import re
from typing import Final

from queue_engine.core.ticket import TICKET_VARIABLE
from routing.gateways import gateway_of
from routing.trunks import far_phone
from routing.vocabulary import GatewayId, PhoneId

INBOUND: Final = "samko-inbound"
"""Context of a call from its answer to the end of the menu."""
AFTER_MENU: Final = "after-menu"
WAITING: Final = "waiting"
OFFER: Final = "offer"
FALLBACK: Final = "fallback"
FALLBACK_SEAT: Final = "fallback-seat"
START: Final = "s"

WAITING_EVENT: Final = "SamkoWaiting"
FALLBACK_EVENT: Final = "SamkoFallback"
OFFER_END_EVENT: Final = "SamkoOfferEnd"

TICKET: Final = TICKET_VARIABLE
TIER: Final = "SAMKO_PRIO"
OFFER_VARIABLE: Final = "SAMKO_OFFER"
ARRIVED: Final = "SAMKO_ARRIVED"
BEAT: Final = "SAMKO_BEAT"
AGI: Final = "SAMKO_AGI"

TRUNK_PREFIX: Final = "samko-"
"""With the other's `systemname`: the endpoint that is the trunk to another of our switches."""

GATEWAY_PREFIX: Final = "gateway-"
"""With its id: the endpoint that is the trunk to a contact centre on another telephone system."""

FALLBACK_QUEUE: Final = "samko-national"

_OFFER_EXTEN: Final = re.compile(
    r"o(?P<offer>[0-9]{1,15})-(?P<phone>[A-Za-z0-9_.\-]{1,70}(\+[0-9]{1,4})?(@[A-Za-z0-9_]{1,32})?)"
)


def offer_exten(offer: int, phone_id: PhoneId) -> str | None:
    """The extension that rings `phone_id` for this offer; None if its name will not do."""
    exten = f"o{offer}-{phone_id}"
    return exten if _OFFER_EXTEN.fullmatch(exten) else None


def read_offer_exten(exten: str) -> tuple[int, PhoneId] | None:
    """Offer number and phone of an extension in the offer context."""
    match = _OFFER_EXTEN.fullmatch(exten)
    return (int(match["offer"]), PhoneId(match["phone"])) if match else None


def endpoint_of(phone_id: PhoneId) -> str:
    """What a caller's switch dials to reach the phone: itself, or the trunk to where it hangs."""
    far, gateway_id = far_phone(phone_id), gateway_of(phone_id)
    if far is not None:
        return f"{TRUNK_PREFIX}{far[0]}"
    return phone_id if gateway_id is None else gateway_endpoint(gateway_id)


def gateway_endpoint(gateway_id: GatewayId) -> str:
    """The endpoint that is the trunk to this gateway."""
    return f"{GATEWAY_PREFIX}{gateway_id}"


def gateway_at(endpoint: str) -> GatewayId | None:
    """The gateway to which this endpoint is the trunk; None: it is another's."""
    _, prefix, gateway_id = endpoint.partition(GATEWAY_PREFIX)
    return GatewayId(gateway_id) if prefix and endpoint.startswith(prefix) else None


def interface_of(phone_id: PhoneId) -> str:
    """How the switch's own queue rings the phone; a gateway's seat by way of our dialplan."""
    if gateway_of(phone_id) is not None:
        return f"Local/{phone_id}@{FALLBACK_SEAT}/n"
    return f"PJSIP/{phone_id}"
