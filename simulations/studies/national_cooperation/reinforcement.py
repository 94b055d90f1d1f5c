"""Part 3: whether a region that adds two nurses shortens its own queue.

Five regions of 6 to 20 nurses, all called for 97 % of their nurses' time; the one of 10 adds two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from simulations.scenario.model import Scenario, StaffGroup
from simulations.scenario.results import Figures
from simulations.studies.national_cooperation import rules
from simulations.studies.national_cooperation.estimates import (
    MEASURES,
    Runs,
    changes,
    levels,
    ratio,
    region,
)
from simulations.studies.national_cooperation.part import Part, Shown, shown, table
from simulations.studies.national_cooperation.scenes import (
    Effort,
    Scene,
    Site,
    even_load,
    shipped,
    with_rules,
)

ADDS: Final = Site("adds", 10, 0.97)
OTHERS: Final = tuple(
    Site(f"other_{number}", nurses, 0.97) for number, nurses in enumerate((6, 20, 20, 20))
)
ADDED: Final = 2
HOURS: Final = 5
NAMES: Final[Mapping[str, str]] = {
    "alone": "each region alone",
    "one_queue": "one first-come queue",
    "past_due_20": "own first, shared past due, reserve 20 %",
    "at_once_20": "own first, shared at once, reserve 20 %",
}


def scenes(effort: Effort) -> list[Scene]:
    """As they are, and with two nurses more in one region."""
    place = even_load("at 97 %", (ADDS, *OTHERS), HOURS, effort)
    base, plans = shipped(), place.regions
    policies = {
        "alone": rules.alone(base, plans),
        "one_queue": rules.one_queue(base, plans),
        "past_due_20": rules.own_first(base, plans),
        "at_once_20": rules.own_first(base, plans, rules.AT_ONCE),
    }
    before = with_rules(place, policies)
    return [Scene("before", before), Scene("after", _reinforced(before))]


def _reinforced(scenario: Scenario) -> Scenario:
    """The nurses who were there already are the same."""
    first = scenario.regions[0]
    more = StaffGroup((float(ADDED),), first.staff[0].skills)
    return replace(
        scenario,
        regions=(replace(first, staff=(*first.staff, more)), *scenario.regions[1:]),
    )


def sum_up(found: Mapping[str, Runs]) -> Figures:
    """What each of the rules leaves the region of its own reinforcement."""
    before, after = found["before"], found["after"]
    wait = MEASURES["mean_wait_s"]
    shorter = {
        name: [
            wait(here) - wait(there)
            for here, there in zip(
                region(before[name], ADDS.code), region(after[name], ADDS.code), strict=True
            )
        ]
        for name in before
    }
    return {
        name: {
            "before": levels(region(before[name], ADDS.code)),
            "change": changes(region(before[name], ADDS.code), region(after[name], ADDS.code)),
            "of_alone_percent": ratio(shorter[name], shorter["alone"]),
        }
        for name in before
    }


def tables(found: Figures) -> Shown:
    """One row for each of the rules."""
    head = ["rules", "own mean wait before, s", "change with two nurses, s"]
    head += ["within 3 min, points", "of what it would be alone, %"]
    rows = [
        (
            NAMES[name],
            shown(each["before"]["mean_wait_s"]),
            shown(each["change"]["mean_wait_s"], signed=True),
            shown(each["change"]["within_3_min"], signed=True),
            shown(each["of_alone_percent"], 0),
        )
        for name, each in found.items()
    ]
    return {"reinforcement": table(head, rows)}


def pictures(found: Figures) -> Shown:
    """None: the table is short."""
    return {}


PART: Final = Part(3, "reinforcement", 6, scenes, sum_up, tables, pictures)
