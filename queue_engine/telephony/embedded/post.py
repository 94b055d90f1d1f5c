"""Delivers news to listeners: in order, after the fact, and never one inside another."""

from __future__ import annotations

import logging
import traceback
from collections import deque
from collections.abc import Callable
from typing import Any

_log = logging.getLogger(__name__)


class Post:
    """What a listener does on the news is done when the network is at rest, not in mid-change."""

    def __init__(self) -> None:
        self.faults = 0
        """Listeners that raised."""
        self._letters: deque[tuple[Callable[[Any], None], Any]] = deque()
        self._holds = 0

    def send(self, listener: Callable[[Any], None] | None, news: object) -> None:
        """To be delivered once nobody holds the post any more."""
        if listener is not None:
            self._letters.append((listener, news))

    def __enter__(self) -> None:
        """The network begins to change."""
        self._holds += 1

    def __exit__(self, *_: object) -> None:
        """The network is at rest, if this was the outermost change."""
        if self._holds == 1:
            try:
                while self._letters:
                    self._deliver(*self._letters.popleft())
            finally:
                self._holds = 0
        else:
            self._holds -= 1

    def _deliver(self, listener: Callable[[Any], None], news: object) -> None:
        try:
            listener(news)
        except Exception as exc:  # noqa: BLE001 - one listener's fault must not stop the network
            self.faults += 1
            # Where it happened and not what it said: that may be a caller's words.
            where = "".join(traceback.format_tb(exc.__traceback__))
            _log.error(
                "a listener of %s: %s at\n%s", type(news).__name__, type(exc).__name__, where
            )
