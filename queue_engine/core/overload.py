"""The overload guard: who is turned away when a region's queue is too long.

House rules: never one who pressed nothing at all, a number that many share (relay services,
switchboards), one whose place was promised, a repeat caller, or whoever is more pressing than
most. Each refusal is an event and counts on the home region.
"""

from __future__ import annotations

from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.commands import EnqueueContact
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.state import State
from queue_engine.core.turn import Turn
from routing.limits import Limit, LimitKind
from routing.vocabulary import ContactChannel, Outcome, Priority

_PHONE, _NON_MEDICAL = ContactChannel.PHONE, Priority.NON_MEDICAL
_CAN_WAIT: Final = (Priority.STANDARD, Priority.NON_MEDICAL)
"""For what is asked with every call; see `contact.WAITING`."""


def why_refused(state: State, command: EnqueueContact) -> ev.RefusalReason | None:
    """Why this caller cannot be taken into the queue now, if he has no claim to a place."""
    guard = state.rules.guards.get(command.home_region)
    if guard is None or not _may_be_refused(command):
        return None
    region = command.home_region
    if guard.waiting_max and state.waiting.count_in_region(region) >= guard.waiting_max:
        return ev.RefusalReason.TOO_MANY
    is_medical = command.priority is not _NON_MEDICAL
    if not is_medical and Limit(region, LimitKind.OVERLOAD) in state.limits:
        return ev.RefusalReason.OWN_WAIT
    return None


def _may_be_refused(command: EnqueueContact) -> bool:
    return (
        command.has_chosen
        and not command.is_shared_number
        and command.channel is _PHONE
        and command.priority in _CAN_WAIT
    )


def was_refused(contact: Contact | None) -> bool:
    """Whether this is a caller who was turned away, and may still take what he was offered."""
    return (
        contact is not None
        and contact.state is ContactState.ENDED
        and contact.outcome is Outcome.REFUSED
    )


def refuse(turn: Turn, command: EnqueueContact, arrived_ms: int, why: ev.RefusalReason) -> None:
    """Turns the caller away; one who has been turned away already is not counted twice."""
    if command.contact_id in turn.state.contacts:
        return
    turn.emit(
        ev.ContactRefused(
            contact_id=command.contact_id,
            sequence=turn.state.next_sequence,
            link_id=command.link_id,
            line_id=command.line_id,
            arrived_ms=arrived_ms,
            priority=command.priority,
            needs=tuple(sorted(command.needs)),
            home_region=command.home_region,
            home_region_source=command.home_region_source,
            language=command.language,
            reason=why,
            offered=command.alternatives,
        )
    )
