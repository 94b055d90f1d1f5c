"""What is special about a talk: a table of its own, beside the contact's.

A connected contact is ordinarily a talk of caller and agent, which is no state here. The agent may
put the caller on hold, and ask a colleague meanwhile: her phone rings (ASKING), the two talk
(CONSULTING), and then the caller is taken back, or taken over by the colleague, or they talk all
three (CONFERENCE). As long as a caller is held his agent is reminded of him.

    (none) -> HELD -> ASKING -> CONSULTING -> CONFERENCE -> (none)
    (none) <- HELD <- ASKING
              HELD <----------- CONSULTING
    (none) <------------------- CONSULTING

However the contact leaves the talk, the colleague is let go first, and a hold ends with it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from queue_engine.core import events as ev


class TalkState(StrEnum):
    """What is special about a contact's talk, if anything."""

    HELD = "held"
    """The caller is on hold."""
    ASKING = "asking"
    """And a colleague's phone rings."""
    CONSULTING = "consulting"
    """And the two agents talk."""
    CONFERENCE = "conference"
    """All three talk."""


_H, _A, _C, _T = TalkState.HELD, TalkState.ASKING, TalkState.CONSULTING, TalkState.CONFERENCE

ON_HOLD: Final = (_H, _A, _C)
WITH_COLLEAGUE: Final = (_A, _C, _T)
TALKS_TOO: Final = (_C, _T)
"""Where the colleague talks."""

TALK: Final[dict[TalkState | None, dict[type, TalkState | None]]] = {
    None: {ev.ContactHeld: _H},
    _H: {
        ev.ContactRetrieved: None,
        ev.ConsultOffered: _A,
        ev.ContactReturned: None,
        ev.ContactSentBack: None,
        ev.ContactTransferred: None,
        ev.ContactEnded: None,
    },
    _A: {ev.ConsultAnswered: _C, ev.ConsultEnded: _H},
    _C: {ev.ConferenceStarted: _T, ev.ContactHandedOver: None, ev.ConsultEnded: _H},
    _T: {ev.ContactHandedOver: None, ev.ConsultEnded: None},
}
