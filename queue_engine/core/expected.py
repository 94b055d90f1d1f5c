"""What contacts are told of their waits, and what is learnt from how long they have waited.

What its place alone foretells a contact is kept in its row until it is connected; the first tier is
told nothing, and nothing is learnt from it.
"""

from __future__ import annotations

from queue_engine.core.contact import Contact
from queue_engine.core.state import State
from routing.estimate import expected_wait_ms
from routing.order import EMERGENCY_TIER


def told_ms(state: State, contact: Contact, now_ms: int) -> int | None:
    """How long it may have to wait from now on; None: nobody could say."""
    foretold_ms = expected_wait_ms(state.floor, state.waiting, contact)
    tier = contact.contact_class.tier
    return state.delays.told_ms(contact.home_region, tier, foretold_ms, now_ms)


def foretell(state: State, contact: Contact) -> None:
    """It has got its place; with somebody ready there is nothing to foretell."""
    kind = contact.contact_class
    if kind.tier == EMERGENCY_TIER:
        return
    if not state.ready.count(kind.home_region, kind.needs).ready:
        contact.foretold_ms = expected_wait_ms(state.floor, state.waiting, contact) or 0


def note_delay(state: State, contact: Contact, now_ms: int) -> None:
    """It is connected for the first time; one who was rung in vain meanwhile teaches nothing."""
    tier = contact.contact_class.tier
    if tier != EMERGENCY_TIER and not contact.callback_tries:
        waited_ms = now_ms - contact.enqueued_ms
        foretold_ms, contact.foretold_ms = contact.foretold_ms, 0
        state.delays.note(contact.home_region, tier, waited_ms, foretold_ms, now_ms)
