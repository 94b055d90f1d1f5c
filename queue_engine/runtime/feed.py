"""Records as they are journaled, for whoever follows: bounded, in order, and cut off if behind."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterable
from typing import Final

from queue_engine.core.record import Record

_log = logging.getLogger(__name__)

FEED_RECORDS_MAX: Final = 10_000


class Feed:
    """One follower's records. Iterating ends when it was cut off or the engine has stopped.

    A follower that falls behind harms nobody: it is cut off, and starts anew from the state.
    """

    def __init__(self, name: str, records_max: int = FEED_RECORDS_MAX) -> None:
        self.name = name
        self.was_cut_off = False
        self._records: deque[Record] = deque()
        self._records_max = records_max
        self._is_open = True
        self._arrived = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether more records may come."""
        return self._is_open

    def put(self, record: Record) -> None:
        """One more record; cuts the follower off if it has too many to read."""
        if not self._is_open:
            return
        if len(self._records) >= self._records_max:
            self.cut_off()
            return
        self._records.append(record)
        self._arrived.set()

    def cut_off(self) -> None:
        """What follows is missing: whoever reads it starts anew from the state."""
        self.was_cut_off = True
        self._records.clear()
        self.close()

    def close(self) -> None:
        """No more records come; those that are here can still be read."""
        self._is_open = False
        self._arrived.set()

    async def __aiter__(self) -> AsyncIterator[Record]:
        try:
            while True:
                while self._records:
                    yield self._records.popleft()
                if not self._is_open:
                    return
                self._arrived.clear()
                await self._arrived.wait()
        finally:
            self.close()


class Feeds:
    """Everybody who follows one engine."""

    def __init__(self) -> None:
        self.cut = 0
        """How many fell behind."""
        self._feeds: list[Feed] = []
        self._is_open = True

    def follow(self, name: str, records_max: int) -> Feed:
        """The records from now on."""
        feed = Feed(name, records_max)
        if self._is_open:
            self._feeds.append(feed)
        else:
            feed.close()
        return feed

    def put(self, records: Iterable[Record]) -> None:
        """More records for all of them."""
        for feed in self._feeds:
            for record in records:
                feed.put(record)
            if feed.was_cut_off:
                self.cut += 1
                _log.warning("%s fell behind and was cut off", feed.name)
        self._feeds = [feed for feed in self._feeds if feed.is_open]

    def cut_off(self) -> None:
        """The state is another one now than the records up to here made."""
        for feed in self._feeds:
            feed.cut_off()
        self._feeds.clear()

    def close(self) -> None:
        """No more records come, to those who follow from now on as well."""
        self._is_open = False
        for feed in self._feeds:
            feed.close()
