"""Part 7: which reserve keeps a neighbour's overload from a region of 6 nurses.

As part 2, with four such regions in place of one of 6 and one of 20 nurses: of the same seeds they
tell four times as much, beside others who have as much to lend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from simulations.scenario.results import Figures
from simulations.studies.national_cooperation import rules
from simulations.studies.national_cooperation.estimates import (
    MEASURES,
    Runs,
    estimate,
)
from simulations.studies.national_cooperation.part import MISSING, Part, Shown, shown, table
from simulations.studies.national_cooperation.reserve import (
    BUSY,
    EMERGENCIES_ONLY,
    HOURS,
    LOADS,
    kept,
    taken_hours_per_hour,
    verdict,
)
from simulations.studies.national_cooperation.scenes import (
    Effort,
    Scene,
    Site,
    even_load,
    shipped,
    with_rules,
)

NURSES: Final = 6
ALIKE: Final = ("first", "second", "third", "fourth")
AT_ONCE: Final = (10, 20, 40, 60)
"""One, two, three and four of six nurses."""
PAST_DUE: Final = (20, 40)


def scenes(effort: Effort) -> list[Scene]:
    """One for each load of the four."""
    found = []
    for load in LOADS:
        sites = [BUSY, *(Site(code, NURSES, load / 100) for code in ALIKE)]
        place = even_load("four regions beside one at 150 %", sites, HOURS, effort)
        base, plans = shipped(), place.regions
        policies = {
            "alone": rules.alone(base, plans),
            **{
                f"at_once_{reserve}": rules.own_first(base, plans, rules.AT_ONCE, 10 * reserve)
                for reserve in (*AT_ONCE, EMERGENCIES_ONLY)
            },
            **{
                f"past_due_{reserve}": rules.own_first(base, plans, reserve_permille=10 * reserve)
                for reserve in PAST_DUE
            },
        }
        found.append(Scene(f"load_{load}", with_rules(place, policies)))
    return found


def sum_up(found: Mapping[str, Runs]) -> Figures:
    """By load and rules what a region of the four has lost against being alone, in the mean."""
    return {name: _one_load(runs) for name, runs in found.items()}


def _one_load(runs: Runs) -> Figures:
    alone = _of_four(runs["alone"])
    return {
        "alone": {name: estimate(values) for name, values in alone.items()},
        "against_alone": {
            rule: {
                name: estimate(
                    [there - here for here, there in zip(alone[name], values, strict=True)]
                )
                for name, values in _of_four(seeds).items()
            }
            for rule, seeds in runs.items()
            if rule != "alone"
        },
        "taken_hours_per_hour": taken_hours_per_hour(runs),
    }


def _of_four(seeds: Sequence[Figures]) -> dict[str, list[float]]:
    """Each measure, seed by seed: the mean of the four regions'."""
    return {
        name: [sum(of(one["regions"][code]) for code in ALIKE) / len(ALIKE) for one in seeds]
        for name, of in MEASURES.items()
    }


# --- how it is shown ------------------------------------------------------------------------


def _rules() -> dict[str, str]:
    """What each is called, in the order of the table."""
    return {
        **{
            f"at_once_{reserve}": f"own first, at once, {kept(NURSES, reserve)} of {NURSES} kept"
            for reserve in AT_ONCE
        },
        f"at_once_{EMERGENCIES_ONLY}": "lends to emergencies alone",
        **{
            f"past_due_{reserve}": f"own first, past due, {kept(NURSES, reserve)} of {NURSES} kept"
            for reserve in PAST_DUE
        },
    }


def tables(found: Figures) -> Shown:
    """What a region of the four has lost, and what the overloaded one got."""
    head, alone = ["rules"], ["alone (mean wait, s; in promise, %)"]
    for load in LOADS:
        head += [f"{load} %: wait, s", f"{load} %: in promise, points"]
        head += [f"{load} %: tolerated", f"{load} %: nurses' help"]
        level = found[f"load_{load}"]["alone"]
        alone += [shown(level["mean_wait_s"]), shown(level["in_promise"]), MISSING, MISSING]
    rows = [alone]
    for rule, called in _rules().items():
        cells = [called]
        for load in LOADS:
            each = found[f"load_{load}"]
            change = each["against_alone"][rule]
            cells += [
                shown(change["mean_wait_s"], signed=True),
                shown(change["in_promise"], signed=True),
                verdict(change),
                shown(each["taken_hours_per_hour"][rule]),
            ]
        rows.append(cells)
    return {"six_nurses": table(head, rows)}


def pictures(found: Figures) -> Shown:
    """None."""
    return {}


PART: Final = Part(7, "six_nurses", 20, scenes, sum_up, tables, pictures)
