"""Wrong versions of what happens in a talk; see `mutants`."""

from __future__ import annotations

from typing import Any, Final

import pytest

from queue_engine.core import apply_talk, decide_talk, events as ev
from queue_engine.core.apply import WRITERS
from queue_engine.core.state import State

Patch = pytest.MonkeyPatch


def place_lost_when_given_back(patch: Patch) -> None:
    def wrong(state: State, event: Any, now_ms: int, number: int) -> None:
        row = state.contacts[event.contact_id]
        row.arrived_ms = now_ms
        apply_talk._sent_back(state, event, now_ms, number)
        state.reindex_contact(row)

    patch.setitem(WRITERS, ev.ContactSentBack, wrong)


def asked_first_who_gave_it_back(patch: Patch) -> None:
    patch.setattr(apply_talk, "pass_over", lambda state, contact, agent_id, now_ms: None)


def given_back_by_anybody(patch: Patch) -> None:
    patch.setattr(
        decide_talk, "talk_of", lambda turn, agent_id, contact_id: turn.state.contacts[contact_id]
    )


MUTANTS: Final = {
    place_lost_when_given_back: "stories",
    asked_first_who_gave_it_back: "auditor",
    given_back_by_anybody: "invariants",
}
