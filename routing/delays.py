"""How long those have really waited who were connected lately, beside what was foretold them.

What is told the next is what its place alone says, in the proportion in which that was right for
the last ones of the same tier and home region: so talks that take longer than is assumed, help by
other regions and callers who give up are all in it, without anybody having to know them. Where
nobody of the own region is at work its place says nothing, and the last one's wait is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple

from routing.policy import MINUTE_MS
from routing.vocabulary import RegionCode

CONTACTS_REMEMBERED: Final = 16
"""So many weigh about two thirds of all; older ones fade."""
TRUST_MS: Final = 20 * MINUTE_MS
"""So much is added to both sums: a few short waits alone do not change what is told."""
FRESH_MS: Final = 60 * MINUTE_MS
"""What is older says nothing of now, such as the last evening in the morning."""


class Delay(NamedTuple):
    """Of those connected lately of one tier and home region."""

    waited_ms: int
    """Together, those before the last sixteen fading, if anything was foretold them."""
    foretold_ms: int
    """To the same, by their place alone."""
    last_ms: int
    """How long the last one has waited."""
    at_ms: int
    """When that one was connected."""


_delay: Final[Callable[[tuple[int, int, int, int]], Delay]] = partial(tuple.__new__, Delay)
"""For every caller who is connected; see `order`."""


class Delays:
    """The history of every tier and home region: one row each."""

    def __init__(self) -> None:
        self._rows: dict[tuple[RegionCode, int], Delay] = {}

    def note(
        self, region: RegionCode, tier: int, waited_ms: int, foretold_ms: int, now_ms: int
    ) -> None:
        """Somebody was connected.

        Args:
            foretold_ms: 0: it was not to wait at all, or nobody could say.
        """
        known = self._fresh(region, tier, now_ms)
        waited_sum = foretold_sum = 0
        if known is not None:
            waited_sum, foretold_sum, _, _ = known
        if foretold_ms:
            waited_sum += waited_ms - waited_sum // CONTACTS_REMEMBERED
            foretold_sum += foretold_ms - foretold_sum // CONTACTS_REMEMBERED
        self._rows[region, tier] = _delay((waited_sum, foretold_sum, waited_ms, now_ms))

    def told_ms(
        self, region: RegionCode, tier: int, foretold_ms: int | None, now_ms: int
    ) -> int | None:
        """What is to be told one of them now; None: nobody could say.

        Args:
            foretold_ms: what its place alone says; None: nothing.
        """
        known = self._fresh(region, tier, now_ms)
        if known is None:
            return foretold_ms
        if foretold_ms is None:
            return known.last_ms
        return foretold_ms * (known.waited_ms + TRUST_MS) // (known.foretold_ms + TRUST_MS)

    def _fresh(self, region: RegionCode, tier: int, now_ms: int) -> Delay | None:
        known = self._rows.get((region, tier))
        return known if known is not None and now_ms - known.at_ms <= FRESH_MS else None

    def rows(self) -> Iterator[tuple[RegionCode, int, Delay]]:
        """Every row, in order."""
        for (region, tier), delay in sorted(self._rows.items()):
            yield region, tier, delay

    def put(self, region: RegionCode, tier: int, delay: Delay) -> None:
        """A row as a snapshot has it."""
        self._rows[region, tier] = delay
