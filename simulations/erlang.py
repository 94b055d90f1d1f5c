"""Erlang's formulas: how many nurses a load of calls needs when nobody gives up.

Pure. The load is in erlangs: calls an hour times the hours that each takes.
"""

from __future__ import annotations

from math import ceil


def chance_of_waiting(erlangs: float, nurses: int) -> float:
    """The share of callers who find all nurses busy (Erlang C); 1 if they cannot keep up.

    >>> round(chance_of_waiting(1.0, 2), 3)
    0.333
    """
    if erlangs >= nurses:
        return 1.0
    blocked = 1.0  # Erlang B, by its recursion over the number of nurses
    for busy in range(1, nurses + 1):
        blocked = erlangs * blocked / (busy + erlangs * blocked)
    occupancy = erlangs / nurses
    return blocked / (1 - occupancy * (1 - blocked))


def mean_wait_ms(erlangs: float, nurses: int, handle_ms: float) -> float:
    """How long callers wait on the mean, those who do not wait included; infinite if overloaded."""
    if erlangs >= nurses:
        return float("inf")
    return chance_of_waiting(erlangs, nurses) * handle_ms / (nurses - erlangs)


def nurses_needed(
    erlangs: float, handle_ms: float, wait_ms_max: float, occupancy_max: float
) -> int:
    """The least number, at least one, that keeps both limits.

    Args:
        handle_ms: what one call takes a nurse, on the mean.
        wait_ms_max: mean wait.
        occupancy_max: share of her time that a nurse is busy; below 1.
    """
    nurses = max(1, ceil(erlangs / occupancy_max))
    while mean_wait_ms(erlangs, nurses, handle_ms) > wait_ms_max:
        nurses += 1
    return nurses
