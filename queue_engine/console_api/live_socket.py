"""The WebSocket of one who watches: says the token first, then which topics.

    -> {"token": "..."}                         in time, or the socket is closed
    <- {"topic": "hello", "at_ms": ..., "data": {"topics_max": 32, "speed": 1.0}}
    -> {"subscribe": ["regions", "queue", "queue:14", "agents", "agents:14", "contact:ID"]}
    <- {"topic": "regions", "at_ms": ..., "data": {...}}
    -> {"unsubscribe": ["queue"]}
    <- {"topic": "error", "at_ms": ..., "data": {"code": "...", "detail": "..."}}

What waits to be sent to a client is one value for each of its topics, the newest.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from queue_engine.console_api.board import Board
from queue_engine.console_api.json_text import to_json
from queue_engine.console_api.live_hub import TOPICS_MAX, LiveHub
from queue_engine.console_api.sockets import Client, Sockets


class LiveSockets:
    """Serves those who watch.

    Args:
        sockets: lets clients in.
        hub: has the topics.
        board: has the time.
    """

    def __init__(self, sockets: Sockets, hub: LiveHub, board: Board) -> None:
        self._sockets = sockets
        self._hub = hub
        self._board = board

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One client, from its handshake until it is gone."""
        async with self._sockets.entered(request) as client:
            if client.is_known:
                await _Watcher(client, self._hub, self._board).serve()
        return client.ws


class _Watcher:
    def __init__(self, client: Client, hub: LiveHub, board: Board) -> None:
        self._client = client
        self._hub = hub
        self._board = board
        self._topics: set[str] = set()
        self._pending: dict[str, bytes] = {}

    def offer(self, topic: str, message: bytes) -> None:
        """See `live_hub.Watcher`."""
        self._pending[topic] = message
        self._client.wake()

    async def serve(self) -> None:
        self._tell("hello", {"topics_max": TOPICS_MAX, "speed": self._board.speed})
        try:
            await self._client.run(self._next_message, self._obey)
        finally:
            for topic in self._topics:
                self._hub.unwatch(topic, self)

    def _next_message(self) -> bytes | None:
        return self._pending.pop(next(iter(self._pending))) if self._pending else None

    def _obey(self, said: dict[str, Any]) -> None:
        match said:
            case {"subscribe": list(topics)} if len(said) == 1:
                self._subscribe(topics)
            case {"unsubscribe": list(topics)} if len(said) == 1:
                for topic in self._topics.intersection(filter(_is_text, topics)):
                    self._topics.discard(topic)
                    self._pending.pop(topic, None)
                    self._hub.unwatch(topic, self)
            case _:
                self._tell_error("bad_request", "expected subscribe or unsubscribe with a list")

    def _subscribe(self, topics: list[object]) -> None:
        for topic in topics:
            if not isinstance(topic, str) or not self._hub.is_topic(topic):
                self._tell_error("not_found", "there is no such topic")
            elif topic in self._topics:
                continue
            elif len(self._topics) >= TOPICS_MAX or not self._hub.watch(topic, self):
                self._tell_error("overloaded", f"at most {TOPICS_MAX} topics, and fewer in a rush")
            else:
                self._topics.add(topic)

    def _tell_error(self, code: str, detail: str) -> None:
        self._tell("error", {"code": code, "detail": detail})

    def _tell(self, topic: str, data: object) -> None:
        at_ms = self._board.now_ms()
        self.offer(topic, to_json({"topic": topic, "at_ms": at_ms, "data": data}))


def _is_text(value: object) -> bool:
    return isinstance(value, str)
