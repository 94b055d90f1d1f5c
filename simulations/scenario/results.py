"""What is told of a run: the same figures for each region, kind and priority, and for all.

House rules: plain values only, in a fixed order, so that equal runs give equal bytes. Shares are of
all calls offered; `answered_within` counts the answered alone, `waited_at_most` everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from routing.vocabulary import Priority, RegionCode
from simulations.scenario.counts import QUANTILES, Cell, NursesTime, Waits
from simulations.scenario.model import CallerKind, Channel, Scenario
from simulations.scenario.run import Outcome
from simulations.scenario.tally import Tally

Figures = dict[str, Any]
"""A name and its number, `None` where there is nothing to count; some are figures themselves."""
MINUTE_MS: Final = 60_000
DIGITS: Final = 6


def result(scenario: Scenario, outcome: Outcome) -> Figures:
    """Everything that is told of one run."""
    tally = outcome.tally
    kinds = {kind.name: kind for region in scenario.regions for kind in scenario.kinds_of(region)}
    cells = tally.cells
    shown = partial(figures, targets_ms=scenario.targets_ms, callbacks=scenario.asks_callbacks)
    return {
        "policy": outcome.policy,
        "seed": outcome.seed,
        "records": outcome.records,
        "digest": outcome.digest,
        "total": {
            **shown(cells.values()),
            **_nurses(tally.nurses_ms.values()),
            **_lent(sum(ms for _, ms in tally.lent_ms.values()) for _ in range(2)),
        },
        "regions": {
            region.code: {
                "name": region.name,
                **shown(_where(cells, 0, (region.code,))),
                **_nurses([tally.nurses_ms[region.code]]),
                **_lent(_lent_by(tally, region.code)),
            }
            for region in scenario.regions
        },
        "kinds": {name: shown(_where(cells, 1, (name,))) for name in kinds},
        "priorities": _priorities(tally, kinds.values(), shown),
        **({"channels": _channels(cells, kinds.values(), shown)} if scenario.has_chats else {}),
        "pairs": [
            {"home": home, "answering": answering, "calls": calls, "minutes": _minutes(ms)}
            for (home, answering), (calls, ms) in sorted(tally.lent_ms.items())
        ],
        "course": _course(scenario, tally),
    }


def _priorities(
    tally: Tally, kinds: Iterable[CallerKind], shown: Callable[[Iterable[Cell]], Figures]
) -> Figures:
    """What regions give with calls of a priority is what regions take with them."""
    names: dict[Priority, list[str]] = {priority: [] for priority in Priority}
    for kind in kinds:
        names[kind.priority].append(kind.name)
    staffed_ms = sum(time.staffed_ms for time in tally.nurses_ms.values())
    found: Figures = {}
    for priority, named in names.items():
        if named:
            cells = _where(tally.cells, 1, named)
            found[priority] = {
                **shown(cells),
                "occupancy": _share(sum(cell.busy_ms for cell in cells), staffed_ms),
                **_lent(sum(cell.lent_ms for cell in cells) for _ in range(2)),
            }
    return found


def _channels(
    cells: Mapping[tuple[RegionCode, str], Cell],
    kinds: Iterable[CallerKind],
    shown: Callable[[Iterable[Cell]], Figures],
) -> Figures:
    names: dict[str, list[str]] = {channel: [] for channel in Channel}
    for kind in kinds:
        names[kind.channel].append(kind.name)
    return {channel: shown(_where(cells, 1, named)) for channel, named in names.items()}


def figures(
    cells: Iterable[Cell], *, targets_ms: Sequence[int], callbacks: bool = False
) -> Figures:
    """The figures of some calls.

    Args:
        callbacks: whether some may have been rung back in vain.
    """
    whole = Cell(len(targets_ms))
    for cell in cells:
        whole.include(cell)
    offered = whole.offered
    waits = Waits()
    waits.include(whole.answered_waits)
    waits.include(whole.gone_waits)
    shown = [target_shown(target_ms) for target_ms in targets_ms]
    return {
        "offered": offered,
        "answered": whole.answered,
        "abandoned": whole.abandoned,
        "rejected": whole.rejected,
        "callbacks": whole.callbacks,
        **({"not_reached": whole.not_reached} if callbacks else {}),
        "unfinished": whole.unfinished,
        "answered_elsewhere": whole.elsewhere,
        "p_wait": _share(whole.waited, offered),
        "mean_wait_ms": _rounded(whole.wait_ms / whole.waits if whole.waits else None),
        "mean_wait_answered_ms": _rounded(whole.answered_waits.mean_ms()),
        **_quantiles("p{}_wait_ms", waits),
        **_quantiles("p{}_wait_answered_ms", whole.answered_waits),
        "answered_within": _by(shown, (_share(count, offered) for count in whole.within)),
        "waited_at_most": _by(shown, (_share(count, offered) for count in whole.short)),
        "service_level": _share(whole.in_promise, offered),
        "handled_minutes": _minutes(whole.handled_ms),
    }


def _quantiles(name: str, waits: Waits) -> Figures:
    found = zip(QUANTILES, waits.quantiles_ms(QUANTILES), strict=True)
    return {name.format(percent): _rounded(wait_ms) for percent, wait_ms in found}


def target_shown(target_ms: int) -> str:
    """`20 s`, `3 min`, `1500 ms`: as it is written in a scenario.

    >>> target_shown(180_000), target_shown(20_000), target_shown(1_500)
    ('3 min', '20 s', '1500 ms')
    """
    for unit, unit_ms in (("min", MINUTE_MS), ("s", 1_000)):
        if target_ms % unit_ms == 0:
            return f"{target_ms // unit_ms} {unit}"
    return f"{target_ms} ms"


def _by(names: Sequence[str], values: Iterable[float | None]) -> Figures:
    return dict(zip(names, values, strict=True))


def _where(
    cells: Mapping[tuple[RegionCode, str], Cell], part: int, names: Iterable[str]
) -> list[Cell]:
    wanted = set(names)
    return [cell for key, cell in sorted(cells.items()) if key[part] in wanted]


def _nurses(times: Iterable[NursesTime]) -> Figures:
    times = list(times)
    staffed_ms = sum(time.staffed_ms for time in times)
    busy_ms = sum(time.busy_ms for time in times)
    return {"staffed_minutes": _minutes(staffed_ms), "occupancy": _share(busy_ms, staffed_ms)}


def _lent_by(tally: Tally, region: RegionCode) -> tuple[int, int]:
    given = sum(ms for (_, answering), (_, ms) in tally.lent_ms.items() if answering == region)
    taken = sum(ms for (home, _), (_, ms) in tally.lent_ms.items() if home == region)
    return given, taken


def _lent(given_and_taken_ms: Iterable[int]) -> Figures:
    given_ms, taken_ms = given_and_taken_ms
    return {"given_minutes": _minutes(given_ms), "taken_minutes": _minutes(taken_ms)}


def _course(scenario: Scenario, tally: Tally) -> list[Figures]:
    """By region and part of the week, in order."""
    order = {region.code: index for index, region in enumerate(scenario.regions)}
    moments = sorted(tally.moments.items(), key=lambda item: (item[0][1], order[item[0][0]]))
    return [
        {
            "at_minute": interval * scenario.interval_ms // MINUTE_MS,
            "region": region,
            "offered": moment.offered,
            "answered": moment.answered,
            "abandoned": moment.abandoned,
            "unfinished": moment.unfinished,
            "answered_within_target": moment.within,
            "mean_wait_ms": _each(moment.wait_ms, moment.offered),
            "nurses": _each(moment.staff, moment.looks),
            "busy": _each(moment.busy, moment.looks),
            "waiting": _each(moment.waiting, moment.looks),
        }
        for (region, interval), moment in moments
        if moment.offered or moment.looks
    ]


def _each(whole: int, looks: int) -> float | None:
    return _rounded(whole / looks if looks else None)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, DIGITS) if whole else None


def _minutes(ms: int) -> float:
    return round(ms / MINUTE_MS, 2)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
