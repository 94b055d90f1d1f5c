"""How events on islands are written into the rows; see `apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.apply_contacts import FORGET_MS, enter, replace
from queue_engine.core.apply_return import note_call
from queue_engine.core.contact import Contact
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.state import State
from queue_engine.core.texts import REPORT_WITHIN_MS, Text
from queue_engine.core.told_islands import AwaitedContact, IslandRow
from routing.vocabulary import NO_LINK, ON_SCREEN


def _merged(state: State, event: ev.IslandContactMerged, now_ms: int, number: int) -> None:
    contact = state.contacts.get(event.contact_id)
    if contact is None:
        contact = _begin(state, event, now_ms, number)
    else:
        contact.step(type(event))
    contact.outcome = event.outcome
    contact.wait_ms, contact.talk_ms = event.wait_ms, event.talk_ms
    contact.hold_ms, contact.ended_ms = event.hold_ms, event.ended_ms
    contact.was_cut, contact.agent_id = event.was_cut, event.agent_id
    contact.is_continued = contact.is_continued or event.fact.is_continued
    contact.caller_key = contact.caller_key or event.fact.caller_key
    state.returning.note(contact)
    _drop_awaited(state, event)


def _begin(state: State, event: ev.IslandContactMerged, now_ms: int, number: int) -> Contact:
    """A row for whoever may still ring again, or be asked for; nothing of it waits."""
    fact = event.fact
    contact = _row(event, fact.arrived_ms, fact.enqueued_ms, number)
    contact.continues = event.continues
    contact.step(type(event))
    state.next_sequence = max(state.next_sequence, event.sequence + 1)
    state.contacts[contact.contact_id] = contact
    state.sequences[contact.sequence] = contact.contact_id
    state.deadlines.set(now_ms + FORGET_MS, DeadlineKind.FORGET, contact.contact_id)
    if event.continues is not None:
        earlier = state.contacts[event.continues]
        earlier.is_continued = True
        state.returning.note(earlier)
    if fact.is_counted and fact.caller_key:
        note_call(state, fact.caller_key, fact.enqueued_ms, now_ms)
    state.reindex_contact(contact)
    return contact


def _row(
    event: ev.IslandContactMerged | ev.IslandContactTaken,
    arrived_ms: int,
    enqueued_ms: int,
    number: int,
) -> Contact:
    fact = event.fact
    return Contact(
        contact_id=event.contact_id,
        sequence=event.sequence,
        link_id=NO_LINK if fact.channel in ON_SCREEN else fact.link_id,
        arrived_ms=arrived_ms,
        enqueued_ms=enqueued_ms,
        priority=fact.priority,
        needs=fact.needs,
        home_region=fact.home_region,
        home_region_source=fact.home_region_source,
        line_id=fact.line_id,
        home_unit=fact.home_unit,
        language=fact.language,
        channel=fact.channel,
        caller_key=fact.caller_key,
        record=number,
    )


def _taken(state: State, event: ev.IslandContactTaken, now_ms: int, number: int) -> None:
    contact = _row(event, event.arrived_ms, now_ms, number)
    known = state.contacts.get(event.contact_id)
    if known is not None:
        replace(state, contact, known)
        contact.continues, contact.is_continued = known.continues, known.is_continued
        contact.caller_key = known.caller_key or contact.caller_key
    enter(state, contact, type(event))
    state.returning.note(contact)


def _drop_awaited(state: State, event: ev.IslandContactMerged) -> None:
    """What was waited with counts now."""
    awaited = state.told_islands.awaited
    left = tuple(
        found
        for found in awaited.get(event.contact_id, ())
        if found.island.island_id != event.island.island_id
    )
    if left:
        awaited[event.contact_id] = left
    else:
        awaited.pop(event.contact_id, None)


def _awaited(state: State, event: ev.IslandContactAwaited, now_ms: int, number: int) -> None:
    state.told_islands.await_contact(AwaitedContact(event.island, event.fact))


def _text_taken(state: State, event: ev.IslandTextTaken, now_ms: int, number: int) -> None:
    text = Text(event.text_id, event.contact_id, asked_ms=now_ms, number=number)
    text.step(type(event))
    state.texts[text.text_id] = text
    state.deadlines.set(now_ms + REPORT_WITHIN_MS, DeadlineKind.TEXT, text.text_id)


def _island_merged(state: State, event: ev.IslandMerged, now_ms: int, number: int) -> None:
    island_id = event.island.island_id
    state.told_islands.rows[island_id] = IslandRow(island_id, event.number)
    state.deadlines.set(event.kept_until_ms, DeadlineKind.ISLAND, island_id)


def _forgotten(state: State, event: ev.IslandForgotten, now_ms: int, number: int) -> None:
    del state.told_islands.rows[event.island_id]
    state.deadlines.clear(DeadlineKind.ISLAND, event.island_id)


WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.IslandContactMerged: _merged,
    ev.IslandContactAwaited: _awaited,
    ev.IslandContactTaken: _taken,
    ev.IslandTextTaken: _text_taken,
    ev.IslandMerged: _island_merged,
    ev.IslandForgotten: _forgotten,
}
