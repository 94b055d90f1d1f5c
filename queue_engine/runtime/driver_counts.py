"""What the deciding loop has done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class DriverCounts:
    """What the loop has done since it began."""

    turns: int = 0
    records: int = 0
    appends: int = 0
    refusals: int = 0
    failures: int = 0
    stalls: int = 0
    feeds_cut: int = 0
    append_failures: int = 0
