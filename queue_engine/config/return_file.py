"""`coming_back` of `config/national.yaml`: rules on callers who come back.

House rules: those of `national_file`, whose part this is.
"""

from __future__ import annotations

from typing import Final

from queue_engine.config.schema_parts import Schema, choice, mapping, time, whole
from queue_engine.config.source import Item, Section
from routing.return_policy import REDIAL_MS_MAX, REPEAT_CALLS_MAX, REPEAT_MS_MAX, ReturnPolicy
from routing.vocabulary import Priority

_DEFAULTS: Final = ReturnPolicy()
_NO_EMERGENCY: Final = tuple(each for each in Priority if each is not Priority.EMERGENCY)


def read_returns(section: Section) -> ReturnPolicy:
    """Reads the section."""
    return ReturnPolicy(
        misuse_priority=_misuse_priority(section.may("misused_emergency")),
        redial_within_ms=section.may("redial_within").duration_ms(
            _DEFAULTS.redial_within_ms, most_ms=REDIAL_MS_MAX
        ),
        repeat_calls=_repeat_calls(section.may("repeat_calls")),
        repeat_within_ms=section.may("repeat_within").duration_ms(
            _DEFAULTS.repeat_within_ms, least_ms=1_000, most_ms=REPEAT_MS_MAX
        ),
    )


def _misuse_priority(item: Item) -> Priority:
    priority = item.choice(Priority, _DEFAULTS.misuse_priority)
    if priority is Priority.EMERGENCY:
        item.fault("what is no emergency needs another priority")
    return priority


def _repeat_calls(item: Item) -> int:
    return item.whole(_DEFAULTS.repeat_calls, least=2, most=REPEAT_CALLS_MAX)


def returns_schema() -> Schema:
    """The section, as an editor is to check it."""
    return mapping(
        "Callers who come back",
        {},
        {
            "misused_emergency": choice(
                _NO_EMERGENCY, "Of an emergency that was none, unless the nurse gives another"
            ),
            "redial_within": time("Who rings again so soon after a lost call keeps his place"),
            "repeat_calls": whole(
                "So many calls of one caller make him a repeat caller, who is raised",
                least=2,
                most=REPEAT_CALLS_MAX,
            ),
            "repeat_within": time("So long calls are counted"),
        },
    )
