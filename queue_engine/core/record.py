"""One command with the events it gave: the unit of the journal."""

from __future__ import annotations

from typing import Final

from queue_engine.core.commands import Command
from queue_engine.core.events import Event
from queue_engine.core.message import message

RULES_VERSION: Final = 3
"""Counts up whenever `decide` may give other events for the same commands."""


@message
class Origin:
    """Which command of which node: each start of a node counts its own."""

    start: str
    """The node's start: no other node, nor its own next start, has this name."""
    count: int
    """From 1 on."""


@message
class Record:
    """What was asked or seen at `at_ms`, and what followed from it."""

    number: int
    """1 for the first; no gaps."""
    at_ms: int
    rules_version: int
    command: Command
    events: tuple[Event, ...]
    origin: Origin | None = None
    """Of a command that another node was given than the one that decided; it is decided once."""
