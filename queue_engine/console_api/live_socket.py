"""The WebSocket of one who watches: says the token first, then which topics.

    -> {"token": "..."}                         within TOKEN_S, or the socket is closed
    <- {"topic": "hello", "at_ms": ..., "data": {"topics_max": 32}}
    -> {"subscribe": ["regions", "queue", "queue:14", "agents", "agents:14", "contact:ID"]}
    <- {"topic": "regions", "at_ms": ..., "data": {...}}
    -> {"unsubscribe": ["queue"]}
    <- {"topic": "error", "at_ms": ..., "data": {"code": "...", "detail": "..."}}

A client that takes nothing for `SILENT_S` is cut off: its answers to pings fail to come, or what is
sent to it does not leave.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from typing import Any, Final

from aiohttp import WSCloseCode, WSMsgType, web

from queue_engine.console_api.board import Board
from queue_engine.console_api.live_hub import TOPICS_MAX, LiveHub
from queue_engine.console_api.problems import ProblemError
from queue_engine.console_api.read_routes import to_json
from queue_engine.console_api.security import Gate

_log = logging.getLogger(__name__)

PROTOCOL: Final = "samko.v1"
TOKEN_S: Final = 5.0
SILENT_S: Final = 10.0
MESSAGE_BYTES_MAX: Final = 8 * 1024
SEND_BUFFER_BYTES: Final = 256 * 1024
"""Of the kernel, for one client: what is not read shall be noticed, and not cost much."""
CLIENTS_MAX: Final = 1_000
NO_TOKEN: Final = 4401
TOO_MANY: Final = 4429


class SocketCounts:
    """What has become of sockets since the start."""

    def __init__(self) -> None:
        self.open = 0
        self.cut_off = 0


def new_socket(request: web.Request, gate: Gate, silent_s: float) -> web.WebSocketResponse:
    """A socket for a client that speaks our protocol and comes from our page.

    Raises:
        ProblemError: it does not.
    """
    gate.require_origin(request)
    spoken = request.headers.get("Sec-WebSocket-Protocol", "")
    if PROTOCOL not in (word.strip() for word in spoken.split(",")):
        raise ProblemError("bad_protocol", f"expected the subprotocol {PROTOCOL}")
    # A ping goes out after two thirds of the time, and its answer has the last third.
    return web.WebSocketResponse(
        protocols=(PROTOCOL,),
        heartbeat=silent_s * 2 / 3,
        max_msg_size=MESSAGE_BYTES_MAX,
        compress=False,
        timeout=1.0,
    )


async def read_message(ws: web.WebSocketResponse) -> dict[str, Any] | None:
    """The next message, a JSON object; an empty one if it is none; None: the socket is closed."""
    message = await ws.receive()
    if message.type is not WSMsgType.TEXT:
        return None if message.type is not WSMsgType.BINARY else {}
    try:
        said = json.loads(message.data)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


async def has_shown_token(ws: web.WebSocketResponse, gate: Gate) -> bool:
    """The first message shows the token in time; else the socket has been closed."""
    try:
        async with asyncio.timeout(TOKEN_S):
            said = await read_message(ws)
    except TimeoutError:
        said = {}
    token = said.get("token") if said else None
    if isinstance(token, str) and gate.is_token(token):
        return True
    await ws.close(code=NO_TOKEN, message=b"a token is needed first")
    return False


class LiveSockets:
    """Serves those who watch.

    Args:
        gate: knows the token.
        hub: has the topics.
        board: has the time.
        silent_s: as the constant, for tests.
    """

    def __init__(
        self, gate: Gate, hub: LiveHub, board: Board, *, silent_s: float = SILENT_S
    ) -> None:
        self._gate = gate
        self._hub = hub
        self._board = board
        self._silent_s = silent_s
        self._clients: set[_Client] = set()
        self.counts = SocketCounts()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One client, from its handshake until it is gone."""
        if self.counts.open >= CLIENTS_MAX:
            raise ProblemError("overloaded", f"{CLIENTS_MAX} clients watch already")
        ws = new_socket(request, self._gate, self._silent_s)
        await ws.prepare(request)
        _bound_buffers(request)
        self.counts.open += 1
        try:
            if await has_shown_token(ws, self._gate):
                client = _Client(request, ws, self._hub, self._board, self._silent_s)
                self._clients.add(client)
                try:
                    await client.serve()
                finally:
                    self._clients.discard(client)
                    self.counts.cut_off += client.was_cut_off
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
        self._request = request
        self._ws = ws
        self._hub = hub
        self._board = board
        self._silent_s = silent_s
        self._topics: set[str] = set()
        self._pending: dict[str, bytes] = {}
        self._has_pending = asyncio.Event()
        self.was_cut_off = False

    def offer(self, topic: str, message: bytes) -> None:
        """See `Watcher`."""
        self._pending[topic] = message
        self._has_pending.set()

    async def serve(self) -> None:
        sending = asyncio.create_task(self._send(), name="sending live topics")
        try:
            self._tell("hello", {"topics_max": TOPICS_MAX, "speed": self._board.speed})
            while (said := await read_message(self._ws)) is not None:
                self._obey(said)
            self.was_cut_off |= isinstance(self._ws.exception(), TimeoutError)
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

    async def _send(self) -> None:
        while True:
            await self._has_pending.wait()
            self._has_pending.clear()
            while self._pending:
                message = self._pending.pop(next(iter(self._pending)))
                try:
                    async with asyncio.timeout(self._silent_s):
                        await self._ws.send_frame(message, WSMsgType.TEXT)
                except TimeoutError:
                    self._cut_off()
                    return
                except ConnectionError:
                    return  # the reading side sees the end as well

    def _cut_off(self) -> None:
        self.was_cut_off = True
        _log.warning("a client that did not read for %g s was cut off", self._silent_s)
        if self._request.transport is not None:
            self._request.transport.abort()


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _bound_buffers(request: web.Request) -> None:
    if request.transport is not None:
        sock = request.transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
