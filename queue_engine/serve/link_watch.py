"""Which links nobody holds any more. A rule alone: no clock, no Redis."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from routing.vocabulary import LinkId

HOLDS_MS: Final = 2_500
"""So long what a node has said of its links is believed; it says so each second."""
UNHELD_MS: Final = 1_500
"""A link that changes hands is for a moment in nobody's."""


class LinkWatch:
    """Told each second which links are up and which are held; says which are lost.

    A node that dies says nothing of the links that it held. Until another one has taken them,
    nobody may be offered to a phone there: nothing would ring, and its nurse would be blamed.
    """

    def __init__(self) -> None:
        self._since_ms: dict[LinkId, int] = {}

    def lost(
        self, up: Collection[LinkId], held: Collection[LinkId], now_ms: int
    ) -> dict[LinkId, int]:
        """The links that are up and have been held by nobody for long, and since when (ms)."""
        missing = [link_id for link_id in sorted(up) if link_id not in held]
        self._since_ms = {each: self._since_ms.get(each, now_ms) for each in missing}
        return {
            link_id: since_ms
            for link_id, since_ms in self._since_ms.items()
            if now_ms - since_ms >= UNHELD_MS
        }
