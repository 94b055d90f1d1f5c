"""Queueing models with known results, as scenarios: each runs through the file that it becomes.

A case is `{name, model, params, expected, tolerance, calls, warmup_fraction}`. Its times are in a
unit of its own; here that is ten minutes, so that whole milliseconds are fine enough. The tolerance
is for one run of so many calls, and grows with the root of how many fewer are run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from queue_engine.core.errors import BadInput

UNIT_MS: Final = 600_000
UNITS_IN_HOUR: Final = 6
_PATIENCE_PART: Final = re.compile(r"([\d.]+) ?% exp mean ([\d.]+)")
_EXACTLY: Final = re.compile(r"exactly ([\d.]+)")
_SPREAD: Final = re.compile(
    r"(lognormal|gamma|exponential|fixed) mean ([\d.]+)(?: s)?(?: cv ([\d.]+))?"
)

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One queueing model, its file, and where its figures are found."""

    name: str
    yaml: str
    expected: Mapping[str, float]
    tolerance: Mapping[str, float]
    replications: int = 1


def read_case(raw: Mapping[str, Any], scale: float = 1.0, hourly: tuple[float, ...] = ()) -> Case:
    """The case as it is to be run.

    Args:
        scale: of how many calls; the tolerance grows with it becoming less.
        hourly: calls of the nation by the hour of the week, for time-varying arrivals.

    Raises:
        BadInput: a model, or something in its parameters, that is not known here.
    """
    try:
        params = raw["params"]
        calls = max(1, round(raw["calls"] * scale))
        warm_up = round(100 * raw["warmup_fraction"])
        tolerance = {name: value / scale**0.5 for name, value in raw["tolerance"].items()}
        if "profile" in params:
            body, replications = _morning(params, hourly), calls
        else:
            length = f"length: {calls} calls\nwarm_up: {warm_up} %\n"
            body, replications = length + _model(params), 1
    except KeyError as missing:
        raise BadInput(f"case {raw.get('name')!r}: {missing} is missing") from None
    text = f"name: {raw['name']}\n{body}"
    return Case(raw["name"], text, raw["expected"], tolerance, replications)


def _model(params: Params) -> str:
    if "servers" in params:
        return _servers(params)
    if "k" in params:
        return _overflow(params)
    if "ns" in params:
        return _pooling(params)
    if isinstance(params.get("n"), list):
        return _specialists(params)
    return _one_region(params)


def _one_region(params: Params) -> str:
    """M/M/n and M/G/n, with or without patience and classes; without a queue: loss."""
    lams = params.get("lams") or [params["lam"]]
    callers = _callers(params)
    if len(lams) > 1:
        kinds = "".join(
            f"    - {{name: class_{rank}, weight: {_number(lam)}, rank: {rank}}}\n"
            for rank, lam in enumerate(lams)
        )
        callers += f"  kinds:\n{kinds}"
    places = "    queue_places: 0\n" if "service" in params and "n" in params else ""
    return (
        f"{_targets(params)}callers:\n{callers}regions:\n  one:\n"
        f"    calls_per_hour: {_per_hour(sum(lams))}\n    nurses: {params.get('n', 1)}\n{places}"
    )


def _pooling(params: Params) -> str:
    regions = _regions(params["lams"], params["ns"])
    return (
        f"{_targets(params)}callers:\n{_callers(params)}regions:\n{regions}"
        "policies:\n  separate: {share: never}\n"
        "  pooled: {order: fifo, home_first: never, share: at_once}\n"
    )


def _overflow(params: Params) -> str:
    shares = "".join(
        f"      region_{index}: {{share: {_share_rule(k)}}}\n"
        for index, k in enumerate(params["k"])
    )
    return (
        f"callers:\n{_callers(params)}regions:\n{_regions(params['lam'], params['n'])}"
        f"policies:\n  overflow:\n    share: nothing\n    regions:\n{shares}"
    )


def _share_rule(k: Any) -> str:
    return "nothing" if k == "inf" else f"{{queue_longer_than: {k}}}"


def _regions(lams: list[float], numbers: list[int]) -> str:
    return "".join(
        f"  region_{index}: {{calls_per_hour: {_per_hour(lam)}, nurses: {nurses}}}\n"
        for index, (lam, nurses) in enumerate(zip(lams, numbers, strict=True))
    )


def _specialists(params: Params) -> str:
    """Two skills: nurses who have the first, the second, and both."""
    kinds = "".join(
        f"    - {{name: class_{rank}, weight: {_number(lam)}, rank: {rank},"
        f" needs: [skill_{rank}]}}\n"
        for rank, lam in enumerate(params["lam"])
    )
    skills = ("[skill_0]", "[skill_1]", "[skill_0, skill_1]")
    groups = "".join(
        f"      - {{nurses: {nurses}, skills: {has}}}\n"
        for nurses, has in zip(params["n"], skills, strict=True)
    )
    return (
        f"callers:\n{_callers(params)}  kinds:\n{kinds}regions:\n  one:\n"
        f"    calls_per_hour: {_per_hour(sum(params['lam']))}\n    groups:\n{groups}"
    )


def _servers(params: Params) -> str:
    """First come, longest idle: each nurse has a speed and the classes that she takes."""
    kinds = "".join(
        f"    - {{name: class_{name}, weight: {_number(lam)}, needs: [skill_{name}]}}\n"
        for name, lam in params["lams"].items()
    )
    groups = "".join(
        f"      - {{nurses: 1, speed: {_number(rate)}, skills: [{_skills(names)}]}}\n"
        for rate, names in params["servers"]
    )
    return (
        f"callers:\n  handling: {{exponential: {UNIT_MS} ms}}\n  kinds:\n{kinds}regions:\n  one:\n"
        f"    calls_per_hour: {_per_hour(sum(params['lams'].values()))}\n    groups:\n{groups}"
        "policies:\n  fcfs_alis: {order: fifo, choose: longest_idle_of_all}\n"
    )


def _skills(names: str) -> str:
    return ", ".join(f"skill_{name}" for name in names)


def _morning(params: Params, hourly: tuple[float, ...]) -> str:
    """The nation's first hours of a Monday, with nurses enough for all (M_t/G/infinity)."""
    if not hourly:
        raise BadInput("arrivals by the hour need the nation's calls: --hourly national.json")
    hours = int(re.findall(r"\[0:(\d+)\]", params["profile"])[0])
    rates = ", ".join(_number(rate) for rate in (*hourly[:hours], *[0.0] * (24 - hours)))
    handling = _spread(params["service"], 1_000)
    return (
        f"length: {hours + 1} h\ncallers:\n  handling: {handling}\nregions:\n  nation:\n"
        f"    calls_per_hour: [{rates}]\n    nurses: {round(max(hourly[:hours]))}\n"
    )


def _callers(params: Params) -> str:
    if "service" in params:
        handling = _spread(params["service"], UNIT_MS)
    else:
        handling = f"{{exponential: {_ms(1 / params['mu'])}}}"
    lines = f"  handling: {handling}\n"
    patience = params.get("patience")
    if patience is not None:
        return f"{lines}  patience: {_patience(patience)}\n"
    theta = params.get("theta")
    return f"{lines}  patience: {{exponential: {_ms(1 / theta)}}}\n" if theta else lines


def _patience(words: str) -> str:
    exactly = _EXACTLY.match(words)
    if exactly:
        return _ms(float(exactly[1]))
    parts = _PATIENCE_PART.findall(words)
    if not parts:
        raise BadInput(f"patience {words!r} is not known here")
    mixed = ", ".join(
        f"{{share: {share} %, exponential: {_ms(float(mean))}}}" for share, mean in parts
    )
    return f"{{mix: [{mixed}]}}"


def _spread(words: str, unit_ms: int) -> str:
    found = _SPREAD.match(words)
    if not found:
        raise BadInput(f"service {words!r} is not known here")
    mean = f"{round(float(found[2]) * unit_ms)} ms"
    return (
        f"{{{found[1]}: {mean}, cv: {float(found[3])}}}" if found[3] else f"{{{found[1]}: {mean}}}"
    )


def _targets(params: Params) -> str:
    t = params.get("t")
    return f"targets: [{_ms(t)}]\n" if t else ""


def target_ms(params: Params) -> int:
    """The case's `t`."""
    return round(float(params["t"]) * UNIT_MS)


def _ms(units: float) -> str:
    return f"{round(units * UNIT_MS)} ms"


def _per_hour(rate: float) -> str:
    return _number(rate * UNITS_IN_HOUR)


def _number(value: float) -> str:
    return f"{value:.12f}"


# --- where the figures are found ------------------------------------------------------------

Figures = Mapping[str, Any]
_Find = Callable[[Figures], float]


def measured(case: Mapping[str, Any], results: Mapping[str, Figures], name: str) -> float:
    """What the simulation says of one expected figure, in the case's own unit.

    Args:
        results: by policy.

    Raises:
        BadInput: the figure is not known here.
    """
    params = case["params"]
    policy, figure = name.split("_", 1) if name.split("_", 1)[0] in results else ("", name)
    result = results[policy] if policy else next(iter(results.values()))
    if found := re.fullmatch(r"busy_at_([\d.]+)h", name):
        return _busy_at(result, round(float(found[1]) * 60))
    figure, part = _part_of(figure, result)
    t = result_target(params)
    values: dict[str, _Find] = {
        "p_wait": lambda part: part["p_wait"],
        "mean_wait": lambda part: part["mean_wait_ms"] / UNIT_MS,
        "mean_wait_served": lambda part: part["mean_wait_answered_ms"] / UNIT_MS,
        "wait_le_t": lambda part: part["waited_at_most"][t],
        "wait_gt_t": lambda part: 1 - part["waited_at_most"][t],
        "answered_within_t": lambda part: part["answered_within"][t],
        "sl_t": lambda part: part["answered_within"][t],
        "occupancy": lambda part: part["occupancy"],
        "p_block": lambda part: part["rejected"] / part["offered"],
        "p_abandon": lambda part: part["abandoned"] / part["offered"],
        "remote_share": lambda part: part["answered_elsewhere"] / part["offered"],
        "calls_per_morning": lambda part: part["offered"],
    }
    if figure not in values:
        raise BadInput(f"case {case['name']!r}: the figure {name!r} is not known here")
    return values[figure](part)


def result_target(params: Params) -> str:
    """The case's `t` as a result names it; empty: it has none."""
    from simulations.scenario.results import target_shown

    return target_shown(target_ms(params)) if params.get("t") else ""


def _part_of(figure: str, result: Figures) -> tuple[str, Figures]:
    """`mean_wait_0`, `p_wait0_gt_t`: of the class or region 0; else of all."""
    inside = re.fullmatch(r"p_wait(\d+)_gt_t", figure)
    if inside:
        return "wait_gt_t", _numbered(result, inside[1])
    last = re.fullmatch(r"(.+)_(\d+|[a-z])", figure)
    if last and last[2] != "t":
        return last[1], _numbered(result, last[2])
    return figure, result["total"]


def _numbered(result: Figures, name: str) -> Figures:
    for part, code in (("kinds", f"class_{name}"), ("regions", f"region_{name}")):
        if code in result[part]:
            found: Figures = result[part][code]
            return found
    raise BadInput(f"there is no class or region {name}")


def _busy_at(result: Figures, minute: int) -> float:
    return sum((row["busy"] for row in result["course"] if row["at_minute"] == minute), 0.0)
