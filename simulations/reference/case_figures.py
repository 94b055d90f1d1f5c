"""Where a case's figures are found in the results of its scenario.

House rules: a figure is looked up by its name, in the case's own unit, of all calls, of a class
(`mean_wait_0`, `mean_wait_a`) or of a region; with the name of a policy in front, of that policy.
Where places are few, waits and their chances are of the calls that are let in, and `p_block`,
`p_abandon` and `answered_within_t` of all calls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from queue_engine.core.errors import BadInput
from simulations.reference.cases import Case
from simulations.scenario.results import target_shown

Figures = Mapping[str, Any]
_BUSY_AT: Final = re.compile(r"busy_at_([\d.]+)h")
_CALLS: Final = re.compile(r"calls(?:_per_[a-z]+)?")
_WAIT_BEYOND: Final = re.compile(r"p_wait(\w*)_gt_t")


def measured(case: Case, results: Mapping[str, Figures], name: str) -> float:
    """What the simulation says of one expected figure, in the case's own unit.

    Args:
        results: by policy.

    Raises:
        BadInput: the figure is not known here, or there was nothing to count for it.
    """
    policy, _, figure = name.partition("_")
    if policy not in results or not figure:
        policy, figure = next(iter(results)), name
    result = results[policy]
    if found := _BUSY_AT.fullmatch(figure):
        return _busy_at(case, result, float(found[1]), name)
    if _CALLS.fullmatch(figure):
        return float(result["total"]["offered"])
    figure, part = _part_of(case, figure, result)
    value = _FIGURES[figure](case, part) if figure in _FIGURES else None
    if figure not in _FIGURES or (figure in _OF_T and case.t_ms is None):
        raise BadInput(f"case {case.name!r}: the figure {name!r} is not known here")
    if value is None:
        raise BadInput(f"case {case.name!r}: {name}: there was nothing to count")
    return value


def _part_of(case: Case, figure: str, result: Figures) -> tuple[str, Figures]:
    """`mean_wait_0`, `p_wait0_gt_t`: of the class or region 0; else of all."""
    inside = _WAIT_BEYOND.fullmatch(figure)
    if inside:
        part = inside[1].removeprefix("_")
        return "wait_gt_t", _numbered(result, part) or {} if part else result["total"]
    if figure not in _FIGURES:
        whole, _, last = figure.rpartition("_")
        found = _numbered(result, last)
        if found is not None:
            return whole, found
    return figure, result["total"]


def _numbered(result: Figures, name: str) -> Figures | None:
    for part, code in (
        ("regions", f"region_{name}"),
        ("kinds", f"class_{name}"),
    ):
        found: Figures | None = result[part].get(code)
        if found is not None:
            return found
    return None


def _busy_at(case: Case, result: Figures, hour: float, name: str) -> float:
    minute = round((hour - case.begins_hour) * 60)
    busy = [row["busy"] for row in result["course"] if row["at_minute"] == minute]
    if not busy or None in busy:
        raise BadInput(f"case {case.name!r}: {name}: that moment is not in the interval")
    return float(sum(busy))


# --- the figures ----------------------------------------------------------------------------

_Value = float | None


def _share(count: str) -> Callable[[Case, Figures], _Value]:
    return lambda case, part: part[count] / part["offered"] if part["offered"] else None


def _of_let_in(case: Case, part: Figures, share: _Value) -> _Value:
    """Of all calls, those turned away among them, as a share of those let in."""
    if share is None or not case.has_few_places:
        return share
    offered, rejected = part["offered"], part["rejected"]
    return (share * offered - rejected) / (offered - rejected) if offered > rejected else None


def _p_wait(case: Case, part: Figures) -> _Value:
    return _of_let_in(case, part, part["p_wait"])


def _wait_at_most(case: Case, part: Figures) -> _Value:
    share: _Value = part["waited_at_most"].get(_target(case))
    return _of_let_in(case, part, share)


def _wait_beyond(case: Case, part: Figures) -> _Value:
    at_most = _wait_at_most(case, part)
    return None if at_most is None else 1 - at_most


def _mean_wait(case: Case, part: Figures) -> _Value:
    mean_ms: _Value = part["mean_wait_ms"]
    if mean_ms is None or part["offered"] <= part["rejected"]:
        return None
    # Who is turned away has not waited.
    offered, let_in = int(part["offered"]), int(part["offered"] - part["rejected"])
    return mean_ms * offered / let_in / case.unit_ms


def _mean_wait_served(case: Case, part: Figures) -> _Value:
    mean_ms = part["mean_wait_answered_ms"]
    return None if mean_ms is None else float(mean_ms) / case.unit_ms


def _answered_within(case: Case, part: Figures) -> _Value:
    share: _Value = part["answered_within"].get(_target(case))
    return share


def _occupancy(case: Case, part: Figures) -> _Value:
    share: _Value = part.get("occupancy")
    return share


def _target(case: Case) -> str:
    return "" if case.t_ms is None else target_shown(case.t_ms)


_FIGURES: Final[dict[str, Callable[[Case, Figures], _Value]]] = {
    "p_wait": _p_wait,
    "mean_wait": _mean_wait,
    "mean_wait_served": _mean_wait_served,
    "wait_le_t": _wait_at_most,
    "wait_gt_t": _wait_beyond,
    "answered_within_t": _answered_within,
    "sl_t": _answered_within,
    "occupancy": _occupancy,
    "p_block": _share("rejected"),
    "p_abandon": _share("abandoned"),
    "remote_share": _share("answered_elsewhere"),
}
_OF_T: Final = ("wait_le_t", "wait_gt_t", "answered_within_t", "sl_t")
