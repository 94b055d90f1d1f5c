"""What there is to do at each time of a week: calls that came before are talked about still.

After a rise of the calls the first half-hour has less to do than the second, after a fall more,
though the same calls come in both.
"""

from __future__ import annotations

from enum import StrEnum
from math import exp, expm1
from typing import Final

from simulations.scenario.model import HALF_HOUR_MS, HOUR_MS, Profile, step_ms

_DIGITS: Final = 3
"""Of calls an hour: what differs by less needs as many nurses."""


class Step(StrEnum):
    """For how long a number of nurses holds."""

    HALF_HOUR = "half-hour"
    HOUR = "hour"

    @property
    def lasts_ms(self) -> int:
        """In milliseconds."""
        return HALF_HOUR_MS if self is Step.HALF_HOUR else HOUR_MS


def load_of(calls_per_hour: Profile, handling_hours: float, step: Step) -> Profile:
    """The calls an hour that would keep as many nurses busy, by steps; a single figure stays one.

    The modified offered load of O. Jennings, A. Mandelbaum, W. Massey and W. Whitt, "Server
    staffing to meet time-varying demand" (1996): as many as would talk at once if all were answered
    at once, here the mean of each step, handling times taken as exponential.

    >>> load_of((6.0,) * 12 + (18.0,) * 12, 0.5, Step.HOUR)[10:14]
    (6.0, 6.0, 12.812, 17.298)
    """
    if len(calls_per_hour) == 1:
        return calls_per_hour
    parts = max(1, step_ms(calls_per_hour) // step.lasts_ms)
    pieces = [calls for calls in calls_per_hour for _ in range(parts)]
    together = max(1, step.lasts_ms // step_ms(calls_per_hour))
    hours = min(step_ms(calls_per_hour), step.lasts_ms) / HOUR_MS
    means = _means(pieces, hours / handling_hours)
    return tuple(
        round(sum(means[first : first + together]) / together, _DIGITS)
        for first in range(0, len(means), together)
    )


def _means(pieces: list[float], lasts: float) -> list[float]:
    """Of each piece: the load goes towards the piece's calls; the end is joined to the beginning.

    Args:
        lasts: how long a piece is, by the mean handling time.
    """
    kept, kept_mean = exp(-lasts), -expm1(-lasts) / lasts
    load = 0.0
    for calls in pieces:
        load = calls + (load - calls) * kept
    load /= -expm1(-lasts * len(pieces))
    means = []
    for calls in pieces:
        means.append(calls + (load - calls) * kept_mean)
        load = calls + (load - calls) * kept
    return means
