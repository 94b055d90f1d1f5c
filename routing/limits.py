"""Limits on what changes all the time: crossed upwards at one value, downwards at a lower one.

A wait or a balance is a new number every second. What hangs on such a number would flutter with
it; so each limit has two values, and between them stays as it was. The numbers are taken now and
then (`core.measures`); what the rest of the engine sees is only which limits are on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from routing.vocabulary import RegionCode


class LimitKind(StrEnum):
    """What is measured against the limit."""

    OWN_WAIT = "own_wait"
    """The region's own expected wait; by the share rule that names it."""
    LONGEST_WAIT = "longest_wait"
    """How long one of its own callers has waited; by service and language."""
    BALANCE = "balance"
    """What it has given to others beyond what it took, in thousandths of its staffed time."""
    LOSS = "loss"
    """Not measured: its lending is cut because lending costs its own callers too much."""
    OVERLOAD = "overload"
    """The same; by the region's overload guard."""


class Limit(NamedTuple):
    """One limit; it is on or off."""

    region: RegionCode
    kind: LimitKind
    part: str = ""
    """What of the region is measured, or for which of its rules."""


@dataclass(frozen=True, slots=True)
class Levels:
    """On once the measure is above the one, off once it is below the other.

    Waits are in milliseconds, shares in thousandths.
    """

    above: int
    below: int

    def turns(self, is_on: bool, value: int | None) -> bool:
        """Whether the limit turns at this value.

        Args:
            value: None if it is more than can be said.
        """
        if is_on:
            return value is not None and value < self.below
        return value is None or value > self.above

    def problems(self, what: str, least: int = 0) -> Iterator[str]:
        """Yields what is wrong with them as a sentence.

        Args:
            least: of both; of waits 1, for none is ever below 0 and would turn the limit off.
        """
        if not least <= self.below < self.above:
            yield f"{what}: off must be below on, and neither below {least}"
