"""Topics for those who watch: each is computed once a tick for all, and only while somebody does.

A value is sent whole, and a newer one replaces an older that a client has not taken yet. So what a
client can make the engine keep is bounded by its topics, however slowly it reads. While nothing
happens, only what time changes is sent, and seldom; when many topics take long to compute, ticks
come more slowly, so that at most a part in `COST_SHARE` of the loop's time goes there.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable
from typing import Final, Protocol

from queue_engine.console_api.board import Board
from queue_engine.console_api.json_text import to_json
from queue_engine.console_api.shapes import ID_PATTERN, REGION_PATTERN
from queue_engine.console_api.views import QueueQuestion
from routing.vocabulary import ContactId, RegionCode

_log = logging.getLogger(__name__)

TICK_S: Final = 0.5
IDLE_S: Final = 2.0
"""So seldom topics are sent while nothing happens."""
TURN_S: Final = 0.005
"""So long values are computed before others have their turn."""
JOURNALED_TURN_S: Final = 0.05
"""The same after a slow append: between that one and the next is little time for all of them."""
COST_SHARE: Final = 10
TOPICS_MAX: Final = 32
"""Of one client."""
TOPICS_TOTAL_MAX: Final = 1_000

_TOPIC: Final = re.compile(
    rf"regions|texts|(?:queue|agents)(?::{REGION_PATTERN.strip('^$')})?|contact:{ID_PATTERN.strip('^$')}"
)


class Watcher(Protocol):
    """A client, as the hub sees it."""

    def offer(self, topic: str, message: bytes) -> None:
        """A new value, in place of one that it has not sent yet. Must not wait."""


class LiveHub:
    """Knows who watches what. `run` must be running.

    Args:
        board: computes the values.
        tick_s, idle_s: as the constants, for tests.
    """

    def __init__(self, board: Board, *, tick_s: float = TICK_S, idle_s: float = IDLE_S) -> None:
        self._board = board
        self._tick_s = tick_s
        self._idle_s = idle_s
        self._watchers: dict[str, set[Watcher]] = {}
        self._latest: dict[str, bytes] = {}
        self._wanted = asyncio.Event()
        self._fresh: set[str] = set()
        """Topics that have come since the last tick, and have no value yet."""
        self._waited_s = 0.0
        """For the journal, in this tick."""
        self.ticks = 0
        self.computed = 0
        """Values that have been computed."""

    @property
    def topics(self) -> int:
        """How many topics somebody watches."""
        return len(self._watchers)

    def is_topic(self, topic: str) -> bool:
        """Whether there is such a topic."""
        return _TOPIC.fullmatch(topic) is not None

    def watch(self, topic: str, watcher: Watcher) -> bool:
        """The watcher gets the topic's values, the latest at once; False: there are too many."""
        watchers = self._watchers.get(topic)
        if watchers is None:
            if len(self._watchers) >= TOPICS_TOTAL_MAX:
                return False
            watchers = self._watchers[topic] = set()
            self._fresh.add(topic)
            self._wanted.set()
        watchers.add(watcher)
        latest = self._latest.get(topic)
        if latest is not None:
            watcher.offer(topic, latest)
        return True

    def unwatch(self, topic: str, watcher: Watcher) -> None:
        """It gets them no more."""
        watchers = self._watchers.get(topic)
        if watchers is None:
            return
        watchers.discard(watcher)
        if not watchers:
            del self._watchers[topic]
            self._latest.pop(topic, None)
            self._fresh.discard(topic)

    async def run(self) -> None:
        """Ticks until cancelled."""
        number, sent_s = -1, 0.0
        while True:
            self._wanted.clear()
            if not self._watchers:
                await self._wanted.wait()
            began_s, self._waited_s = time.monotonic(), 0.0
            record_number = self._board.state.record_number
            if record_number != number or began_s - sent_s >= self._idle_s:
                number, sent_s = record_number, began_s
                await self._tick(list(self._watchers))
            else:
                await self._tick(list(self._fresh))
            took_s = time.monotonic() - began_s - self._waited_s
            await self._pause(max(self._tick_s, took_s * COST_SHARE))

    async def _pause(self, pause_s: float) -> None:
        """Waits; the first who asks for a new topic ends it, once a tick."""
        until_s = time.monotonic() + pause_s
        try:
            async with asyncio.timeout(pause_s):
                await self._wanted.wait()
        except TimeoutError:
            return
        await self._tick(list(self._fresh))
        await asyncio.sleep(max(0.0, until_s - time.monotonic()))

    async def _tick(self, topics: list[str]) -> None:
        self.ticks += 1
        self._fresh.difference_update(topics)
        until_s = 0.0
        for place, topic in enumerate(topics):
            if time.monotonic() >= until_s:
                await asyncio.sleep(0)  # others' turn: calls come before those who watch
                turn_s = await self._journaled()
                if not turn_s:
                    self._fresh.update(topics[place:])
                    return
                until_s = time.monotonic() + turn_s
            if topic not in self._watchers:
                continue
            try:
                message = self._message(topic)
            except Exception:  # noqa: BLE001  one that fails must not silence all others
                _log.exception("topic %s cannot be computed", topic.partition(":")[0])
                continue
            self._latest[topic] = message
            for watcher in self._watchers.get(topic, ()):
                watcher.offer(topic, message)

    async def _journaled(self) -> float:
        """Once the journal has all that would be seen: for so long values may be computed now.

        Zero: it has not, and nobody is to see what may never have happened.
        """
        asked_s = time.monotonic()
        is_journaled = await self._board.journaled()
        waited_s = time.monotonic() - asked_s
        self._waited_s += waited_s
        if not is_journaled:
            return 0.0
        return JOURNALED_TURN_S if waited_s > TURN_S else TURN_S

    def _message(self, topic: str) -> bytes:
        self.computed += 1
        kind, _, of = topic.partition(":")
        data = self._values[kind](self._board, of)
        return b'{"topic":"%s","at_ms":%d,"data":%s}' % (
            topic.encode(),
            self._board.now_ms(),
            data,
        )

    _values: Final[dict[str, Callable[[Board, str], bytes]]] = {
        "regions": lambda board, _: board.regions_json(),
        "queue": lambda board, of: to_json(board.queue(QueueQuestion(region=_region(of)))),
        "agents": lambda board, of: board.agents_json(_region(of)),
        "texts": lambda board, _: to_json(board.texts()),
        "contact": lambda board, of: to_json(board.contact(ContactId(of))),
    }


def _region(code: str) -> RegionCode | None:
    return RegionCode(code) if code else None
