"""Wrong versions of what becomes of callers who come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from queue_engine.core import (
    apply as applying,
    decide as deciding,
    decide_contacts,
    events as ev,
    overload,
    redial,
)
from queue_engine.core.commands import SetContactPriority
from queue_engine.core.contact import Contact
from queue_engine.core.state import State
from routing.vocabulary import Priority

Patch = pytest.MonkeyPatch


def misused_key_believed_again(patch: Patch) -> None:
    wrong = decide_contacts.set_contact_priority
    patch.setitem(deciding._DECIDERS, SetContactPriority, wrong)


def redials_continue_for_ever(patch: Patch) -> None:
    write = applying.WRITERS[ev.ContactEnqueued]

    def wrong(state: State, event: Any, now_ms: int, number: int) -> None:
        write(state, event, now_ms, number)
        if event.continues is not None:
            earlier = state.contacts[event.continues]
            earlier.is_continued = False
            state.returning.note(earlier)

    patch.setitem(applying.WRITERS, ev.ContactEnqueued, wrong)


def emergency_redialled_is_an_emergency(patch: Patch) -> None:
    taken_over = redial.taken_over

    def wrong(command: Any, arrived_ms: int, earlier: Contact | None) -> redial.TakenOver:
        taken = taken_over(command, arrived_ms, earlier)
        is_emergency = earlier is not None and earlier.priority is Priority.EMERGENCY
        return taken._replace(priority=Priority.EMERGENCY) if is_emergency else taken

    patch.setattr(redial, "taken_over", wrong)


def redial_takes_a_new_place(patch: Patch) -> None:
    taken_over = redial.taken_over

    def wrong(command: Any, arrived_ms: int, earlier: Contact | None) -> redial.TakenOver:
        return taken_over(command, arrived_ms, earlier)._replace(arrived_ms=arrived_ms)

    patch.setattr(redial, "taken_over", wrong)


def switchboards_are_callers(patch: Patch) -> None:
    continued_by = redial.continued_by

    def wrong(state: State, command: Any, now_ms: int) -> Contact | None:
        return continued_by(state, replace(command, is_shared_number=False), now_ms)

    patch.setattr(redial, "continued_by", wrong)


def repeat_callers_not_raised(patch: Patch) -> None:
    patch.setattr(redial, "is_repeat_caller", lambda state, command, now_ms: False)


def whoever_pressed_nothing_is_refused(patch: Patch) -> None:
    why_refused = overload.why_refused

    def wrong(state: State, command: Any) -> Any:
        return why_refused(state, replace(command, has_chosen=True))

    patch.setattr(overload, "why_refused", wrong)


def the_pressing_are_refused(patch: Patch) -> None:
    why_refused = overload.why_refused

    def wrong(state: State, command: Any) -> Any:
        return why_refused(state, replace(command, priority=Priority.NON_MEDICAL))

    patch.setattr(overload, "why_refused", wrong)


def questions_of_health_are_refused_first(patch: Patch) -> None:
    why_refused = overload.why_refused

    def wrong(state: State, command: Any) -> Any:
        is_medical = command.priority is not Priority.NON_MEDICAL
        turned = Priority.NON_MEDICAL if is_medical else Priority.STANDARD
        return why_refused(state, replace(command, priority=turned))

    patch.setattr(overload, "why_refused", wrong)


MUTANTS: Final[dict[Callable[[Patch], None], str]] = {
    misused_key_believed_again: "story emergency_misused",
    redials_continue_for_ever: "story redial",
    emergency_redialled_is_an_emergency: "story redial",
    redial_takes_a_new_place: "story redial",
    whoever_pressed_nothing_is_refused: "story overload",
    the_pressing_are_refused: "story overload",
    questions_of_health_are_refused_first: "story overload",
    switchboards_are_callers: "story redial",
    repeat_callers_not_raised: "story repeat_caller",
}
