"""Part 6: whether the answers hold when people are otherwise than assumed.

Part 1's Tuesday until noon and part 2's neighbours at 70 %, with callers three times as patient
and talks that last a fifth longer, at as many nurses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from simulations.draws import Spread
from simulations.scenario.model import CallerKind, Scenario
from simulations.scenario.results import Figures
from simulations.studies.national_cooperation import availability, reserve
from simulations.studies.national_cooperation.estimates import (
    Runs,
    changes,
    levels,
    region,
    total,
)
from simulations.studies.national_cooperation.part import Part, Shown, shown, table
from simulations.studies.national_cooperation.scenes import NATION, Effort, Scene

NATION_RULES: Final = ("alone", "at_once_20")
BESIDE: Final = "load_70"
BESIDE_RULES: Final = ("alone", "reserve_0", "reserve_20")
NATION_HOURS: Final = 12


def _times(spread: Spread, times: float) -> Spread:
    return replace(
        spread,
        mean_ms=round(spread.mean_ms * times),
        parts=tuple((_times(part, times), weight) for part, weight in spread.parts),
    )


def _otherwise(kind: CallerKind) -> CallerKind:
    patience = _times(kind.patience, 3.0) if kind.patience is not None else None
    return replace(kind, patience=patience, handling=_times(kind.handling, 1.2))


VARIANTS: Final[Mapping[str, tuple[str, Callable[[CallerKind], CallerKind]]]] = {
    "otherwise": ("callers three times as patient, talks a fifth longer", _otherwise),
}


def scenes(effort: Effort) -> list[Scene]:
    """The nation and the neighbours, once for each variant."""
    found = []
    for name, (_, change) in VARIANTS.items():
        (day,) = availability.scenes(effort)
        length = replace(
            day.scenario.length, amount=day.scenario.length.amount * NATION_HOURS // 24
        )
        until = replace(day.scenario, length=length)
        found.append(Scene(f"{NATION}_{name}", _varied(until, NATION_RULES, change)))
        beside = _scenario(reserve.scenes(effort), BESIDE)
        found.append(Scene(f"beside_{name}", _varied(beside, BESIDE_RULES, change)))
    return found


def _scenario(scenes: list[Scene], name: str) -> Scenario:
    return next(scene.scenario for scene in scenes if scene.name == name)


def _varied(
    scenario: Scenario, names: tuple[str, ...], change: Callable[[CallerKind], CallerKind]
) -> Scenario:
    return replace(
        scenario,
        kinds=tuple(change(kind) for kind in scenario.kinds),
        policies=tuple((name, policy) for name, policy in scenario.policies if name in names),
    )


def sum_up(found: Mapping[str, Runs]) -> Figures:
    """The chief figures of both parts in each variant."""
    return {name: _variant(found[f"{NATION}_{name}"], found[f"beside_{name}"]) for name in VARIANTS}


def _variant(day: Runs, beside: Runs) -> Figures:
    return {
        "alone": levels(total(day["alone"])),
        "against_alone": {
            name: changes(total(day["alone"]), total(seeds))
            for name, seeds in day.items()
            if name != "alone"
        },
        "neighbours": {
            code: {
                name: changes(region(beside["alone"], code), region(seeds, code))
                for name, seeds in beside.items()
                if name != "alone"
            }
            for code in reserve.NEIGHBOURS
        },
    }


def tables(found: Figures) -> Shown:
    """What sharing gains the nation, and what it costs the neighbours."""
    gain_head = ["assumption changed", "alone: mean wait, s"]
    gain_head += [f"{availability.NAMES[name]}, s" for name in NATION_RULES[1:]]
    cost_head = ["assumption changed"]
    for nurses in reserve.NEIGHBOURS.values():
        cost_head += [f"{nurses} nurses: {name}, s" for name in ("0 %", "20 %")]
    gains, costs = [], []
    for name, each in found.items():
        about = VARIANTS[name][0]
        gain = [about, shown(each["alone"]["mean_wait_s"])]
        gain += [
            shown(each["against_alone"][one]["mean_wait_s"], signed=True)
            for one in NATION_RULES[1:]
        ]
        gains.append(gain)
        cost = [about]
        for code in reserve.NEIGHBOURS:
            cost += [
                shown(each["neighbours"][code][one]["mean_wait_s"], signed=True)
                for one in BESIDE_RULES[1:]
            ]
        costs.append(cost)
    return {
        "sensitivity_gain": table(gain_head, gains),
        "sensitivity_cost": table(cost_head, costs),
    }


def pictures(found: Figures) -> Shown:
    """None: the tables are short."""
    return {}


PART: Final = Part(6, "sensitivity", 3, scenes, sum_up, tables, pictures)
