"""Deciding again: the same commands on the same states, and what is decided otherwise. Pure.

Within one version of the rules nothing is; across versions the differences are what has changed.
Each command is decided on the state that the journal gives, whatever came out of those before it,
so that one difference does not make a hundred.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from queue_engine.core.apply import fold
from queue_engine.core.engine import Engine
from queue_engine.core.errors import Refused
from queue_engine.core.events import CommandFailed, Event
from queue_engine.core.record import Record
from queue_engine.core.snapshot import read_snapshot, write_snapshot
from queue_engine.core.state import State


@dataclass(frozen=True, slots=True)
class Difference:
    """One command of which something else comes now."""

    record: Record
    """As it was journaled."""
    decided: tuple[Event, ...]
    """What is decided now."""
    stopped: str = ""
    """Why nothing is decided now: refused, or failed at; empty: something is."""


class Redecider:
    """Goes through a journal's records, deciding each anew.

    Args:
        state: before the first of them; changed by going on.
    """

    def __init__(self, state: State) -> None:
        self._journaled = state
        self._engine = Engine(_copy(state))

    @property
    def state(self) -> State:
        """As the journal has it after the last record."""
        return self._journaled

    def step(self, record: Record) -> Difference | None:
        """Decides the next record's command; None: all is as it was.

        Raises:
            AssertionError, LookupError, BadInput: the record does not follow from those before it.
        """
        found = self._decide(record)
        self._engine.next_deadline_ms()  # as its driver asks: what has been cleared is let go of
        fold(self._journaled, record)
        if found is not None:
            self._engine = Engine(_copy(self._journaled))
        return found

    def _decide(self, record: Record) -> Difference | None:
        try:
            again = self._engine.handle(record.command, record.at_ms, record.origin)
        except Refused as refused:
            return Difference(record, (), f"refused: {refused}")
        except Exception as fault:  # noqa: BLE001  whatever it fails with is what is told
            return Difference(record, (), f"failed: {type(fault).__name__}")
        decided = () if again is None else again.events
        if _comparable(decided) == _comparable(record.events):
            return None
        return Difference(record, decided)


def _comparable(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """A digest names a form of the snapshot besides the state: it decides nothing."""
    return tuple(
        replace(event, digest="") if isinstance(event, CommandFailed) else event for event in events
    )


def _copy(state: State) -> State:
    return read_snapshot(write_snapshot(state))
