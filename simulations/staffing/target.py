"""What staff is to reach: `80 % in 3 min`, and how busy nurses may be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from queue_engine.config.wording import UNITS_MS
from queue_engine.core.errors import BadInput
from simulations.scenario.results import target_shown

_TARGET: Final = re.compile(r"(\d{1,2}(?:\.\d)?) ?% in (\d{1,9}) ?(ms|s|min|h)", re.ASCII)
_PERCENT: Final = re.compile(r"(\d{1,3}(?:\.\d)?) ?%", re.ASCII)


@dataclass(frozen=True, slots=True)
class Target:
    """So many of a region's callers are answered in time."""

    share: float
    """Of all who call, those who give up included; above 0, below 1."""
    within_ms: int
    occupancy_max: float = 1.0
    """The share of their time that a region's nurses are busy; 1: whatever it comes to."""

    @property
    def words(self) -> str:
        """As it is asked for."""
        return f"{self.share * 100:g} % in {self.within_shown}"

    @property
    def within_shown(self) -> str:
        """As the results of a run name it."""
        return target_shown(self.within_ms)


def read_target(text: str, occupancy_max: str | None = None) -> Target:
    """The target from its words.

    >>> read_target("80 % in 3 min")
    Target(share=0.8, within_ms=180000, occupancy_max=1.0)

    Raises:
        BadInput: says what was expected.
    """
    found = _TARGET.fullmatch(text.strip())
    share = float(found[1]) / 100 if found else 0.0
    within_ms = int(found[2]) * UNITS_MS[found[3]] if found else 0
    if not share or not within_ms:
        raise BadInput(f'--target is as in "80 % in 3 min", not {text!r:.40}')
    if occupancy_max is None:
        return Target(share, within_ms)
    busy = _PERCENT.fullmatch(occupancy_max.strip())
    if busy is None or not 0 < float(busy[1]) <= 100:
        raise BadInput(f'--occupancy-max is a share such as "85 %", not {occupancy_max!r:.40}')
    return Target(share, within_ms, float(busy[1]) / 100)
