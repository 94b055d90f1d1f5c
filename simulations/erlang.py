"""Erlang's formulas: how long callers wait for so many nurses, and how many nurses are needed.

Pure. The functions are Erlang C: nobody gives up; their load is in erlangs, calls an hour times the
hours that each takes. `ErlangA` has callers who give up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil, exp, expm1, inf, log
from typing import Final

_ENOUGH: Final = 1e250
"""Larger numbers are not needed, and would soon be none."""
_NEGLIGIBLE: Final = 1e-17


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


@dataclass(frozen=True)
class ErlangA:
    """The queue M/M/n+M in its steady state: first come first served, patience exponential.

    All times are in one unit of the caller's choice. The model is C. Palm's (1957); the formulas
    are those of O. Garnett, A. Mandelbaum and M. Reiman, "Designing a call center with impatient
    customers" (2002), in the form of S. Zeltyn and A. Mandelbaum, "Call centers with impatient
    customers: many-server asymptotics of the M/M/n+G queue" (2005), section 3. Their integral
    J(t) is here an incomplete gamma function's series, all of whose terms are positive.

    >>> round(ErlangA(calls=48, handling=1, patience=2, nurses=50).p_wait, 6)
    0.467774
    """

    calls: float
    """In a unit of time."""
    handling: float
    """What one call takes a nurse, on the mean; above 0."""
    patience: float | None
    """How long a caller would wait, on the mean; None: nobody gives up."""
    nurses: int
    """At least one."""

    @property
    def is_steady(self) -> bool:
        """Whether the queue keeps to a length: else nobody is answered within any time."""
        return self.patience is not None or self.calls < self._capacity

    @property
    def p_wait(self) -> float:
        """The share of callers who are not answered at once."""
        return self._waits_beyond(0.0) if self.is_steady else 1.0

    @property
    def p_abandon(self) -> float:
        """The share of callers who give up."""
        if self.patience is None:
            return 0.0
        return max(0.0, self.p_wait - self._answered_beyond(0.0))

    @property
    def mean_wait(self) -> float:
        """Of all, whether they give up or not: by the balance of those who give up."""
        if not self.is_steady:
            return inf
        if self.patience is None:
            return self.p_wait / (self._capacity - self.calls)
        return self.p_abandon * self.patience

    @property
    def occupancy(self) -> float:
        """The share of her time that a nurse is busy."""
        return min(1.0, self.calls * (1 - self.p_abandon) / self._capacity)

    def answered_within(self, time: float) -> float:
        """The share of all callers who are answered after so long at most."""
        if not self.is_steady:
            return 0.0
        return max(0.0, 1 - self.p_abandon - self._answered_beyond(time))

    def waits_at_most(self, time: float) -> float:
        """The share of all callers who wait no longer, whether they are answered or give up."""
        if not self.is_steady:
            return 0.0
        return 1 - exp(-self._leaving * time) * self._waits_beyond(time)

    # --- the building blocks; in logarithms, since an overload makes them large ------------

    @property
    def _capacity(self) -> float:
        """Calls that all nurses together can take in a unit of time."""
        return self.nurses / self.handling

    @property
    def _leaving(self) -> float:
        """How fast one who waits gives up."""
        return 1 / self.patience if self.patience is not None else 0.0

    def _waits_beyond(self, time: float) -> float:
        """The chance that an endlessly patient caller would wait longer: lambda J(t) over all."""
        calls = self.calls * exp(-self._leaving * time)
        log_j = self._log_e(time) + _log_series(calls, self._capacity, self._leaving)
        return exp(log(self.calls) + log_j - self._log_whole)

    def _answered_beyond(self, time: float) -> float:
        """The share of all who are answered after a longer wait: (n mu J(t) - e(t)) over all."""
        calls = self.calls * exp(-self._leaving * time)
        series = _log_series(calls, self._capacity + self._leaving, self._leaving)
        return exp(self._log_e(time) + log(calls) + series - self._log_whole)

    def _log_e(self, time: float) -> float:
        """ln of exp(lambda H(t) - n mu t), where H(t) is the integral of the patience left."""
        leaving = self._leaving
        patient = -expm1(-leaving * time) / leaving if leaving else time
        return self.calls * patient - self._capacity * time

    @cached_property
    def _log_whole(self) -> float:
        """ln of epsilon + lambda J(0); epsilon is one over Erlang B of one nurse fewer."""
        log_j = log(self.calls) + _log_series(self.calls, self._capacity, self._leaving)
        epsilon = 1.0
        for busy in range(1, self.nurses):
            epsilon = min(1 + epsilon * busy / (self.calls * self.handling), _ENOUGH)
        log_epsilon = log(epsilon)
        most = max(log_j, log_epsilon)
        return most + log(exp(log_j - most) + exp(log_epsilon - most))


def _log_series(calls: float, capacity: float, leaving: float) -> float:
    """ln of the sum over k of calls^k / ((capacity)(capacity + leaving)...(capacity + k leaving)).

    Args:
        leaving: 0 only if there are fewer calls than capacity.
    """
    if leaving == 0:
        return -log(capacity - calls)
    term = total = 1 / capacity
    rescaled = 0.0
    rate = capacity
    while term > total * _NEGLIGIBLE or rate < calls:
        rate += leaving
        term *= calls / rate
        total += term
        if total > _ENOUGH:
            term, total = term / _ENOUGH, total / _ENOUGH
            rescaled += log(_ENOUGH)
    return log(total) + rescaled
