"""When people call: independent calls (Poisson) at a rate that each hour of each day has.

House rules: an hour's calls hang on the seed, the region and the hour alone. Whoever begins in the
middle of an hour finds those of the rest of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from queue_engine.runtime.swedish_days import sweden
from routing.policy import MINUTE_MS
from simulations.crowd.rota import Inhabited
from simulations.draws import Draws
from simulations.volumes import calls_on, kind_of

HOUR_MS: Final = 60 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call to come."""

    at_ms: int
    name: str
    """Of the caller's stream of chance."""


def calls_expected(region: Inhabited, hour: int, load: float) -> float:
    """In this hour, counted from 1970."""
    local = datetime.fromtimestamp(hour * HOUR_MS / 1000, sweden())
    return calls_on(kind_of(local.date()), region.population, load)[local.hour]


def arrivals(region: Inhabited, seed: int, from_ms: int, load: float) -> Iterator[Arrival]:
    """All calls of a region from a moment on, in order, without end."""
    hour = from_ms // HOUR_MS
    while True:
        for arrival in _of_hour(region, seed, hour, load):
            if arrival.at_ms >= from_ms:
                yield arrival
        hour += 1


def _of_hour(region: Inhabited, seed: int, hour: int, load: float) -> Iterator[Arrival]:
    expected = calls_expected(region, hour, load)
    if not expected:
        return
    gaps = Draws(seed, f"arrivals/{region.code}/{hour}")
    at = gaps.exponential(HOUR_MS / expected)
    number = 0
    while at < HOUR_MS:
        number += 1
        yield Arrival(hour * HOUR_MS + int(at), f"callers/{region.code}/{hour}/{number}")
        at += gaps.exponential(HOUR_MS / expected)
