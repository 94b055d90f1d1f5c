"""JSON Schema of what a region lends; see `schema_region`."""

from __future__ import annotations

from queue_engine.config.lend_file import PARTS_MAX
from queue_engine.config.schema_parts import (
    Schema,
    either,
    list_of,
    mapping,
    matching,
    name,
    time,
    whole,
)
from queue_engine.config.source import PERCENT


def lend_schema() -> Schema:
    """`lend` in `regions/NN.yaml`."""
    reserve = either(
        "What stays at home: a number of nurses, or a share of those signed on",
        whole("Nurses", most=1_000),
        _share('Such as "20 %"'),
        _fraction(),
    )
    part = mapping(
        "What stays at home for a service, a language, or a service in a language",
        {"reserve": reserve},
        {"service": name("A service"), "language": name("A language")},
        anyOf=[{"required": ["service"]}, {"required": ["language"]}],
    )
    own_wait = mapping(
        "Nobody is lent in a service and language in which an own caller has waited so long",
        {"above": time("Stops above this"), "below": time("Goes on below this, which is less")},
    )
    balance = mapping(
        "Nobody is lent while so much more was given than taken, of the time of own nurses",
        {
            "above": either("Stops above this", _share('Such as "15 %"'), _fraction()),
            "below": either("Goes on below this", _share('Such as "10 %"'), _fraction()),
            "window": time("Over how long: whole quarters of an hour"),
        },
    )
    return mapping(
        "What it lends to others",
        {},
        {
            "reserve": reserve,
            "reserves": list_of(part, "Instead, the first that fits", most=PARTS_MAX),
            "own_wait": own_wait,
            "balance": balance,
        },
    )


def _share(description: str) -> Schema:
    return matching(PERCENT, description)


def _fraction() -> Schema:
    return {"type": "number", "minimum": 0, "maximum": 1}
