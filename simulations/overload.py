"""When more call than can be answered: `python -m simulations.overload --hours 8`.

Three regions under the configured rules, with 6, 20 and 60 nurses all day. Who waits how long at
90, 120 and 150 % of what the nurses can take, with 3, 10 and 30 % who press the emergency key; and
what a neighbour at 150 % costs a region of 6 and one of 20 that have nurses enough themselves.
Waits are of those who were connected: who gives up is counted apart.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from queue_engine.core.turn import Watch
from routing.policy import MINUTE_MS, Policy
from routing.vocabulary import Priority, RegionCode
from simulations.callers import CallerHabits
from simulations.day import FROM_HOUR, Plan, run
from simulations.nurses import NurseHabits, Shift
from simulations.report import Counts, DayReport
from simulations.tables import print_table, row
from simulations.world import HOUR_MS

SMALL, MIDDLE, LARGE = RegionCode("23"), RegionCode("22"), RegionCode("14")
STAFF: Final[Mapping[RegionCode, int]] = {SMALL: 6, MIDDLE: 20, LARGE: 60}
LOADS: Final = (0.9, 1.2, 1.5)
EMERGENCIES: Final = (0.03, 0.1, 0.3)
NEIGHBOUR_LOAD: Final = 1.5
OWN_LOAD: Final = 0.9
"""Of the small regions beside a neighbour who has too much."""
_NURSES: Final = NurseHabits(break_ms=0)
_RARE: Final = ((Priority.URGENT, 0.02), (Priority.RAISED, 0.1), (Priority.NON_MEDICAL, 0.1))


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What a region's own callers wait alone and with a neighbour who has too much."""

    region: RegionCode
    alone: Counts
    beside: Counts

    @property
    def worse_ms(self) -> int:
        """By how much the mean wait grew."""
        return (self.beside.mean_wait_ms or 0) - (self.alone.mean_wait_ms or 0)


def callers_with(emergencies: float) -> CallerHabits:
    """Callers of whom so large a share press the emergency key."""
    standard = 1 - emergencies - sum(share for _, share in _RARE)
    mix = ((Priority.EMERGENCY, emergencies), (Priority.STANDARD, standard), *_RARE)
    return CallerHabits(priorities=mix)


def overloaded(
    policy: Policy,
    loads: Mapping[RegionCode, float],
    seed: int,
    hours: int,
    emergencies: float = EMERGENCIES[0],
    watch: Watch | None = None,
) -> DayReport:
    """Some hours with calls of so many times what each region's nurses can take.

    Args:
        watch: sees each event before it is applied.
    """
    callers = callers_with(emergencies)
    calls_per_nurse = HOUR_MS / (callers.talk.mean_ms + _NURSES.wrap_up.mean_ms)
    plan = Plan(
        policy=policy,
        demand={code: (STAFF[code] * calls_per_nurse * load,) * 24 for code, load in loads.items()},
        shifts=tuple(Shift(code, FROM_HOUR, FROM_HOUR + hours, STAFF[code]) for code in loads),
        callers=callers,
        nurses=_NURSES,
    )
    return run(plan, seed, hours, watch=watch)


def beside_neighbour(policy: Policy, region: RegionCode, seed: int, hours: int) -> Neighbour:
    """The same callers of a region, with the region alone and taking part."""
    loads = {region: OWN_LOAD, LARGE: NEIGHBOUR_LOAD}
    regions = tuple(
        replace(each, takes_part=each.takes_part and each.code != region) for each in policy.regions
    )
    alone, beside = (
        dict(overloaded(one, loads, seed, hours).by_region)[region]
        for one in (replace(policy, regions=regions), policy)
    )
    return Neighbour(region, alone, beside)


# --- as a command ---------------------------------------------------------------------------


def table(policy: Policy, seed: int, hours: int) -> Iterable[str]:
    """Both tables, a line at a time."""
    yield row("mean / 95 % wait in min", (*Priority, "abandoned"))
    for load in LOADS:
        for emergencies in EMERGENCIES:
            loads = dict.fromkeys(STAFF, load)
            report = overloaded(policy, loads, seed, hours, emergencies)
            waits = (_waits(counts) for _, counts in report.by_priority)
            lost = f"{report.total.abandoned / report.total.contacts_entered:.0%}"
            yield row(f"load {load:.0%}, {emergencies:.0%} emergencies", (*waits, lost))
    yield ""
    yield row(f"beside a neighbour at {NEIGHBOUR_LOAD:.0%}", ("alone", "beside", "worse by"))
    for region in (SMALL, MIDDLE):
        found = beside_neighbour(policy, region, seed, hours)
        worse = f"{found.worse_ms / 1000:.0f} s"
        cells = (_waits(found.alone), _waits(found.beside), worse)
        yield row(f"{STAFF[region]} nurses at {OWN_LOAD:.0%}", cells)


def _waits(counts: Counts) -> str:
    both = (counts.mean_wait_ms, counts.p95_wait_ms)
    return " / ".join("-" if ms is None else f"{ms / MINUTE_MS:.1f}" for ms in both)


def main(arguments: list[str] | None = None) -> int:
    """Prints what each priority waits under overload, and what a neighbour's costs."""
    return print_table("simulations.overload", main.__doc__, table, 8, arguments)


if __name__ == "__main__":
    sys.exit(main())
