"""Which commands of which nodes are in a record: one count for each start of a node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from queue_engine.core.record import Origin

ORIGINS_MAX: Final = 64
"""So many starts of nodes are known by what was decided of theirs: of a node that was started so
often since, nothing is still under way."""


class Origins:
    """Each node's commands come in the order in which it counts them.

    Args:
        rows: as `rows` gives them.
    """

    def __init__(self, rows: Iterable[tuple[str, int]] = ()) -> None:
        self._counts = dict(rows)

    def has(self, origin: Origin) -> bool:
        """Whether a record has this command of that node, or a later one."""
        return origin.count <= self._counts.get(origin.start, 0)

    def note(self, origin: Origin) -> None:
        """A record has it."""
        self._counts.pop(origin.start, None)
        self._counts[origin.start] = origin.count
        if len(self._counts) > ORIGINS_MAX:
            del self._counts[next(iter(self._counts))]

    def rows(self) -> list[tuple[str, int]]:
        """Of each start the last count; the latest last."""
        return list(self._counts.items())
