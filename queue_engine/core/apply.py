"""The only writer: one event changes the rows, and never chooses.

Whatever needs judgement stands in the event already. Deadlines are rows too and are written
here, so that folding the events rebuilds them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import (
    apply_agents,
    apply_callback,
    apply_consult,
    apply_contacts,
    apply_gateways,
    apply_islands,
    apply_keeping,
    apply_offers,
    apply_return,
    apply_strain,
    apply_talk,
    apply_texts,
    apply_trunks,
    events as ev,
)
from queue_engine.core.contact import ContactState
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.policy_codec import read_policy
from queue_engine.core.record import Record
from queue_engine.core.state import State
from queue_engine.core.talk import TalkState
from routing.limits import Limit, LimitKind

Watch = Callable[[State, ev.Event], None]
"""Called with each event before it is applied."""


def fold(state: State, record: Record, watch: Watch | None = None) -> None:
    """Writes a journaled record into the rows.

    The record must be the next one.

    Args:
        watch: sees each event before it is applied.
    """
    assert record.number == state.record_number + 1, (record.number, state.record_number)
    for event in record.events:
        if watch is not None:
            watch(state, event)
        WRITERS[type(event)](state, event, record.at_ms, record.number)
    state.record_number = record.number
    if record.origin is not None:
        state.origins.note(record.origin)
    state.now_ms = record.at_ms
    state.touched.clear()
    state.deadlines.next_ms()  # nobody asks for it here: what has been cleared is let go of


# --- rules, time, links ---------------------------------------------------------------------


def _policy_loaded(state: State, event: ev.PolicyLoaded, now_ms: int, number: int) -> None:
    state.load_rules(event.policy, read_policy(event.policy))
    for contact in state.contacts.values():
        apply_contacts.set_deadlines(state, contact)


def _window_set(state: State, event: ev.WindowSet, now_ms: int, number: int) -> None:
    state.set_window(event.window, event.is_on)
    regions = state.rules.regions_hanging_on(event.window)
    if regions:
        state.touched.staff = True  # who is at work may have come out of callers' reach
    for region in regions:
        for contact in state.unanswered_of(region):
            apply_contacts.set_deadlines(state, contact)


def _line_opened(state: State, event: ev.LineOpened, now_ms: int, number: int) -> None:
    state.closed_lines.pop(event.line_id)


def _line_closed(state: State, event: ev.LineClosed, now_ms: int, number: int) -> None:
    state.closed_lines[event.line_id] = None


def _limit_turned(state: State, event: ev.LimitTurned, now_ms: int, number: int) -> None:
    _set_limit(state, Limit(event.region, event.limit, event.part), event.is_on)


def _lending_set(state: State, event: ev.LendingSet, now_ms: int, number: int) -> None:
    _set_limit(state, Limit(event.region, LimitKind.LOSS), event.is_cut)


def _set_limit(state: State, limit: Limit, is_on: bool) -> None:
    if is_on:
        state.limits[limit] = None
    else:
        del state.limits[limit]
        state.touch_agents_of(limit.region)


def _command_failed(state: State, event: ev.CommandFailed, now_ms: int, number: int) -> None:
    if event.deadline is not None and event.retry_at_ms is not None:
        kind, subject, detail = event.deadline
        state.deadlines.set(event.retry_at_ms, DeadlineKind(kind), subject, detail)


def _link_lost(state: State, event: ev.LinkLost, now_ms: int, number: int) -> None:
    state.links[event.link_id] = False
    state.links_seen_ms[event.link_id] = now_ms if event.seen_ms is None else event.seen_ms
    for contact in state.contacts.values():
        if contact.link_id == event.link_id:
            contact.seen_waiting = False
            if contact.state is ContactState.OFFERED:
                state.deadlines.clear(DeadlineKind.RING, contact.contact_id)
            elif contact.talk is TalkState.ASKING:
                state.deadlines.clear(DeadlineKind.CONSULT, contact.contact_id)
    _reindex_link(state, event.link_id)


def _link_restored(state: State, event: ev.LinkRestored, now_ms: int, number: int) -> None:
    state.links[event.link_id] = True
    state.links_seen_ms.pop(event.link_id, None)
    _reindex_link(state, event.link_id)


def _island_began(state: State, event: ev.IslandBegan, now_ms: int, number: int) -> None:
    state.island = event.link_ids
    for contact in state.contacts.values():
        if contact.is_anywhere:
            state.move_contact(contact)


def _reindex_link(state: State, link_id: str) -> None:
    for contact in state.contacts.values():
        if contact.link_id == link_id:
            state.move_contact(contact)
    for agent in state.agents.values():
        if agent.link_id == link_id:
            state.reindex_agent(agent)


def _noted(state: State, event: ev.Event, now_ms: int, number: int) -> None:
    """An event that people should see and that changes no row."""


WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.PolicyLoaded: _policy_loaded,
    ev.WindowSet: _window_set,
    ev.LimitTurned: _limit_turned,
    ev.LineOpened: _line_opened,
    ev.LineClosed: _line_closed,
    ev.LendingSet: _lending_set,
    ev.CommandFailed: _command_failed,
    ev.LinkLost: _link_lost,
    ev.LinkRestored: _link_restored,
    ev.IslandBegan: _island_began,
    ev.AgentForced: _noted,
    ev.LateAnswer: _noted,
    ev.LateReport: _noted,
    ev.LinkReconciled: _noted,
    **apply_contacts.WRITERS,
    **apply_keeping.WRITERS,
    **apply_callback.WRITERS,
    **apply_offers.WRITERS,
    **apply_agents.WRITERS,
    **apply_strain.WRITERS,
    **apply_talk.WRITERS,
    **apply_consult.WRITERS,
    **apply_return.WRITERS,
    **apply_texts.WRITERS,
    **apply_trunks.WRITERS,
    **apply_islands.WRITERS,
    **apply_gateways.WRITERS,
}
"""One writer for each event."""
