"""What is counted of a run: calls by cell, parts of the week, nurses' time, single stories.

House rules: memory does not grow with the calls. Waits are kept exactly as long as there are not
too many different ones; then those above two seconds to a two-thousandth part, up or down.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from enum import StrEnum
from itertools import accumulate
from typing import Final, NamedTuple

from routing.vocabulary import RegionCode
from simulations.scenario.arrivals import Call

_EXACT_MS: Final = 2_048
DIFFERENT_MAX: Final = 4_096
"""So many different waits are kept as they are: fewer than there are rounded ones."""
TOGETHER_MAX: Final = 65_536
"""And so many where those of several are put together, for a moment."""
QUANTILES: Final = (50, 90, 95, 99)


class Waits:
    """How many waited how long."""

    __slots__ = ("_counts", "_is_exact", "count", "sum_ms")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._is_exact = True
        self.count = 0
        self.sum_ms = 0

    def add(self, wait_ms: int) -> None:
        """One more."""
        self.count += 1
        self.sum_ms += wait_ms
        counts = self._counts
        if not self._is_exact:
            wait_ms = _rounded(wait_ms)
        counts[wait_ms] = counts.get(wait_ms, 0) + 1
        if len(counts) > DIFFERENT_MAX and self._is_exact:
            self._round()

    def include(self, other: Waits) -> None:
        """All of the other's besides."""
        self.count += other.count
        self.sum_ms += other.sum_ms
        if self._is_exact and not other._is_exact:
            self._round()
        is_exact, counts = self._is_exact, self._counts
        for wait_ms, count in other._counts.items():
            kept_ms = wait_ms if is_exact else _rounded(wait_ms)
            counts[kept_ms] = counts.get(kept_ms, 0) + count
        if is_exact and len(counts) > TOGETHER_MAX:
            self._round()

    def _round(self) -> None:
        self._is_exact = False
        before, self._counts = self._counts, {}
        for wait_ms, count in before.items():
            kept_ms = _rounded(wait_ms)
            self._counts[kept_ms] = self._counts.get(kept_ms, 0) + count

    def mean_ms(self) -> float | None:
        """None: nobody waited."""
        return self.sum_ms / self.count if self.count else None

    def quantiles_ms(self, percents: Iterable[int]) -> list[float | None]:
        """The waits that so many of 100 did not exceed.

        Between two calls in proportion: of waits of 1 and 3 s it is 2 s that half did not exceed.
        """
        if not self.count:
            return [None for _ in percents]
        waits_ms = sorted(self._counts)
        ends = list(accumulate(self._counts[wait_ms] for wait_ms in waits_ms))
        found: list[float | None] = []
        for percent in percents:
            place, part = divmod((self.count - 1) * percent, 100)
            wait_ms = waits_ms[bisect_right(ends, place)]
            if part:
                longer_ms = waits_ms[bisect_right(ends, place + 1)]
                found.append(wait_ms + (longer_ms - wait_ms) * part / 100)
            else:
                found.append(wait_ms)
        return found


def _rounded(wait_ms: int) -> int:
    """The middle of its 1024th part of an octave; what is such a middle stays as it is."""
    if wait_ms < _EXACT_MS:
        return wait_ms
    shift = wait_ms.bit_length() - 11
    return (wait_ms >> shift << shift) + (1 << shift >> 1)


class Cell:
    """The calls of one home region and one kind."""

    __slots__ = (
        "abandoned",
        "answered",
        "answered_waits",
        "busy_ms",
        "callbacks",
        "elsewhere",
        "gone_waits",
        "handled_ms",
        "in_promise",
        "lent_ms",
        "not_reached",
        "offered",
        "rejected",
        "short",
        "unfinished",
        "wait_ms",
        "waited",
        "within",
    )

    def __init__(self, targets: int) -> None:
        self.offered = 0
        self.answered = 0
        self.abandoned = 0
        self.rejected = 0
        self.callbacks = 0
        """Asked to be rung back, whatever came of it."""
        self.not_reached = 0
        """Rung back in vain, as often as agreed."""
        self.unfinished = 0
        """Waiting still when the run was over."""
        self.elsewhere = 0
        """Answered by another region's nurse."""
        self.waited = 0
        """Not offered to a nurse at once."""
        self.in_promise = 0
        """Answered within what their priority promises."""
        self.within = [0] * targets
        """Answered within each target."""
        self.short = [0] * targets
        """Waited no longer than each target, however it ended."""
        self.busy_ms = 0
        """Nurses' time with all of them, those of the warm-up too, in the time that is counted."""
        self.handled_ms = 0
        """Nurses' time with those that are counted, until the last is done with."""
        self.lent_ms = 0
        """Of that, other regions' nurses' time."""
        self.wait_ms = 0
        """Of all, answered or not; of the unfinished until the run was over."""
        self.answered_waits = Waits()
        self.gone_waits = Waits()
        """Of who had a place and was not answered: gave up, was not reached, waits still."""

    @property
    def waits(self) -> int:
        """Whose waits are known, if only until the run was over."""
        gone = self.abandoned + self.rejected + self.not_reached
        return self.answered + gone + self.unfinished

    def include(self, other: Cell) -> None:
        """All of the other's besides."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for index, (within, short) in enumerate(zip(other.within, other.short, strict=True)):
            self.within[index] += within
            self.short[index] += short
        self.answered_waits.include(other.answered_waits)
        self.gone_waits.include(other.gone_waits)


_COUNTS: Final = (
    *("offered", "answered", "abandoned", "rejected", "callbacks", "elsewhere", "waited"),
    *("in_promise", "busy_ms", "handled_ms", "lent_ms", "not_reached", "unfinished", "wait_ms"),
)


class Ended(StrEnum):
    """How a call ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    REJECTED = "rejected"
    NOT_REACHED = "not_reached"
    UNFINISHED = "unfinished"
    """It did not, as long as the run was."""


class Story(NamedTuple):
    """What became of one call."""

    number: int
    """By arrival, from 0; those who ring again have numbers of their own."""
    call: Call
    answered_in: RegionCode | None
    wait_ms: int
    ended: Ended
    is_counted: bool = True
    """Or he came in the warm-up."""


class NursesTime(NamedTuple):
    """Nurses' time of a region, in the time that is counted."""

    staffed_ms: int
    busy_ms: int


class Moment:
    """A part of a region's week: who called then, and how it stood at its start."""

    __slots__ = (
        *("offered", "answered", "abandoned", "unfinished", "within", "wait_ms"),
        *("looks", "busy", "waiting", "staff"),
    )

    def __init__(self) -> None:
        self.offered = self.answered = self.abandoned = self.within = 0
        self.unfinished = self.wait_ms = 0
        self.looks = self.busy = self.waiting = self.staff = 0


class RegionTime:
    """One region's nurses: how long they were at work, and how long busy."""

    __slots__ = ("busy", "busy_ms", "changed_ms", "staff", "staffed_ms", "waiting")

    def __init__(self) -> None:
        self.staff = self.busy = self.waiting = 0
        self.staffed_ms = self.busy_ms = self.changed_ms = 0

    def pass_to(self, now_ms: int) -> None:
        """It has been so until now."""
        passed_ms = now_ms - self.changed_ms
        self.staffed_ms += self.staff * passed_ms
        self.busy_ms += self.busy * passed_ms
        self.changed_ms = now_ms
