"""Axes with round numbers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from typing import Final

from simulations.scenario_report.language import HOUR_MS, MINUTE_MS, Language

_STEPS: Final = (1, 2, 5, 10)
_TIME_STEPS_MS: Final = (
    *(1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 30_000),
    *(MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS, 15 * MINUTE_MS, 20 * MINUTE_MS),
    *(30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS, 24 * HOUR_MS),
)


@dataclass(frozen=True, slots=True)
class Axis:
    """From a least to a most value, over a stretch of the paper."""

    least: float
    most: float
    ticks: tuple[float, ...]
    begins: float
    ends: float

    def at(self, value: float) -> float:
        """Where a value is on the paper."""
        part = (value - self.least) / (self.most - self.least)
        return self.begins + part * (self.ends - self.begins)


def round_axis(least: float, most: float, begins: float, ends: float, ticks: int = 5) -> Axis:
    """One from a round number below the least to one above the most."""
    step = _round_step((most - least) / ticks)
    return _axis(least, most, step, begins, ends)


def wait_axis(most_ms: float, begins: float, ends: float, ticks: int = 5) -> Axis:
    """Waits from 0, by steps that a clock knows."""
    steps = (*_TIME_STEPS_MS, ceil(most_ms / ticks))
    step = next(step for step in steps if step * ticks >= most_ms)
    return _axis(0, max(most_ms, step), step, begins, ends)


def _round_step(about: float) -> float:
    whole = 10.0 ** floor(log10(about)) if about > 0 else 1.0
    return next(step * whole for step in _STEPS if step * whole >= about * 0.999)


def _axis(least: float, most: float, step: float, begins: float, ends: float) -> Axis:
    first, last = floor(least / step + 1e-9), ceil(most / step - 1e-9)
    last = max(last, first + 1)
    ticks = tuple(number * step for number in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], ticks, begins, ends)


def wait_shown(wait_ms: float, axis: Axis) -> str:
    """A tick of a wait axis, its unit chosen by the axis's steps."""
    step = min(after - before for before, after in pairwise(axis.ticks))
    if step >= HOUR_MS:
        return f"{wait_ms / HOUR_MS:g} h"
    if step >= MINUTE_MS:
        return f"{wait_ms / MINUTE_MS:g} min"
    if axis.most <= 2 * MINUTE_MS:
        return f"{wait_ms / 1000:g} s"
    minutes, seconds = divmod(round(wait_ms / 1000), 60)
    return f"{minutes}:{seconds:02}"


def number_shown(value: float, language: Language) -> str:
    """A tick of a plain axis."""
    digits = 0 if value == int(value) else 1 if value * 10 == int(value * 10) else 2
    return language.number(value, digits)
