"""Which links nobody holds any more: they are lost, as whoever decides has it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Final, Never

from queue_engine.core.commands import ReportLinkLost
from queue_engine.core.errors import Refused
from queue_engine.runtime.running import RunningEngine
from routing.vocabulary import LinkId

_log = logging.getLogger(__name__)

LOOK_S: Final = 1.0

HOLDS_MS: Final = 2_500
"""So long what a node has said of its links is believed; it says so each second."""
UNHELD_MS: Final = 1_500
"""A link that changes hands is for a moment in nobody's."""


class LinkWatch:
    """Told each second which links are up and which are held; says which are lost. A rule alone.

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


async def watch_links(engine: RunningEngine, held: Callable[[], Collection[LinkId]]) -> Never:
    """Reports those that are lost, until cancelled; what is refused is reported the next time.

    Args:
        engine: the one that decides.
        held: the links that any engine holds which it reaches.
    """
    watch = LinkWatch()
    while True:
        await asyncio.sleep(LOOK_S)
        up = [link for link, is_up in engine.state.links.items() if is_up]
        for link, since_ms in watch.lost(up, held(), engine.now_ms()).items():
            _log.error("no engine holds the link to %s any more", link)
            try:
                await engine.submit(ReportLinkLost(link, since_ms))
            except Refused as refused:
                _log.error("link %s is not taken for lost yet: %s", link, refused)
