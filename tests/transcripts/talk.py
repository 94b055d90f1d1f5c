"""The stories' sentences about what an agent learns of a caller and does with him."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from queue_engine.core import commands as cmd
from queue_engine.core.state import State
from routing.vocabulary import AgentId, ContactId, RegionCode, UnitId
from tests.transcripts.words import Words

Ask = Callable[[State, Words], cmd.Command]


def _belongs(state: State, words: Words) -> cmd.Command:
    unit = UnitId(words["unit"]) if "unit" in words else None
    return cmd.CorrectHomeRegion(ContactId(words["contact"]), RegionCode(words["region"]), unit)


def _gives_back(state: State, words: Words) -> cmd.Command:
    return cmd.SendBack(AgentId(words["agent"]), ContactId(words["contact"]), words["reason"])


TALK: Final[tuple[tuple[str, Ask], ...]] = (
    (
        r"(?P<contact>\w+) turns out to belong to (?P<region>\w+)(?: unit (?P<unit>\w+))?",
        _belongs,
    ),
    (r"(?P<agent>\w+) gives (?P<contact>\w+) back: (?P<reason>.+)", _gives_back),
)
"""Each sentence with the command that it is."""
