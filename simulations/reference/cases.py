"""Queueing models with known results, as scenarios: each runs through the file that it becomes.

A case is `{name, model, params, expected, tolerance, calls, warmup_fraction}`. Its times are in a
unit of its own. The tolerance is for one run of so many calls, and grows with the root of how many
fewer are run. Where arrivals vary by the hour, `calls` is how many such times are simulated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from queue_engine.core.errors import BadInput
from simulations.reference.case_models import Body, body_of
from simulations.reference.case_morning import is_morning, morning_of
from simulations.reference.case_params import Given

NAME_LENGTH_MAX: Final = 80


@dataclass(frozen=True, slots=True)
class Case:
    """One queueing model, its file, and where its figures are found."""

    name: str
    yaml: str
    expected: Mapping[str, float]
    tolerance: Mapping[str, float]
    unit_ms: float
    """The case's unit of time."""
    t_ms: int | None
    """The case's `t`."""
    has_few_places: bool = False
    """Who finds them all taken is turned away, and figures of waits are of those let in."""
    begins_hour: int = 0
    """Where arrivals vary: the hour of the week in which the run's first hour is."""
    replications: int = 1


def read_case(raw: Mapping[str, Any], scale: float = 1.0, hourly: tuple[float, ...] = ()) -> Case:
    """The case as it is to be run.

    Args:
        scale: of how many calls; the tolerance grows with it becoming less.
        hourly: calls of the nation by the hour of the week, for time-varying arrivals.

    Raises:
        BadInput: a model, or something in its parameters, that is not known here.
    """
    where = f"case {raw.get('name')!r:.80}"
    try:
        name, model, params = raw["name"], raw["model"], raw["params"]
        expected, tolerances = raw["expected"], raw["tolerance"]
        calls = max(1, round(raw["calls"] * scale))
        warm_up = min(calls - 1, round(calls * raw["warmup_fraction"]))
        tolerance = {figure: tolerances[figure] / scale**0.5 for figure in expected}
    except KeyError as missing:
        raise BadInput(f"{where}: {missing} is missing") from None
    except TypeError as fault:
        raise BadInput(f"{where}: {fault}") from None
    if not isinstance(model, str) or not isinstance(params, dict):
        raise BadInput(f"{where}: expected a model, and its parameters by name")
    given = Given(params, where)
    begins_hour, replications = 0, 1
    if is_morning(model):
        morning = morning_of(given, tuple(expected), hourly)
        body, begins_hour, replications = morning.body, morning.begins_hour, calls
    else:
        body = body_of(model, given, where)
        length = f"length: {calls} calls\nwarm_up: {warm_up} calls\n"
        body = Body(f"{length}{body.yaml}", body.unit_ms, body.t_ms, body.has_few_places)
    given.finish()
    return Case(
        name=str(name),
        yaml=f"name: {json.dumps(str(name)[:NAME_LENGTH_MAX])}\n{body.yaml}",
        expected=expected,
        tolerance=tolerance,
        unit_ms=body.unit_ms,
        t_ms=body.t_ms,
        has_few_places=body.has_few_places,
        begins_hour=begins_hour,
        replications=replications,
    )
