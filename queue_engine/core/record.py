"""One command with the events it gave: the unit of the journal."""

from __future__ import annotations

from typing import Final

from queue_engine.core.commands import Command
from queue_engine.core.events import Event
from queue_engine.core.message import message

RULES_VERSION: Final = 2
"""Counts up whenever `decide` may give other events for the same commands."""


@message
class Record:
    """What was asked or seen at `at_ms`, and what followed from it."""

    number: int
    """1 for the first; no gaps."""
    at_ms: int
    rules_version: int
    command: Command
    events: tuple[Event, ...]
