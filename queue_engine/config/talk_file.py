"""`talks` of `config/national.yaml`: rules on talks and the work after them.

House rules: those of `national_file`, whose part this is.
"""

from __future__ import annotations

from typing import Final

from queue_engine.config.schema_parts import Schema, list_of, mapping, matching, time
from queue_engine.config.source import Item, Section
from queue_engine.core.codes import CODE
from routing.policy import MINUTE_MS, SECOND_MS
from routing.talk_policy import TalkPolicy

CODES_MAX: Final = 100
_DEFAULTS: Final = TalkPolicy()
_HOUR_MS: Final = 60 * MINUTE_MS


def read_talks(section: Section) -> TalkPolicy:
    """Reads the section."""
    return TalkPolicy(
        wrap_up_prolonged_ms_max=section.may("wrap_up_prolonged_max").duration_ms(
            _DEFAULTS.wrap_up_prolonged_ms_max, most_ms=_HOUR_MS
        ),
        hold_recall_ms=section.may("hold_recall").duration_ms(
            _DEFAULTS.hold_recall_ms, least_ms=SECOND_MS, most_ms=_HOUR_MS
        ),
        care_levels=_codes(section.may("care_levels")),
        urgencies=_codes(section.may("urgencies")),
        causes=_codes(section.may("causes")),
    )


def _codes(item: Item) -> tuple[str, ...]:
    given = item.items()
    if len(given) > CODES_MAX:
        item.fault(f"expected at most {CODES_MAX} codes, found {len(given)}")
    codes = [one.matching(CODE, "a code of a-z, 0-9, _ and -") for one in given[:CODES_MAX]]
    if len(set(codes)) != len(codes):
        item.fault("a code is given twice")
    return tuple(codes)


def talks_schema() -> Schema:
    """The section, as an editor is to check it."""
    code = matching(CODE, "A code such as self_care")
    return mapping(
        "Talks, and the work after them",
        {},
        {
            "wrap_up_prolonged_max": time("The longest wrap-up if more time is asked for; 0 s: no"),
            "hold_recall": time("An alarm when a caller has been on hold for so long, repeated"),
            "care_levels": list_of(code, "Where the caller is to go", most=CODES_MAX),
            "urgencies": list_of(code, "How soon", most=CODES_MAX),
            "causes": list_of(code, "Why the caller called", most=CODES_MAX),
        },
    )
