"""Part 4: what a queue that a region brings along costs the others (eftersläpning).

A region of 20 nurses joins four others at the end of the second hour; some 60 people have called
it in the two minutes before that. Compared with the same people and the region staying out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from routing.policy import Policy
from routing.vocabulary import RegionCode
from simulations.scenario.model import HOUR_MS, Scenario, Shock
from simulations.scenario.results import Figures
from simulations.studies.national_cooperation import rules
from simulations.studies.national_cooperation.estimates import (
    Runs,
    changes,
    estimate,
    levels,
    region,
)
from simulations.studies.national_cooperation.part import Part, Shown, shown, table
from simulations.studies.national_cooperation.pictures import Series, lines
from simulations.studies.national_cooperation.scenes import (
    Effort,
    Scene,
    Site,
    even_load,
    shipped,
    with_rules,
)

JOINS: Final = Site("joins", 20, 0.95)
OTHERS: Final = (
    Site("small", 6, 0.85),
    Site("middle", 12, 0.85),
    Site("even", 20, 0.85),
    Site("large", 30, 0.85),
)
AT_HOUR: Final = 2
BACKLOG: Final = 60
HOURS: Final = 4
INTERVAL_MS: Final = HOUR_MS // 4
WINDOW: Final = "joined"
MINUTE_MS: Final = 60_000
NAMES: Final[Mapping[str, str]] = {
    "one_queue": "one first-come queue",
    "at_once_20": "own first, shared at once, reserve 20 %",
    "past_due_20": "own first, shared past due, reserve 20 %",
}


def scenes(effort: Effort) -> list[Scene]:
    """One: each of the rules with the region joining, and with it staying out."""
    place = _place(effort)
    base, plans = shipped(), place.regions
    agreed: dict[str, Policy] = {
        "one_queue": rules.one_queue(base, plans),
        "at_once_20": rules.own_first(base, plans, rules.AT_ONCE),
        "past_due_20": rules.own_first(base, plans),
    }
    code = RegionCode(JOINS.code)
    policies = {}
    for name, policy in agreed.items():
        policies[f"{name}_out"] = rules.joining(policy, code, None)
        policies[f"{name}_in"] = rules.joining(policy, code, WINDOW)
    return [Scene("joining", with_rules(place, policies))]


def _place(effort: Effort) -> Scenario:
    place = even_load("a region joins", (JOINS, *OTHERS), HOURS, effort, warm_up_hours=0)
    per_minute = place.regions[0].calls_per_hour[0] / 60
    joins_ms = int(AT_HOUR * HOUR_MS * effort.part_of_time) // HOUR_MS * HOUR_MS
    rush = Shock(
        from_ms=max(0, joins_ms - 2 * MINUTE_MS),
        to_ms=max(MINUTE_MS, joins_ms - MINUTE_MS // 2),
        times=1 + BACKLOG / (1.5 * per_minute),
        regions=(RegionCode(JOINS.code),),
    )
    hours = tuple(float(hour >= joins_ms // HOUR_MS) for hour in range(24))
    return replace(place, shocks=(rush,), windows={WINDOW: hours}, interval_ms=INTERVAL_MS)


def sum_up(found: Mapping[str, Runs]) -> Figures:
    """By region what joining costs or saves, in waited minutes, and when."""
    runs = found["joining"]
    codes = [JOINS.code, *(site.code for site in OTHERS)]
    return {
        name: {
            "out": {code: levels(region(runs[f"{name}_out"], code)) for code in codes},
            "change": {
                code: changes(region(runs[f"{name}_out"], code), region(runs[f"{name}_in"], code))
                for code in codes
            },
            "waited_minutes": _waited(runs[f"{name}_out"], runs[f"{name}_in"], codes),
            "course": _course(runs[f"{name}_out"], runs[f"{name}_in"]),
        }
        for name in NAMES
    }


def _waited(
    out: Sequence[Figures], joined: Sequence[Figures], codes: Sequence[str]
) -> dict[str, Figures]:
    """How many minutes more all callers of a region have waited."""
    return {
        code: estimate(
            [
                _sum_minutes(there["regions"][code]) - _sum_minutes(here["regions"][code])
                for here, there in zip(out, joined, strict=True)
            ]
        )
        for code in codes
    }


def _sum_minutes(figures: Figures) -> float:
    counted = figures["answered"] + figures["abandoned"]
    return float((figures["mean_wait_ms"] or 0.0) * counted / MINUTE_MS)


def _course(out: Sequence[Figures], joined: Sequence[Figures]) -> list[Figures]:
    """By quarter of an hour of arrival: the longer mean wait of the others' callers, s."""
    moments = sorted({row["at_minute"] for one in (*out, *joined) for row in one["course"]})
    return [
        {
            "at_minute": moment,
            "others_longer_s": estimate(
                [
                    _others_mean_s(there, moment) - _others_mean_s(here, moment)
                    for here, there in zip(out, joined, strict=True)
                ]
            ),
        }
        for moment in moments
        if moment < HOURS * 60
    ]


def _others_mean_s(one: Figures, moment: int) -> float:
    waited = counted = 0.0
    for row in one["course"]:
        if row["at_minute"] == moment and row["region"] != JOINS.code:
            calls = row["answered"] + row["abandoned"]
            waited += (row["mean_wait_ms"] or 0.0) * calls
            counted += calls
    return waited / counted / 1000 if counted else 0.0


# --- how it is shown ------------------------------------------------------------------------


def tables(found: Figures) -> Shown:
    """Who gains and who pays; and for how long."""
    head = ["rules", "joining (20): waited minutes", "its mean wait, s"]
    head += [f"{site.nurses} nurses: waited minutes" for site in OTHERS]
    rows = []
    for name, each in found.items():
        waited = each["waited_minutes"]
        rows.append(
            [
                NAMES[name],
                shown(waited[JOINS.code], 0, signed=True),
                shown(each["change"][JOINS.code]["mean_wait_s"], 0, signed=True),
                *(shown(waited[site.code], 0, signed=True) for site in OTHERS),
            ]
        )
    after = [
        row["at_minute"]
        for row in next(iter(found.values()))["course"]
        if row["at_minute"] >= AT_HOUR * 60 - 15
    ]
    course_head = ["rules", *(f"{minute - AT_HOUR * 60:+d} min" for minute in after)]
    course = [
        [
            NAMES[name],
            *(
                shown(row["others_longer_s"], 0, signed=True)
                for row in each["course"]
                if row["at_minute"] in after
            ),
        ]
        for name, each in found.items()
    ]
    return {"backlog": table(head, rows), "backlog_course": table(course_head, course)}


def pictures(found: Figures) -> Shown:
    """The others' longer wait over the time since joining."""
    some = next(iter(found.values()))["course"]
    across = [row["at_minute"] - AT_HOUR * 60 for row in some if row["at_minute"] >= 60]
    series = []
    for name, each in found.items():
        rows = [row["others_longer_s"] for row in each["course"] if row["at_minute"] >= 60]
        series.append(
            Series(
                NAMES[name].replace("shared ", "").replace(", reserve 20 %", ""),
                tuple(row["mean"] for row in rows),
                tuple(row["plus_minus"] or 0.0 for row in rows),
            )
        )
    if not across:
        return {}
    title = "Longer mean wait of the other regions' callers when a region joins with a backlog, s"
    return {"backlog": lines(title, across, "minutes since joining, by arrival", series)}


PART: Final = Part(4, "backlog", 6, scenes, sum_up, tables, pictures)
