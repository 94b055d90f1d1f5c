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

import asyncio
from typing import Any, Final

from aiohttp import WSCloseCode, web

from queue_engine.console_api.board import Board
from queue_engine.console_api.live_hub import TOPICS_MAX, LiveHub
from queue_engine.console_api.problems import ProblemError
from queue_engine.console_api.read_routes import to_json
from queue_engine.console_api.security import Gate
from queue_engine.console_api.sockets import (
    SILENT_S,
    Sender,
    has_shown_token,
    open_socket,
    read_message,
)

CLIENTS_MAX: Final = 1_000


class SocketCounts:
    """What has become of sockets since the start."""

    def __init__(self) -> None:
        self.open = 0
        self.cut_off = 0


class LiveSockets:
    """Serves those who watch.

    Args:
        gate: knows the token.
        hub: has the topics.
        board: has the time.
    """

    def __init__(self, gate: Gate, hub: LiveHub, board: Board) -> None:
        self._gate = gate
        self._hub = hub
        self._board = board
        self._clients: set[_Client] = set()
        self.silent_s = SILENT_S
        """How long a client may take nothing; for those who come from now on."""
        self.counts = SocketCounts()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One client, from its handshake until it is gone."""
        if self.counts.open >= CLIENTS_MAX:
            raise ProblemError("overloaded", f"{CLIENTS_MAX} clients watch already")
        ws = await open_socket(request, self._gate, self.silent_s)
        self.counts.open += 1
        try:
            if await has_shown_token(ws, self._gate):
                client = _Client(request, ws, self._hub, self._board, self.silent_s)
                self._clients.add(client)
                try:
                    await client.serve()
                finally:
                    self._clients.discard(client)
                    self.counts.cut_off += client.sender.was_cut_off
        finally:
            self.counts.open -= 1
        return ws

    async def close(self) -> None:
        """Says goodbye to all, since the server stops."""
        clients = list(self._clients)
        if clients:
            await asyncio.wait([asyncio.create_task(client.close()) for client in clients])


class _Client:
    def __init__(
        self,
        request: web.Request,
        ws: web.WebSocketResponse,
        hub: LiveHub,
        board: Board,
        silent_s: float,
    ) -> None:
        self._ws = ws
        self._hub = hub
        self._board = board
        self._topics: set[str] = set()
        self._pending: dict[str, bytes] = {}
        self.sender = Sender(request, ws, self._next_message, silent_s)

    def offer(self, topic: str, message: bytes) -> None:
        """See `Watcher`."""
        self._pending[topic] = message
        self.sender.wake()

    def _next_message(self) -> bytes | None:
        return self._pending.pop(next(iter(self._pending))) if self._pending else None

    async def serve(self) -> None:
        sending = asyncio.create_task(self.sender.run(), name="sending live topics")
        try:
            self._tell("hello", {"topics_max": TOPICS_MAX, "speed": self._board.speed})
            while (said := await read_message(self._ws)) is not None:
                self._obey(said)
            self.sender.ended()
        finally:
            for topic in self._topics:
                self._hub.unwatch(topic, self)
            sending.cancel()
            await asyncio.wait([sending])

    async def close(self) -> None:
        await self._ws.close(code=WSCloseCode.GOING_AWAY, message=b"the server stops")

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
