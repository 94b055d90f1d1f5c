"""`coming_back` of `config/national.yaml`: rules on callers who come back.

House rules: those of `national_file`, whose part this is.
"""

from __future__ import annotations

from typing import Final

from queue_engine.config.schema_parts import Schema, choice, mapping
from queue_engine.config.source import Item, Section
from routing.return_policy import ReturnPolicy
from routing.vocabulary import Priority

_DEFAULTS: Final = ReturnPolicy()
_NO_EMERGENCY: Final = tuple(each for each in Priority if each is not Priority.EMERGENCY)


def read_returns(section: Section) -> ReturnPolicy:
    """Reads the section."""
    return ReturnPolicy(misuse_priority=_misuse_priority(section.may("misused_emergency")))


def _misuse_priority(item: Item) -> Priority:
    priority = item.choice(Priority, _DEFAULTS.misuse_priority)
    if priority is Priority.EMERGENCY:
        item.fault("what is no emergency needs another priority")
    return priority


def returns_schema() -> Schema:
    """The section, as an editor is to check it."""
    return mapping(
        "Callers who come back",
        {},
        {
            "misused_emergency": choice(
                _NO_EMERGENCY, "Of an emergency that was none, unless the nurse gives another"
            ),
        },
    )
