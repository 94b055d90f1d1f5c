"""The stories' sentences about what an agent asks for while she talks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from queue_engine.core import commands as cmd
from queue_engine.core.state import State
from routing.vocabulary import AgentId, ContactId
from tests.transcripts.words import Words

Ask = Callable[[State, Words], cmd.Command]


def _gives_back(state: State, words: Words) -> cmd.Command:
    return cmd.SendBack(AgentId(words["agent"]), ContactId(words["contact"]), words["reason"])


TALK: Final[tuple[tuple[str, Ask], ...]] = (
    (r"(?P<agent>\w+) gives (?P<contact>\w+) back: (?P<reason>.+)", _gives_back),
)
"""Each sentence with the command that it is."""
