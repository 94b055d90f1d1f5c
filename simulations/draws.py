"""Chance, by a seed that means the same next year.

House rules: `random.Random(integer).random()` is the one method whose results Python promises to
keep; everything else is made of it here. Each purpose has a stream of its own, so that another
policy, or one nurse more, leaves all other draws as they were (common random numbers).
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import erfc, exp, log, log1p, sqrt
from statistics import NormalDist
from typing import Final, TypeVar

T = TypeVar("T")

_LEAST: Final = 2.0**-54
"""Stands in for the 0 that `random()` may give, which no normal value stays below."""
_NORMAL: Final = NormalDist()
_DOUBTFUL_MS: Final = 1e-3
"""So close to the middle between two milliseconds another way of reckoning might round otherwise.
"""
_LONG_MS: Final = 10**9
"""So long a time may differ by more than that."""


class Shape(StrEnum):
    """How durations spread around their mean."""

    FIXED = "fixed"
    EXPONENTIAL = "exponential"
    LOGNORMAL = "lognormal"
    GAMMA = "gamma"
    MIX = "mix"
    """One of several spreads, each so often."""
    VALUES = "values"
    """One of some that were measured, all equally often."""


_FIXED: Final = Shape.FIXED
_EXPONENTIAL: Final = Shape.EXPONENTIAL
_LOGNORMAL: Final = Shape.LOGNORMAL
"""For what is asked with every call; see `queue_engine.core.contact.WAITING`."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A duration that differs from time to time; `spread_*` make one from other figures."""

    shape: Shape
    mean_ms: int
    sigma: float = 0.0
    """Of the logarithm, for LOGNORMAL; the coefficient of variation, for GAMMA."""
    parts: tuple[tuple[Spread, float], ...] = ()
    """For MIX, each with its weight."""
    values_ms: tuple[int, ...] = ()
    """For VALUES."""


def spread_lognormal(mean_ms: int, variation: float) -> Spread:
    """A lognormal one with this coefficient of variation: sigma^2 = ln(1 + cv^2)."""
    return Spread(Shape.LOGNORMAL, mean_ms, sqrt(log1p(variation * variation)))


def spread_mix(parts: Sequence[tuple[Spread, float]]) -> Spread:
    """One of these, each as often as its weight among all weights."""
    whole = sum(weight for _, weight in parts)
    mean = sum(part.mean_ms * weight for part, weight in parts) / whole
    return Spread(Shape.MIX, round(mean), parts=tuple(parts))


def spread_values(values_ms: Sequence[int]) -> Spread:
    """One of these, all equally often."""
    mean = sum(values_ms) / len(values_ms)
    return Spread(Shape.VALUES, round(mean), values_ms=tuple(values_ms))


class Draws:
    """One stream of chance; equal seeds and names give equal streams."""

    def __init__(self, seed: int, name: str) -> None:
        mixed = hashlib.sha256(f"{seed}/{name}".encode()).digest()
        self.name: Final = name
        self.unit: Final = random.Random(int.from_bytes(mixed, "big")).random
        """From 0 up to, not including, 1."""

    def chance(self, probability: float) -> bool:
        """True so often."""
        return self.unit() < probability

    def choice(self, weighted: Sequence[tuple[T, float]]) -> T:
        """One of the items, each as often as its weight among all weights."""
        whole = 0.0
        for _, weight in weighted:
            whole += weight
        left = self.unit() * whole
        for item, weight in weighted:
            left -= weight
            if left < 0:
                return item
        return weighted[-1][0]  # the sum's rounding may leave a last bit over

    def exponential(self, mean: float) -> float:
        """A time without memory."""
        return -mean * log1p(-self.unit())

    def lognormal(self, mean: float, sigma: float) -> float:
        """One whose logarithm is normal, with this mean of its own."""
        return _lognormal(mean, sigma, self.unit() or _LEAST)

    def lognormal_ms(self, mean_ms: int, sigma: float) -> int:
        """`lognormal`, rounded.

        Python's own inverse is eight times as quick as ours and differs in its last digits, maybe
        in others from one version to the next: where they decide, ours does.
        """
        unit = self.unit() or _LEAST
        drawn_ms = mean_ms * exp(sigma * _NORMAL.inv_cdf(unit) - sigma * sigma / 2)
        if abs(drawn_ms % 1 - 0.5) < _DOUBTFUL_MS or drawn_ms > _LONG_MS:
            drawn_ms = _lognormal(mean_ms, sigma, unit)
        return round(drawn_ms)

    def gamma(self, mean: float, variation: float) -> float:
        """A gamma time of this mean and coefficient of variation.

        By Marsaglia and Tsang, "A simple method for generating gamma variables" (2000); a shape
        below 1 by their remark at its end.
        """
        shape = 1 / (variation * variation)
        raised = shape if shape >= 1 else shape + 1
        d = raised - 1 / 3
        c = 1 / sqrt(9 * d)
        while True:
            x = inverse_normal(self.unit() or _LEAST)
            v = (1 + c * x) ** 3
            if v > 0 and log(self.unit() or _LEAST) < x * x / 2 + d - d * v + d * log(v):
                break
        drawn = d * v if shape >= 1 else d * v * (self.unit() or _LEAST) ** (1 / shape)
        return mean * drawn / shape

    def duration_ms(self, spread: Spread) -> int:
        """A duration of this spread, in whole milliseconds."""
        shape = spread.shape
        if shape is _FIXED:
            return spread.mean_ms
        if shape is _EXPONENTIAL:
            return round(self.exponential(spread.mean_ms))
        if shape is _LOGNORMAL:
            return self.lognormal_ms(spread.mean_ms, spread.sigma)
        if shape is Shape.GAMMA:
            return round(self.gamma(spread.mean_ms, spread.sigma))
        if shape is Shape.MIX:
            return self.duration_ms(self.choice(spread.parts))
        assert shape is Shape.VALUES, shape
        return spread.values_ms[int(self.unit() * len(spread.values_ms))]


def _lognormal(mean: float, sigma: float, probability: float) -> float:
    return mean * exp(sigma * inverse_normal(probability) - sigma * sigma / 2)


_ROOT_2: Final = sqrt(2)
_ROOT_2_PI: Final = sqrt(2 * math.pi)


def inverse_normal(probability: float) -> float:
    """The value that a standard normal stays below with this probability, to about 1e-12.

    A rational first guess (Abramowitz and Stegun 26.2.23, off by up to 4.5e-4), then Halley's
    step against the exact distribution, twice.
    """
    assert 0 < probability < 1, probability
    tail = probability if probability <= 0.5 else 1 - probability
    t = sqrt(-2 * log(tail))
    above = 2.515517 + t * (0.802853 + t * 0.010328)
    below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
    x = above / below - t
    for _ in range(2):
        error = 0.5 * erfc(-x / _ROOT_2) - tail
        step = error * _ROOT_2_PI * exp(x * x / 2)
        x -= step / (1 + x * step / 2)
    return x if probability <= 0.5 else -x
