"""Part 5: who waits how long when more call than can be answered.

Three regions of 6, 12 and 24 nurses, own first, at 90, 120 and 150 % with 3, 10 and 30 % who press
the emergency key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from routing.vocabulary import Priority
from simulations.scenario.results import Figures
from simulations.studies.national_cooperation import rules
from simulations.studies.national_cooperation.estimates import Runs, estimate, levels, total
from simulations.studies.national_cooperation.part import Part, Shown, shown, table
from simulations.studies.national_cooperation.scenes import (
    Effort,
    Scene,
    Site,
    even_load,
    shipped,
    with_emergencies,
    with_rules,
)

NURSES: Final = (6, 12, 24)
LOADS: Final = (90, 120, 150)
EMERGENCIES: Final = (3, 10, 30)
HOURS: Final = 3


def scenes(effort: Effort) -> list[Scene]:
    """One for each load and share of emergencies."""
    found = []
    for load in LOADS:
        sites = [Site(f"of_{nurses}", nurses, load / 100) for nurses in NURSES]
        for share in EMERGENCIES:
            place = with_emergencies(even_load("overload", sites, HOURS, effort), share / 100)
            policies = {"own_first": rules.own_first(shipped(), place.regions, rules.AT_ONCE)}
            found.append(Scene(f"{load}_{share}", with_rules(place, policies)))
    return found


def sum_up(found: Mapping[str, Runs]) -> Figures:
    """By load and share: mean and 95th percentile of those answered, and who gave up."""
    return {
        name: {
            "all": levels(total(runs["own_first"])),
            "priorities": {
                priority: {
                    "mean_s": estimate(
                        [_of(one, priority, "mean_wait_answered_ms") for one in its]
                    ),
                    "p95_s": estimate([_of(one, priority, "p95_wait_answered_ms") for one in its]),
                    "in_promise": estimate(
                        [100 * (one["priorities"][priority]["service_level"] or 0) for one in its]
                    ),
                }
                for priority in Priority
            },
        }
        for name, runs in found.items()
        for its in (runs["own_first"],)
    }


def _of(one: Figures, priority: Priority, figure: str) -> float:
    return (one["priorities"][priority][figure] or 0.0) / 1000


def tables(found: Figures) -> Shown:
    """Mean waits, and 95th percentiles of emergencies."""
    head = ["load, emergency presses", *(f"{priority}, s" for priority in Priority)]
    head += ["emergency: 95 of 100 within, s", "emergency within 30 s, %", "all who gave up, %"]
    rows = []
    for load in LOADS:
        for share in EMERGENCIES:
            each = found[f"{load}_{share}"]
            emergency = each["priorities"][Priority.EMERGENCY]
            rows.append(
                [
                    f"{load} %, {share} %",
                    *(shown(each["priorities"][p]["mean_s"], 0) for p in Priority),
                    shown(emergency["p95_s"], 0),
                    shown(emergency["in_promise"], 0),
                    shown(each["all"]["gave_up"]),
                ]
            )
    return {"pressure": table(head, rows)}


def pictures(found: Figures) -> Shown:
    """None: the table says it."""
    return {}


PART: Final = Part(5, "pressure", 4, scenes, sum_up, tables, pictures)
