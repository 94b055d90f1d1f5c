"""Values of every message class, built from its own type hints."""

from __future__ import annotations

import dataclasses
from typing import Any, get_args

from hypothesis import strategies as st

from queue_engine.core.commands import Command, Report, Request
from queue_engine.core.events import Event
from queue_engine.core.record import Record
from routing.vocabulary import SKILL_LEVEL_BEST, SKILL_LEVEL_MIN

COMMANDS: tuple[type[Any], ...] = get_args(Command)
REQUESTS: tuple[type[Any], ...] = get_args(Request)
REPORTS: tuple[type[Any], ...] = get_args(Report)
EVENTS: tuple[type[Any], ...] = get_args(Event)
LEVELS = st.integers(SKILL_LEVEL_BEST, SKILL_LEVEL_MIN)


def values_of(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of this class, with and without its defaults."""
    with_all = {field.name: ... for field in dataclasses.fields(kind)}
    return st.builds(kind, **with_all)


def records() -> st.SearchStrategy[Record]:
    """Any record at all."""
    commands = st.one_of([values_of(kind) for kind in COMMANDS])
    events = st.one_of([values_of(kind) for kind in EVENTS])
    return st.builds(Record, command=commands, events=st.lists(events, max_size=3).map(tuple))
