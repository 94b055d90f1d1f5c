"""What a region has given to others and taken from them lately, by the quarter of an hour.

Written by `apply` when a talk, a wrap-up or a nurse's day at work ends, each minute in the quarter
in which it passed; what is still under way is added when it is measured. What nobody is home to is
everybody's, and in no region's balance; nor is what was sold, for it is paid.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from routing.lend_policy import BALANCE_WINDOW_MS_MAX, QUARTER_MS
from routing.vocabulary import RegionCode


class Work(NamedTuple):
    """Milliseconds of a region."""

    given: int = 0
    """Its agents in talks and wrap-ups of others' contacts."""
    taken: int = 0
    """Others' agents in those of its contacts."""
    staffed: int = 0
    """Its agents signed on."""

    def __add__(self, other: object) -> Work:
        assert isinstance(other, Work)
        return Work(
            self.given + other.given, self.taken + other.taken, self.staffed + other.staffed
        )

    def permille(self) -> int:
        """What was given beyond what was taken, in thousandths of the staffed time."""
        return (self.given - self.taken) * 1000 // self.staffed if self.staffed else 0


NO_WORK: Final = Work()


class Balances:
    """The quarters of every region, as far back as a window may reach."""

    def __init__(self) -> None:
        self._quarters: dict[RegionCode, dict[int, Work]] = {}

    def book(self, region: RegionCode, work: Work, from_ms: int, until_ms: int) -> None:
        """So it was all the time between.

        Args:
            work: 1 for what is counted, 0 for what is not.
        """
        oldest_ms = window_start_ms(until_ms, BALANCE_WINDOW_MS_MAX)
        quarters = self._quarters.setdefault(region, {})
        for old_ms in [start_ms for start_ms in quarters if start_ms < oldest_ms]:
            del quarters[old_ms]
        at_ms = max(from_ms, oldest_ms)
        while at_ms < until_ms:
            start_ms = at_ms - at_ms % QUARTER_MS
            length_ms = min(until_ms, start_ms + QUARTER_MS) - at_ms
            quarters[start_ms] = quarters.get(start_ms, NO_WORK) + Work(
                *(length_ms * part for part in work)
            )
            at_ms += length_ms

    def since(self, region: RegionCode, start_ms: int) -> Work:
        """All of the region that has ended, in quarters that begin at `start_ms` or later."""
        quarters = self._quarters.get(region, {})
        return sum((work for at_ms, work in quarters.items() if at_ms >= start_ms), NO_WORK)

    def rows(self) -> Iterator[tuple[RegionCode, int, Work]]:
        """Every quarter, in order."""
        for region, quarters in sorted(self._quarters.items()):
            for at_ms, work in sorted(quarters.items()):
                yield region, at_ms, work

    def put(self, region: RegionCode, at_ms: int, work: Work) -> None:
        """A quarter as a snapshot has it."""
        self._quarters.setdefault(region, {})[at_ms] = work


def window_start_ms(now_ms: int, window_ms: int) -> int:
    """The quarter with which a window begins that ends now."""
    start_ms = now_ms - window_ms
    return start_ms - start_ms % QUARTER_MS
