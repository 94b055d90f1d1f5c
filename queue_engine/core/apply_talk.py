"""How events on what agents do with contacts are written into the rows; see `apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.apply_contacts import end_hold, set_deadlines, wait_again
from queue_engine.core.apply_offers import pass_over
from queue_engine.core.contact import Contact
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.state import State
from routing.vocabulary import HomeRegionSource, RegionCode, UnitId


def _home_region_corrected(
    state: State, event: ev.HomeRegionCorrected, now_ms: int, number: int
) -> None:
    contact = state.contacts[event.contact_id]
    contact.record = max(number, contact.record + 1, event.record)
    go_home(state, contact, event.home_region, event.home_unit)
    set_deadlines(state, contact)
    state.reindex_contact(contact)


def go_home(state: State, contact: Contact, region: RegionCode, unit: UnitId | None) -> None:
    """It is this region's, by an agent's word; deadlines and indexes are left to the caller.

    With whom another region's rules have shared it counts no more.
    """
    if contact.home_region != region:
        state.leave_home(contact)
        contact.shared = ()
        contact.foretold_ms = 0
    contact.home_region, contact.home_unit = region, unit
    contact.home_region_source = HomeRegionSource.AGENT


def _sent_back(state: State, event: ev.ContactSentBack, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    wait_again(state, contact, type(event), now_ms)
    pass_over(state, contact, event.agent_id, now_ms)
    state.move_contact(contact)


def _transferred(state: State, event: ev.ContactTransferred, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.record = max(number, contact.record + 1)
    contact.asked = contact.asked if contact.needs == event.needs else ()
    contact.needs = event.needs
    contact.preferred_agent, contact.preferred_unit = event.to_agent, event.to_unit
    if event.to_region is not None:
        held = state.agents[event.agent_id].assignments[contact.contact_id]
        held.sent_on_from = contact.home_region
        go_home(state, contact, event.to_region, event.to_unit)
    elif event.to_unit is not None:
        contact.home_unit = event.to_unit
    wait_again(state, contact, type(event), now_ms)
    pass_over(state, contact, event.agent_id, now_ms)
    state.reindex_contact(contact)


def _held(state: State, event: ev.ContactHeld, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.step_talk(type(event))
    contact.held_since_ms = now_ms
    state.deadlines.set(event.recall_at_ms, DeadlineKind.RECALL, contact.contact_id)


def _hold_overdue(state: State, event: ev.HoldOverdue, now_ms: int, number: int) -> None:
    state.deadlines.set(event.recall_at_ms, DeadlineKind.RECALL, event.contact_id)


def _retrieved(state: State, event: ev.ContactRetrieved, now_ms: int, number: int) -> None:
    contact = state.contacts[event.contact_id]
    contact.step_talk(type(event))
    end_hold(state, contact, now_ms)


def _wrap_up_prolonged(state: State, event: ev.WrapUpProlonged, now_ms: int, number: int) -> None:
    until_ms = event.wrap_up_until_ms
    state.deadlines.set(until_ms, DeadlineKind.WRAP_UP, event.agent_id, event.contact_id)


def _disposition_set(state: State, event: ev.DispositionSet, now_ms: int, number: int) -> None:
    """For history and for whoever looks on: it decides nothing."""


WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.HomeRegionCorrected: _home_region_corrected,
    ev.ContactSentBack: _sent_back,
    ev.ContactTransferred: _transferred,
    ev.ContactHeld: _held,
    ev.HoldOverdue: _hold_overdue,
    ev.ContactRetrieved: _retrieved,
    ev.WrapUpProlonged: _wrap_up_prolonged,
    ev.DispositionSet: _disposition_set,
}
