"""Arrivals that vary by the hour, with nurses enough for all of them (M_t/G/infinity).

`profile` is `national.json calls_per_hour[24:36], start empty at Tuesday 00:00`, hours of the week
from the first up to the second, or the calls of each hour. Hours in names of figures
(`busy_at_8.5h`) are of the week, if all of them lie in the interval; else from its beginning.
"""

from __future__ import annotations

import math
import re
from typing import Final, NamedTuple

from queue_engine.core.errors import BadInput
from simulations.reference.case_models import HOUR_MS, Body
from simulations.reference.case_params import Given, Part, mean_of, number_written, written

WEEK_HOURS: Final = 168
_MODEL: Final = re.compile(r"m(?:_?t|\(t\))/(?P<service>[mgd])/(?P<nurses>infinity|inf|n|\d+).*")
_PROFILE: Final = re.compile(
    r"(?:national\.json )?calls_per_hour ?\[(\d+):(\d+)\](?:,? ?start(?:ing)? empty(?: at .*)?)?",
    re.IGNORECASE,
)
_BUSY_AT: Final = re.compile(r"busy_at_([\d.]+)h")
_UNLIMITED: Final = ("unlimited", "infinite", "infinity", "inf")
_MINUTES: Final = 30
"""The course of the day is looked at so often, unless a figure is of a moment between."""


class Morning(NamedTuple):
    """A run of some hours."""

    body: Body
    begins_hour: int
    """What a figure's hour is counted from."""


def is_morning(model: str) -> bool:
    """Whether its arrivals vary."""
    return _MODEL.fullmatch(model.strip().lower()) is not None


def morning_of(given: Given, figures: tuple[str, ...], hourly: tuple[float, ...]) -> Morning:
    """The hours as a scenario that begins with the first of them, empty.

    Args:
        figures: that are expected.
        hourly: calls of the nation by the hour of the week.

    Raises:
        BadInput: something in it is not known here.
    """
    given.unit = given.unit or "s"  # as the nation has it
    first, rates = _rates(given, hourly)
    name = given.need("service")
    handling = given.spread(name, given.maybe(name))
    unit_ms = given.unit_ms
    hours = [float(found[1]) for figure in figures if (found := _BUSY_AT.fullmatch(figure))]
    begins = first if hours and all(first <= hour <= first + len(rates) for hour in hours) else 0
    minutes = math.gcd(_MINUTES, *(round((hour - begins) * 60) for hour in hours))
    # One hour more, in which nobody calls: the last moment of the interval is looked at too.
    length = min(len(rates) + 1, WEEK_HOURS)
    week = ", ".join(map(number_written, (*rates, *[0.0] * (WEEK_HOURS - len(rates)))))
    yaml = (
        f"length: {length} h\ninterval: {minutes} min\n"
        f"callers:\n  handling: {written(handling, unit_ms)}\nregions:\n  nation:\n"
        f"    calls_per_hour: [{week}]\n"
        f"    nurses: {_nurses(given, handling, unit_ms, max(rates))}\n"
    )
    return Morning(Body(yaml, unit_ms), begins)


def _rates(given: Given, hourly: tuple[float, ...]) -> tuple[int, list[float]]:
    """The first hour, and the calls of each."""
    profile = given.maybe("profile")
    if isinstance(profile, list):
        first, rates = 0, given.rates("profile")
    else:
        found = _PROFILE.fullmatch(given.text("profile"))
        if found is None:
            raise given.fault(
                "profile", '"national.json calls_per_hour[0:12]", or calls by the hour'
            )
        if not hourly:
            raise BadInput("arrivals by the hour need the nation's calls: --hourly national.json")
        first, last = int(found[1]), int(found[2])
        rates = [hourly[hour % len(hourly)] for hour in range(first, last)]
    if not 1 <= len(rates) <= WEEK_HOURS:
        raise given.fault("profile", f"1 to {WEEK_HOURS} hours")
    return first, rates


def _nurses(given: Given, handling: list[Part], unit_ms: float, calls_per_hour: float) -> int:
    """So many that nobody waits: how many are busy is Poisson, with at most this mean."""
    servers = given.maybe("servers")
    if servers is None or (isinstance(servers, str) and servers.lower() in _UNLIMITED):
        busy = calls_per_hour * mean_of(handling) * unit_ms / HOUR_MS
        return math.ceil(busy + 10 * math.sqrt(busy) + 20)
    return given.whole("servers", 1)
