"""Wrong versions of what becomes of callers who are to be rung back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from queue_engine.core import (
    apply as applying,
    decide_callback,
    decide_contacts,
    decide_switch,
    events as ev,
    settle,
)
from queue_engine.core.apply_contacts import set_deadlines
from queue_engine.core.callback import CallbackState
from queue_engine.core.contact import Contact
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.decide_contacts import end, not_ready
from queue_engine.core.promise import promise
from queue_engine.core.state import State
from queue_engine.core.turn import Turn
from routing.vocabulary import AgentId, ContactId, NotReadyReason, Outcome

Patch = pytest.MonkeyPatch


def whoever_asked_and_hangs_up_has_abandoned(patch: Patch) -> None:
    def wrong(turn: Turn, contact: Contact) -> None:
        if contact.callback is CallbackState.PROMISED:
            turn.emit(ev.CallbackAwaited(contact.contact_id))
            end(turn, contact, Outcome.ABANDONED)

    patch.setattr(decide_switch, "caller_left", wrong)


def callbacks_go_to_the_back(patch: Patch) -> None:
    write = applying.WRITERS[ev.CallbackAwaited]

    def wrong(state: State, event: Any, now_ms: int, number: int) -> None:
        row = state.contacts[event.contact_id]
        row.arrived_ms = now_ms
        write(state, event, now_ms, number)
        set_deadlines(state, row)

    patch.setitem(applying.WRITERS, ev.CallbackAwaited, wrong)


def rung_without_end(patch: Patch) -> None:
    patch.setattr(decide_callback, "_rest_ms", lambda turn, contact: 60_000)


def nurse_pays_for_whom_she_rang(patch: Patch) -> None:
    def wrong(turn: Turn, agent_id: AgentId) -> None:
        not_ready(turn, agent_id, NotReadyReason.NO_ANSWER)

    patch.setattr(decide_callback, "sign_off_if_free", wrong)


def emergencies_are_rung_back(patch: Patch) -> None:
    for module in (decide_callback, decide_contacts):
        patch.setattr(module, "require_promisable", lambda state, priority: None)


def an_emergency_stops_the_ringing(patch: Patch) -> None:
    class Wrong:
        DIALLED = object()

    patch.setattr(settle, "CallbackState", Wrong)


def rings_again_and_is_rung_as_well(patch: Patch) -> None:
    def wrong(turn: Turn, contact: Contact, outcome: Outcome, *args: Any, **more: Any) -> None:
        if outcome is not Outcome.CONTINUED:
            end(turn, contact, outcome, *args, **more)

    patch.setattr(decide_contacts, "end", wrong)


def whoever_rings_again_loses_the_promise(patch: Patch) -> None:
    def wrong(turn: Turn, contact_id: ContactId, until_ms: int | None = None) -> None:
        if until_ms is None:
            promise(turn, contact_id)

    patch.setattr(decide_contacts, "promise", wrong)


def broken_promises_go_unnoticed(patch: Patch) -> None:
    write = applying.WRITERS[ev.CallbackPromised]

    def wrong(state: State, event: Any, now_ms: int, number: int) -> None:
        write(state, event, now_ms, number)
        state.deadlines.clear(DeadlineKind.PROMISE, event.contact_id)

    patch.setitem(applying.WRITERS, ev.CallbackPromised, wrong)


def only_his_own_switch_rings_back(patch: Patch) -> None:
    patch.setattr(Contact, "switch", property(lambda contact: contact.link_id))


MUTANTS: Final[dict[Callable[[Patch], None], str]] = {
    whoever_asked_and_hangs_up_has_abandoned: "callbacks",
    callbacks_go_to_the_back: "callbacks",
    rung_without_end: "story callback",
    nurse_pays_for_whom_she_rang: "story callback",
    emergencies_are_rung_back: "callbacks",
    an_emergency_stops_the_ringing: "story callback",
    rings_again_and_is_rung_as_well: "callbacks",
    whoever_rings_again_loses_the_promise: "callbacks",
    broken_promises_go_unnoticed: "callbacks",
    only_his_own_switch_rings_back: "callbacks",
}
