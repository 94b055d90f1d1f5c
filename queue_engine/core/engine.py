"""The core as its driver sees it: commands in, records out, one moment per command."""

from __future__ import annotations

from typing import Final

from queue_engine.core import making
from queue_engine.core.commands import Command, PassTime
from queue_engine.core.decide import decide
from queue_engine.core.errors import Refused
from queue_engine.core.record import RULES_VERSION, Origin, Record
from queue_engine.core.state import State
from queue_engine.core.turn import Turn, Watch

_PASS_TIME: Final = PassTime()


class Engine:
    """Decides on commands over one state. No I/O, no clock."""

    def __init__(self, state: State | None = None, watch: Watch | None = None) -> None:
        self.state = state if state is not None else State()
        self._turn = Turn(self.state, watch)

    def next_deadline_ms(self) -> int | None:
        """When `pass_time` must be called at the latest."""
        return self.state.deadlines.next_ms()

    def pass_time(self, now_ms: int) -> Record | None:
        """Does what is due; None if nothing was."""
        deadlines = self.state.deadlines
        if now_ms < deadlines.earliest_ms or not deadlines.is_due(now_ms):
            return None
        return self.handle(_PASS_TIME, now_ms)

    def handle(self, command: Command, now_ms: int, origin: Origin | None = None) -> Record | None:
        """Decides on one command; None if nothing came of it.

        Whatever was due by `now_ms` must have been done by `pass_time` before.

        Args:
            origin: of a command that another node was given; `state.origins` says whether
                that has been decided already, and then it must not be again.

        Raises:
            Refused: the request cannot be carried out; the state has not changed.
        """
        state, turn = self.state, self._turn
        events = turn.begin(now_ms)
        try:
            decide(turn, command)
        except Refused:
            assert not events, (command, events)
            state.touched.clear()
            raise
        if not events:
            return None
        state.record_number = number = turn.number
        if origin is not None:
            state.origins.note(origin)
        return making.record(number, now_ms, RULES_VERSION, command, tuple(events), origin)
