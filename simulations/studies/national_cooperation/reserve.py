"""Part 2: which reserve keeps a neighbour's overload from costing a region more than tolerated.

A region of 30 nurses is called one and a half times as much as it can take; beside it one of 6 and
one of 20 nurses, at 60, 70 and 80 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from simulations.scenario.results import Figures
from simulations.studies.national_cooperation import rules
from simulations.studies.national_cooperation.estimates import (
    Runs,
    changes,
    estimate,
    least,
    levels,
    most,
    region,
)
from simulations.studies.national_cooperation.part import MISSING, Part, Shown, shown, table
from simulations.studies.national_cooperation.pictures import Series, lines
from simulations.studies.national_cooperation.scenes import (
    Effort,
    Scene,
    Site,
    even_load,
    shipped,
    with_rules,
)

BUSY: Final = Site("busy", 30, 1.5)
NEIGHBOURS: Final[Mapping[str, int]] = {"small": 6, "middle": 20}
LOADS: Final = (60, 70, 80)
RESERVES: Final = (0, 10, 20, 30, 40)
EMERGENCIES_ONLY: Final = 100
"""Such a reserve lends to emergencies alone: what no reserve keeps away."""
HOURS: Final = 8


def scenes(effort: Effort) -> list[Scene]:
    """One for each load of the neighbours."""
    found = []
    for load in LOADS:
        sites = [BUSY, *(Site(code, nurses, load / 100) for code, nurses in NEIGHBOURS.items())]
        place = even_load("beside a region at 150 %", sites, HOURS, effort)
        base, plans = shipped(), place.regions
        policies = {
            "alone": rules.alone(base, plans),
            "one_queue": rules.one_queue(base, plans),
            **{
                f"reserve_{reserve}": rules.own_first(base, plans, rules.AT_ONCE, 10 * reserve)
                for reserve in (*RESERVES, EMERGENCIES_ONLY)
            },
            "past_due_20": rules.own_first(base, plans),
        }
        found.append(Scene(f"load_{load}", with_rules(place, policies)))
    return found


def sum_up(found: Mapping[str, Runs]) -> Figures:
    """By load and rules what each region has lost against being alone."""
    return {name: _one_load(runs) for name, runs in found.items()}


def _one_load(runs: Runs) -> Figures:
    codes = [BUSY.code, *NEIGHBOURS]
    return {
        "alone": {code: levels(region(runs["alone"], code)) for code in codes},
        "against_alone": {
            name: {
                code: changes(region(runs["alone"], code), region(seeds, code)) for code in codes
            }
            for name, seeds in runs.items()
            if name != "alone"
        },
        "taken_hours_per_hour": taken_hours_per_hour(runs),
    }


def taken_hours_per_hour(runs: Runs) -> Figures:
    """By policy, how many of the others' nurses the busy region had all the time."""
    return {
        name: estimate(
            [
                one["taken_minutes"] / one["staffed_minutes"] * BUSY.nurses
                for one in region(seeds, BUSY.code)
            ]
        )
        for name, seeds in runs.items()
        if name != "alone"
    }


def verdict(change: Figures) -> str:
    """`within`, `over`, or `unsure` where the interval of either loss holds its limit."""
    tolerance = shipped().loss_tolerance
    wait, promise = change["mean_wait_s"], change["in_promise"]
    wait_s, points = tolerance.wait_ms / 1000, tolerance.promise_permille / 10
    if least(wait) > wait_s or most(promise) < -points:
        return "over"
    if most(wait) <= wait_s and least(promise) >= -points:
        return "within"
    return "unsure"


def kept(nurses: int, reserve: int) -> int:
    """How many nurses such a reserve is, in percent: rounded up."""
    return -(-nurses * reserve // 100)


# --- how it is shown ------------------------------------------------------------------------

_RULES: Final = (
    "one_queue",
    *(f"reserve_{reserve}" for reserve in (*RESERVES, EMERGENCIES_ONLY)),
    "past_due_20",
)


def _rule_name(name: str, nurses: int) -> str:
    if name == "one_queue":
        return "one first-come queue"
    if name == f"reserve_{EMERGENCIES_ONLY}":
        return "lends to emergencies alone"
    reserve = 20 if name == "past_due_20" else int(name.removeprefix("reserve_"))
    when = "past due" if name == "past_due_20" else "at once"
    return f"own first, {when}, reserve {reserve} % ({kept(nurses, reserve)} of {nurses})"


def tables(found: Figures) -> Shown:
    """A table for each neighbour, and what the overloaded region got."""
    return {
        **{f"reserve_{code}": _neighbour_table(found, code) for code in NEIGHBOURS},
        "reserve_busy": _busy_table(found),
    }


def _neighbour_table(found: Figures, code: str) -> str:
    head = ["rules"]
    for load in LOADS:
        head += [f"{load} %: wait, s", f"{load} %: in promise, points", f"{load} %: tolerated"]
    rows = []
    alone = ["alone (mean wait, s; in promise, %)"]
    for load in LOADS:
        level = found[f"load_{load}"]["alone"][code]
        alone += [shown(level["mean_wait_s"]), shown(level["in_promise"]), MISSING]
    rows.append(alone)
    for name in _RULES:
        cells = [_rule_name(name, NEIGHBOURS[code])]
        for load in LOADS:
            change = found[f"load_{load}"]["against_alone"][name][code]
            cells += [
                shown(change["mean_wait_s"], signed=True),
                shown(change["in_promise"], signed=True),
                verdict(change),
            ]
        rows.append(cells)
    return table(head, rows)


def _busy_table(found: Figures) -> str:
    head = ["rules"]
    for load in LOADS:
        head += [f"{load} %: wait, s", f"{load} %: nurses' help"]
    rows = []
    for name in _RULES:
        cells = [_rule_name(name, BUSY.nurses).split(" (")[0]]
        for load in LOADS:
            each = found[f"load_{load}"]
            change = each["against_alone"][name][BUSY.code]
            cells += [
                shown(change["mean_wait_s"], 0, signed=True),
                shown(each["taken_hours_per_hour"][name]),
            ]
        rows.append(cells)
    return table(head, rows)


def pictures(found: Figures) -> Shown:
    """The neighbours' longer mean wait, over the reserve."""
    series = []
    for code, nurses in NEIGHBOURS.items():
        for load in LOADS:
            losses = [
                found[f"load_{load}"]["against_alone"][f"reserve_{reserve}"][code]["mean_wait_s"]
                for reserve in RESERVES
            ]
            series.append(
                Series(
                    f"{nurses} nurses at {load} %",
                    tuple(loss["mean"] for loss in losses),
                    tuple(loss["plus_minus"] or 0.0 for loss in losses),
                )
            )
    title = "Longer mean wait of own callers beside a region at 150 %, s (10 s is tolerated)"
    return {"reserve": lines(title, RESERVES, "reserve, % of nurses at work", series)}


PART: Final = Part(2, "reserve", 6, scenes, sum_up, tables, pictures)
