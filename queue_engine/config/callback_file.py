"""`callbacks` of `config/national.yaml`: rules on callers who are rung back.

House rules: those of `national_file`, whose part this is.
"""

from __future__ import annotations

from typing import Final

from queue_engine.config.schema_parts import Schema, list_of, mapping, time
from queue_engine.config.source import Item, Section
from routing.callback_policy import CALLBACK_TRIES_MAX, CALLBACK_WITHIN_MS_MAX, CallbackPolicy
from routing.policy import MINUTE_MS, SECOND_MS

_DEFAULTS: Final = CallbackPolicy()
_DIAL_MS_MAX: Final = 5 * MINUTE_MS
_HOUR_MS: Final = 60 * MINUTE_MS


def read_callbacks(section: Section) -> CallbackPolicy:
    """Reads the section; left out, nobody is rung back."""
    return CallbackPolicy(
        within_ms=section.may("within").duration_ms(
            _DEFAULTS.within_ms, most_ms=CALLBACK_WITHIN_MS_MAX
        ),
        dial_ms=section.may("dial").duration_ms(
            _DEFAULTS.dial_ms, least_ms=SECOND_MS, most_ms=_DIAL_MS_MAX
        ),
        retry_after_ms=_retries(section.may("retry_after")),
    )


def _retries(item: Item) -> tuple[int, ...]:
    if not item.is_given:
        return _DEFAULTS.retry_after_ms
    given = item.items()
    if len(given) >= CALLBACK_TRIES_MAX:
        item.fault(f"expected at most {CALLBACK_TRIES_MAX - 1} times, found {len(given)}")
    return tuple(
        one.duration_ms(least_ms=SECOND_MS, most_ms=_HOUR_MS)
        for one in given[: CALLBACK_TRIES_MAX - 1]
    )


def callbacks_schema() -> Schema:
    """The section, as an editor is to check it."""
    return mapping(
        "Callers who are rung back instead of waiting on the line",
        {},
        {
            "within": time("So soon is who asks for it promised an answer; 0 s: nobody is"),
            "dial": time("So long his phone rings at most, until he has pressed the key"),
            "retry_after": list_of(
                time("A time such as 5 min"),
                "How long he rests after each time in vain; after one more he gets a text message",
                most=CALLBACK_TRIES_MAX - 1,
            ),
        },
    )
