"""What is counted of a run: calls by cell, parts of the week, nurses' time, single stories.

House rules: memory does not grow with the calls. Waits are kept exactly below two seconds, and
above to a thousandth part.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from routing.vocabulary import RegionCode
from simulations.scenario.arrivals import Call

_EXACT_MS: Final = 2_048
QUANTILES: Final = (50, 90, 95, 99)


class Waits:
    """How many waited how long."""

    __slots__ = ("_counts", "count", "sum_ms")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self.count = 0
        self.sum_ms = 0

    def add(self, wait_ms: int) -> None:
        """One more."""
        self.count += 1
        self.sum_ms += wait_ms
        if wait_ms >= _EXACT_MS:
            shift = wait_ms.bit_length() - 11
            wait_ms = wait_ms >> shift << shift
        self._counts[wait_ms] = self._counts.get(wait_ms, 0) + 1

    def include(self, other: Waits) -> None:
        """All of the other's besides."""
        self.count += other.count
        self.sum_ms += other.sum_ms
        for wait_ms, count in other._counts.items():
            self._counts[wait_ms] = self._counts.get(wait_ms, 0) + count

    def mean_ms(self) -> float | None:
        """None: nobody waited."""
        return self.sum_ms / self.count if self.count else None

    def quantiles_ms(self, percents: Iterable[int]) -> list[int | None]:
        """The shortest waits that so many of 100 did not exceed; percents ascending."""
        found: list[int | None] = []
        passed, rest = 0, iter(sorted(self._counts.items()))
        wait_ms = None
        for percent in percents:
            wanted = -(-self.count * percent // 100)
            while passed < wanted:
                wait_ms, count = next(rest)
                passed += count
            found.append(wait_ms)
        return found


class Cell:
    """The calls of one home region and one kind."""

    __slots__ = (
        "abandoned",
        "answered",
        "answered_waits",
        "callbacks",
        "elsewhere",
        "handled_ms",
        "in_promise",
        "lent_ms",
        "not_reached",
        "offered",
        "rejected",
        "short",
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
        self.handled_ms = 0
        self.lent_ms = 0
        """Of that, other regions' nurses' time."""
        self.wait_ms = 0
        """Of all who are done with, answered or not."""
        self.answered_waits = Waits()

    @property
    def ended(self) -> int:
        """Who is done with."""
        return self.answered + self.abandoned + self.rejected + self.not_reached

    def include(self, other: Cell) -> None:
        """All of the other's besides."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for index, (within, short) in enumerate(zip(other.within, other.short, strict=True)):
            self.within[index] += within
            self.short[index] += short
        self.answered_waits.include(other.answered_waits)


_COUNTS: Final = (
    *("offered", "answered", "abandoned", "rejected", "callbacks", "elsewhere", "waited"),
    *("in_promise", "handled_ms", "lent_ms", "not_reached", "wait_ms"),
)


class Ended(StrEnum):
    """How a call ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    REJECTED = "rejected"
    NOT_REACHED = "not_reached"


class Story(NamedTuple):
    """What became of one call."""

    number: int
    """By arrival, from 0; those who ring again have numbers of their own."""
    call: Call
    answered_in: RegionCode | None
    wait_ms: int
    ended: Ended


class NursesTime(NamedTuple):
    """Nurses' time of a region, in the time that is counted."""

    staffed_ms: int
    busy_ms: int


class Moment:
    """A part of a region's week: who called then, and how it stood at its start."""

    __slots__ = (
        *("offered", "answered", "abandoned", "ended", "within", "wait_ms"),
        *("looks", "busy", "waiting", "staff"),
    )

    def __init__(self) -> None:
        self.offered = self.answered = self.abandoned = self.within = 0
        self.ended = self.wait_ms = 0
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
