"""Part 1: what each region gains by cooperating, and what the settlement comes to.

An ordinary Tuesday of the nation: 21 regions, nurses planned to be busy 85 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from simulations.scenario.results import Figures
from simulations.studies.national_cooperation import rules
from simulations.studies.national_cooperation.estimates import (
    Runs,
    changes,
    estimate,
    least,
    levels,
    region,
    total,
)
from simulations.studies.national_cooperation.part import Part, Shown, shown, table
from simulations.studies.national_cooperation.pictures import Series, dots
from simulations.studies.national_cooperation.scenes import (
    NATION,
    WEEKDAY,
    Effort,
    Scene,
    nation,
    nation_days,
    shipped,
    with_rules,
)

DAY: Final = ("non_holiday_weekday_07_16",)
NIGHT: Final = ("night_22_07",)
NAMES: Final[Mapping[str, str]] = {
    "alone": "each region alone",
    "one_queue": "one first-come queue",
    "past_due_20": "own first, shared past due, reserve 20 %",
    "past_due_20_by_day": "the same, weekdays 07-16 only",
    "past_due_20_by_night": "the same, nights 22-07 only",
    "at_once_20": "own first, shared at once, reserve 20 %",
    "at_once_40": "own first, shared at once, reserve 40 %",
}
SETTLED: Final = ("one_queue", "past_due_20", "at_once_20")


def scenes(effort: Effort) -> list[Scene]:
    """One: all rules on the same day."""
    days = nation_days((WEEKDAY,), effort)
    base, plans = shipped(), days.regions
    past_due = rules.own_first(base, plans)
    policies = {
        "alone": rules.alone(base, plans),
        "one_queue": rules.one_queue(base, plans),
        "past_due_20": past_due,
        "past_due_20_by_day": rules.only_in(past_due, DAY),
        "past_due_20_by_night": rules.only_in(past_due, NIGHT),
        "at_once_20": rules.own_first(base, plans, rules.AT_ONCE),
        "at_once_40": rules.own_first(base, plans, rules.AT_ONCE, 400),
    }
    return [Scene(NATION, with_rules(days, policies))]


def sum_up(found: Mapping[str, Runs]) -> Figures:
    """Levels and changes against being alone, for all and by region; and who owes whom."""
    runs = found[NATION]
    codes = [plan.code for plan in nation().regions]
    return {
        "calls": estimate([one["offered"] for one in total(runs["alone"])]),
        "total": {
            name: {
                "levels": levels(total(seeds)),
                "against_alone": changes(total(runs["alone"]), total(seeds)),
            }
            for name, seeds in runs.items()
        },
        "regions": {
            code: {
                "name": runs["alone"][0]["regions"][code]["name"],
                "alone": levels(region(runs["alone"], code)),
                "against_alone": {
                    name: changes(region(runs["alone"], code), region(seeds, code))
                    for name, seeds in runs.items()
                    if name != "alone"
                },
            }
            for code in codes
        },
        "losers": {name: _losers(runs, name, codes) for name in runs if name != "alone"},
        "settlement": {name: _settlement(runs[name], codes) for name in SETTLED},
    }


def _losers(runs: Runs, name: str, codes: Sequence[str]) -> Figures:
    """Regions whose loss is over the tolerance, and those of which that is sure."""
    over, surely = [], []
    tolerance = shipped().loss_tolerance
    for code in codes:
        change = changes(region(runs["alone"], code), region(runs[name], code))
        wait = change["mean_wait_s"]
        promise = {**change["in_promise"], "mean": -change["in_promise"]["mean"]}
        limits = ((wait, tolerance.wait_ms / 1000), (promise, tolerance.promise_permille / 10))
        if any(loss["mean"] > limit for loss, limit in limits):
            over.append(code)
        if any(least(loss) > limit for loss, limit in limits):
            surely.append(code)
    return {"over_tolerance": over, "surely": surely}


def _settlement(seeds: Sequence[Figures], codes: Sequence[str]) -> Figures:
    """Nurse hours given and taken, by region and by the pairs that owe each other most."""
    return {
        "regions": {
            code: {
                "given_hours": estimate([one["given_minutes"] / 60 for one in its]),
                "taken_hours": estimate([one["taken_minutes"] / 60 for one in its]),
                "net_percent_of_staffed": estimate([_net_percent(one) for one in its]),
            }
            for code in codes
            for its in (region(seeds, code),)
        },
        "lent_hours": estimate([one["total"]["given_minutes"] / 60 for one in seeds]),
        "lent_percent_of_staffed": estimate(
            [100 * one["total"]["given_minutes"] / one["total"]["staffed_minutes"] for one in seeds]
        ),
        "to_settle_hours": estimate([_to_settle(one, codes) for one in seeds]),
        "pairs": _pairs(seeds),
    }


def _net_percent(one: Figures) -> float:
    staffed, net = one["staffed_minutes"], one["given_minutes"] - one["taken_minutes"]
    return float(100 * net / staffed) if staffed else 0.0


def _to_settle(one: Figures, codes: Sequence[str]) -> float:
    """What changes hands when each region pays or gets its net alone."""
    nets = [
        one["regions"][code]["given_minutes"] - one["regions"][code]["taken_minutes"]
        for code in codes
    ]
    return float(sum(net for net in nets if net > 0) / 60)


def _pairs(seeds: Sequence[Figures], kept: int = 5) -> list[Figures]:
    """The pairs whose net is largest: hours that the first owes the second."""
    nets: dict[tuple[str, str], list[float]] = {}
    for index, one in enumerate(seeds):
        for pair in one["pairs"]:
            home, other = pair["home"], pair["answering"]
            key, sign = ((home, other), 1) if home < other else ((other, home), -1)
            nets.setdefault(key, [0.0] * len(seeds))[index] += sign * pair["minutes"] / 60
    largest = sorted(nets.items(), key=lambda item: (-abs(sum(item[1])), item[0]))[:kept]
    return [
        {"home": key[0], "answering": key[1], "net_hours": estimate(values)}
        if sum(values) >= 0
        else {
            "home": key[1],
            "answering": key[0],
            "net_hours": estimate([-value for value in values]),
        }
        for key, values in largest
    ]


# --- how it is shown ------------------------------------------------------------------------


def tables(found: Figures) -> Shown:
    """All together, region by region, and the settlement."""
    return {
        "availability": _total_table(found),
        "availability_regions": _regions_table(found),
        "settlement": _settlement_table(found),
        "settlement_pairs": _pairs_table(found),
    }


def _total_table(found: Figures) -> str:
    head = ["rules", "mean wait, s", "within 3 min, %", "within 8 min, %", "gave up, %"]
    head += ["mean wait against alone, s", "regions over tolerance (surely)"]
    rows = []
    for name, each in found["total"].items():
        level = each["levels"]
        losers = found["losers"].get(name)
        rows.append(
            (
                NAMES[name],
                *(shown(level[m]) for m in ("mean_wait_s", "within_3_min", "within_8_min")),
                shown(level["gave_up"]),
                shown(each["against_alone"]["mean_wait_s"], signed=True) if losers else "",
                f"{len(losers['over_tolerance'])} ({len(losers['surely'])})" if losers else "",
            )
        )
    return table(head, rows)


def _regions_table(found: Figures) -> str:
    rules_shown = ("one_queue", "past_due_20", "at_once_20")
    head = ["region", "alone: mean wait, s", "alone: within 3 min, %"]
    for name in ("one queue", "past due, 20 %", "at once, 20 %"):
        head += [f"{name}: wait, s", f"{name}: within 3 min, points"]
    rows = []
    for each in found["regions"].values():
        cells = [each["name"], *(shown(each["alone"][m]) for m in ("mean_wait_s", "within_3_min"))]
        for name in rules_shown:
            change = each["against_alone"][name]
            cells += [shown(change[m], signed=True) for m in ("mean_wait_s", "within_3_min")]
        rows.append(cells)
    return table(head, rows)


def _settlement_table(found: Figures) -> str:
    head = ["rules", "lent, nurse hours", "of staffed time, %", "left to settle, nurse hours"]
    head += ["largest giver, % of its staff", "largest taker, % of its staff"]
    rows = []
    for name, each in found["settlement"].items():
        nets = {code: its["net_percent_of_staffed"] for code, its in each["regions"].items()}
        giver = max(nets, key=lambda code: nets[code]["mean"])
        taker = min(nets, key=lambda code: nets[code]["mean"])
        rows.append(
            (
                NAMES[name],
                *(shown(each[m]) for m in ("lent_hours", "lent_percent_of_staffed")),
                shown(each["to_settle_hours"]),
                *(
                    f"{found['regions'][code]['name']} {shown(nets[code], signed=True)}"
                    for code in (giver, taker)
                ),
            )
        )
    return table(head, rows)


def _pairs_table(found: Figures) -> str:
    rows = [
        (
            NAMES[name],
            found["regions"][pair["home"]]["name"],
            found["regions"][pair["answering"]]["name"],
            shown(pair["net_hours"]),
        )
        for name in SETTLED
        for pair in found["settlement"][name]["pairs"][:3]
    ]
    return table(("rules", "owes", "to", "nurse hours in a day"), rows)


def pictures(found: Figures) -> Shown:
    """Each region's share within 3 minutes, under each of the rules."""
    series = [Series("alone", tuple(_shares(found, None)))]
    for name, label in (
        ("past_due_20", "own first, past due"),
        ("at_once_20", "own first, at once"),
    ):
        series.append(Series(label, tuple(_shares(found, name))))
    series.append(Series("one queue", tuple(_shares(found, "one_queue"))))
    names = [each["name"] for each in found["regions"].values()]
    return {"availability": dots("Answered within 3 minutes, % of callers", names, series)}


def _shares(found: Figures, name: str | None) -> list[float]:
    return [
        each["alone"]["within_3_min"]["mean"]
        + (each["against_alone"][name]["within_3_min"]["mean"] if name else 0.0)
        for each in found["regions"].values()
    ]


PART: Final = Part(1, "availability", 4, scenes, sum_up, tables, pictures)
