"""Exact results of queues, for tests: worked out here from their balance equations alone."""

from __future__ import annotations

from itertools import accumulate, pairwise
from math import exp
from typing import NamedTuple


def erlang_b(erlangs: float, nurses: int) -> float:
    """The share of calls that find all nurses busy, where nobody waits."""
    blocked = 1.0
    for busy in range(1, nurses + 1):
        blocked = erlangs * blocked / (busy + erlangs * blocked)
    return blocked


class Steady(NamedTuple):
    """A queue in its steady state, of all who come but `mean_wait` and `p_wait` of those let in."""

    p_wait: float
    mean_wait: float
    p_abandon: float
    p_block: float
    occupancy: float


def steady(lam: float, mu: float, n: int, theta: float = 0.0, places: int = 4_000) -> Steady:
    """M/M/n/K+M, by its birth and death: so many places, those of the calls answered included."""
    weights = [1.0]
    for size in range(1, places + 1):
        weights.append(weights[-1] * lam / (min(size, n) * mu + max(0, size - n) * theta))
        if weights[-1] < 1e-15 * max(weights):
            break
    whole = sum(weights)
    chances = [weight / whole for weight in weights]
    p_block = chances[places] if len(chances) > places else 0.0
    waiting = sum(max(0, size - n) * chance for size, chance in enumerate(chances))
    busy = sum(min(size, n) * chance for size, chance in enumerate(chances))
    let_in = lam * (1 - p_block)
    return Steady(
        p_wait=(sum(chances[n:]) - p_block) / (1 - p_block),
        mean_wait=waiting / let_in,
        p_abandon=theta * waiting / lam,
        p_block=p_block,
        occupancy=busy / n,
    )


def mean_wait_of_one(lam: float, mean: float, variation: float) -> float:
    """M/G/1, by Pollaczek and Khinchine."""
    load = lam * mean
    return load * mean * (1 + variation**2) / (2 * (1 - load))


def mean_waits_by_class(lams: list[float], mu: float, n: int) -> list[float]:
    """M/M/n with priorities, nobody interrupted, by Cobham."""
    whole = steady(sum(lams), mu, n)
    upper = [0.0, *accumulate(lam / (n * mu) for lam in lams)]
    first = whole.p_wait / (n * mu)
    return [first / ((1 - above) * (1 - own)) for above, own in pairwise(upper)]


def busy_at(rates: list[float], mean_h: float, at_h: float) -> float:
    """How many are busy in M_t/M/infinity that began empty: calls an hour, hour by hour."""
    busy = 0.0
    for hour, rate in enumerate(rates):
        if hour >= at_h:
            break
        ends = min(hour + 1.0, at_h)
        left = exp(-(at_h - ends) / mean_h) - exp(-(at_h - hour) / mean_h)
        busy += rate * mean_h * left
    return busy
