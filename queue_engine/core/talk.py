"""What is special about a talk: a table of its own, beside the contact's.

A connected contact is ordinarily a talk of caller and agent, which is no state here. The agent may
put the caller on hold, and take him back; while he is held she is reminded of him. However the
contact leaves the talk, a hold ends with it.

    (none) -> HELD -> (none)
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from queue_engine.core import events as ev


class TalkState(StrEnum):
    """What is special about a contact's talk, if anything."""

    HELD = "held"
    """The caller is on hold."""


TALK: Final[dict[TalkState | None, dict[type, TalkState | None]]] = {
    None: {ev.ContactHeld: TalkState.HELD},
    TalkState.HELD: {
        ev.ContactRetrieved: None,
        ev.ContactReturned: None,
        ev.ContactSentBack: None,
        ev.ContactTransferred: None,
        ev.ContactEnded: None,
    },
}
