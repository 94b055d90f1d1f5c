"""Who calls, in the order of their coming: drawn by a seed, or read from a file of calls.

All of a caller is drawn on arrival from streams of the home region, so that the same people call
whatever the policy and the staff (common random numbers).
"""

from __future__ import annotations

import heapq
from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from typing import Final, NamedTuple

from routing.vocabulary import RegionCode
from simulations.draws import Draws
from simulations.scenario.calendar import ScenarioCalendar
from simulations.scenario.model import (
    DAY_MS,
    HOUR_MS,
    CallerKind,
    End,
    RegionPlan,
    Scenario,
    Shock,
    figure_at,
    step_ms,
)

_TIME_MAX_MS: Final = 1_000 * 366 * 24 * HOUR_MS


class Call(NamedTuple):
    """One call, with all that will be so of it."""

    arrived_ms: int
    region: RegionCode
    kind: CallerKind
    handling_ms: int
    patience_ms: int | None
    menu_ms: int
    redials_after_ms: int | None
    """After giving up; None: that caller does not call again."""
    callback_after_ms: int | None = None
    """In the queue: then he asks to be rung back, if he is told to wait long enough; None: never.
    """
    id_in_file: str = ""
    """What a file of calls names it."""


def calls(scenario: Scenario, seed: int) -> Iterator[Call]:
    """All calls of one seed, by arrival; of one moment those of the first region first."""
    until_ms = scenario.length.amount if scenario.length.end is End.TIME else _TIME_MAX_MS
    streams = [
        _of_region(scenario, index, region, seed, until_ms)
        for index, region in enumerate(scenario.regions)
        if any(region.calls_per_hour)
    ]
    # No two streams have the same index, so no calls are compared.
    merged = (call for _, _, call in heapq.merge(*streams))
    if scenario.length.end is End.CALLS:
        return islice(merged, scenario.length.amount)
    return merged


_Placed = tuple[int, int, Call]


def _of_region(
    scenario: Scenario, index: int, region: RegionPlan, seed: int, until_ms: int
) -> Iterator[_Placed]:
    people = Draws(seed, f"callers/{region.code}")
    kinds = scenario.kinds_of(region)
    upper = list(accumulate(kind.weight for kind in kinds))
    only = kinds[0] if len(kinds) == 1 else None
    shocks = tuple(
        each for each in scenario.shocks if region.code in (each.regions or (region.code,))
    )
    for at_ms in _moments(region, scenario.calendar, shocks, seed, until_ms):
        kind = only or kinds[bisect(upper, people.unit() * upper[-1])]
        yield at_ms, index, draw_call(people, at_ms, region.code, kind)


def draw_kind(people: Draws, kinds: Sequence[CallerKind]) -> CallerKind:
    """One of a region's kinds, by their weights."""
    if len(kinds) == 1:
        return kinds[0]
    upper = list(accumulate(kind.weight for kind in kinds))
    return kinds[bisect(upper, people.unit() * upper[-1])]


def draw_call(people: Draws, at_ms: int, region: RegionCode, kind: CallerKind) -> Call:
    """A call of this kind, the rest drawn."""
    handling_ms = people.duration_ms(kind.handling)
    patience_ms = people.duration_ms(kind.patience) if kind.patience is not None else None
    redials = kind.redials > 0 and people.chance(kind.redials)
    after_ms = people.duration_ms(kind.redial_after) if redials else None
    menu_ms = people.duration_ms(kind.menu)
    takes = kind.callback.share > 0 and people.chance(kind.callback.share)
    asks_ms = people.duration_ms(kind.callback.after) if takes else None
    return Call(at_ms, region, kind, handling_ms, patience_ms, menu_ms, after_ms, asks_ms)


def _moments(
    region: RegionPlan,
    calendar: ScenarioCalendar,
    shocks: tuple[Shock, ...],
    seed: int,
    until_ms: int,
) -> Iterator[int]:
    """Independent calls (Poisson), at a rate that is constant between changes.

    Unit exponentials are used up by what is expected in each piece, so that a change of the rates
    moves the calls and draws no others.
    """
    gaps = Draws(seed, f"arrivals/{region.code}")
    left = gaps.exponential(1.0)
    for begins_ms, ends_ms, per_ms in _pieces(region, calendar, shocks, until_ms):
        at = float(begins_ms)
        while per_ms > 0:
            need = left / per_ms
            if at + need >= ends_ms:
                left -= (ends_ms - at) * per_ms
                break
            at += need
            yield int(at)
            left = gaps.exponential(1.0)


def _pieces(
    region: RegionPlan, calendar: ScenarioCalendar, shocks: tuple[Shock, ...], until_ms: int
) -> Iterator[tuple[int, int, float]]:
    """From when until when how many calls come in a millisecond."""
    edges = sorted({edge for shock in shocks for edge in (shock.from_ms, shock.to_ms)})
    begins_ms = 0
    profile = region.calls_per_hour
    lasts_ms = step_ms(profile)
    if len(profile) == 1:
        lasts_ms = until_ms if calendar.starts is None else DAY_MS
    while begins_ms < until_ms:
        ends_ms = min(begins_ms // lasts_ms * lasts_ms + lasts_ms, until_ms)
        ends_ms = min((edge for edge in edges if begins_ms < edge < ends_ms), default=ends_ms)
        times = calendar.times(begins_ms)
        for shock in shocks:
            if shock.from_ms <= begins_ms < shock.to_ms:
                times *= shock.times
        yield begins_ms, ends_ms, figure_at(profile, calendar.like_ms(begins_ms)) * times / HOUR_MS
        begins_ms = ends_ms
