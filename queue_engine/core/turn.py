"""One command's turn: the state as it is, the moment, and the events so far.

`emit` applies an event at once, so that what is decided later in the same turn sees it.
"""

from __future__ import annotations

from queue_engine.core.apply import WRITERS, Watch as Watch
from queue_engine.core.events import Event
from queue_engine.core.state import State


class Turn:
    """Handed to every deciding function. An engine has one, and each command begins it anew."""

    __slots__ = ("_watch", "events", "now_ms", "number", "state")

    def __init__(self, state: State, watch: Watch | None = None) -> None:
        self.state = state
        self._watch = watch
        self.now_ms = self.number = 0
        self.events: list[Event] = []

    def begin(self, now_ms: int) -> list[Event]:
        """One command's turn, at this moment; gives the list of what its events will be."""
        state = self.state
        assert now_ms >= state.now_ms, (now_ms, state.now_ms)
        self.now_ms = now_ms
        self.number = state.record_number + 1  # of the record that it will be
        events = self.events = []
        return events

    def emit(self, event: Event) -> None:
        """The event has happened."""
        state, now_ms = self.state, self.now_ms
        if self._watch is not None:
            self._watch(state, event)
        state.now_ms = now_ms
        WRITERS[type(event)](state, event, now_ms, self.number)
        self.events.append(event)
