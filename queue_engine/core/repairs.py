"""What a switch showed otherwise than the engine had it, by the events that set it right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from queue_engine.core import events as ev
from routing.vocabulary import ContactId

REPAIRS: Final[dict[type, str]] = {
    ev.ContactRestored: "restored",
    ev.OfferRevoked: "offer_ended",
    ev.ContactReturned: "returned",
    ev.ContactHeld: "held",
    ev.ContactRetrieved: "retrieved",
    ev.ConsultEnded: "consult_ended",
    ev.ContactHandedOver: "handed_over",
    ev.ContactConnected: "connected",
    ev.ConnectedUnknownPhone: "unknown_phone",
    ev.ContactPriorityChanged: "newer_ticket",
    ev.HomeRegionCorrected: "newer_ticket",
    ev.ContactEnded: "ended",
}
"""The word for each, as metrics have it."""


def repairs(events: Iterable[ev.Event]) -> dict[ContactId, str]:
    """The contacts that were not as the engine had them, each with the last that was done."""
    return {
        getattr(event, "contact_id"): REPAIRS[type(event)]  # noqa: B009  all of REPAIRS have one
        for event in events
        if type(event) in REPAIRS
    }
