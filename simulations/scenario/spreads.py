"""How durations spread, as a scenario writes them.

`8 min` is always that; `{exponential: 8 min}`, `{lognormal: 8 min, cv: 0.8}`,
`{gamma: 8 min, cv: 0.5}` have that mean; `{mix: [{share: 25 %, exponential: 4 min}, ...]}` is each
so often; `{values: [90 s, 3 min]}` one of these. `never`, for patience, is nobody gives up.
"""

from __future__ import annotations

from typing import Final

from queue_engine.config.source import Item, Section
from simulations.draws import Shape, Spread, spread_lognormal, spread_mix, spread_values

SPREAD_MS_MAX: Final = 10**12
_WHAT: Final = 'a time such as "8 min", {exponential: 8 min}, {lognormal: 8 min, cv: 0.8}, ...'
_KINDS: Final = ("exponential", "lognormal", "gamma", "fixed", "mix", "values")


def read_patience(item: Item) -> Spread | None:
    """As `read_spread`, or `never`."""
    return None if item.is_word("never") else read_spread(item)


def read_spread(item: Item) -> Spread:
    """A duration that may differ from time to time."""
    if not item.is_mapping:
        return Spread(Shape.FIXED, item.duration_ms(most_ms=SPREAD_MS_MAX, what=_WHAT))
    return _of_section(item, item.section())


def _of_section(item: Item, section: Section) -> Spread:
    given = [kind for kind in _KINDS if section.has(kind)]
    if len(given) != 1:
        section.fault(f"expected one of {', '.join(_KINDS)}")
        for kind in given:
            section.may(kind)
        section.may("cv")
        return Spread(Shape.FIXED, 0)
    kind = given[0]
    value = section.may(kind)
    match kind:
        case "mix":
            return _mix(value)
        case "values":
            values = [each.duration_ms(most_ms=SPREAD_MS_MAX) for each in value.items()]
            if not values:
                value.expected("a list of times")
            return spread_values(values or [0])
    mean_ms = value.duration_ms(most_ms=SPREAD_MS_MAX)
    match kind:
        case "exponential":
            return Spread(Shape.EXPONENTIAL, mean_ms)
        case "lognormal":
            return spread_lognormal(mean_ms, section.need("cv").decimal(least=0.001, most=100.0))
        case "gamma":
            variation = section.need("cv").decimal(1.0, least=0.01, most=10.0)
            return Spread(Shape.GAMMA, mean_ms, variation)
        case _:
            return Spread(Shape.FIXED, mean_ms)


def _mix(item: Item) -> Spread:
    parts = []
    for section in item.sections():
        weight = section.need("share").share_permille() / 1000
        parts.append((_of_section(item, section), weight))
    if not parts or not any(weight for _, weight in parts):
        item.expected("a list of parts, each with its share")
        return Spread(Shape.FIXED, 0)
    return spread_mix(parts)
