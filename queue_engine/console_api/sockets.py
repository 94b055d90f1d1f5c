"""What all WebSockets have in common: the handshake, the token, reading, sending, cutting off.

The first message must be `{"token": "..."}`, within `TOKEN_S`. A client that takes nothing for
`SILENT_S` is cut off: its answers to pings fail to come, or what is sent to it does not leave.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import WSCloseCode, WSMsgType, web

from queue_engine.console_api.problems import ProblemError
from queue_engine.console_api.security import Gate

_log = logging.getLogger(__name__)

PROTOCOL: Final = "samko.v1"
TOKEN_S: Final = 5.0
SILENT_S: Final = 10.0
MESSAGE_BYTES_MAX: Final = 8 * 1024
SEND_BUFFER_BYTES: Final = 256 * 1024
"""Of the kernel, for one client: what is not read shall be noticed, and not cost much."""
CLIENTS_MAX: Final = 1_000
CLOSE_S: Final = 1.0
"""How long a client has to say goodbye as well."""
NO_TOKEN: Final = 4401
IN_USE: Final = 4409


class Sockets:
    """Opens sockets, and closes all of them when the server stops.

    Args:
        gate: knows the token and whose pages may come.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._open: set[web.WebSocketResponse] = set()
        self.silent_s = SILENT_S
        """How long a client may take nothing; for those who come from now on."""
        self.token_s = TOKEN_S
        self.cut_off = 0
        """How many have been cut off."""

    def __len__(self) -> int:
        return len(self._open)

    @asynccontextmanager
    async def entered(self, request: web.Request) -> AsyncIterator[Client]:
        """A client that speaks our protocol and comes from our page.

        One that is not `is_known` has not shown the token, and its socket has been closed. What
        fails within is told, ends the socket, and goes no further.

        Raises:
            ProblemError: it may not come in at all.
        """
        if len(self._open) >= CLIENTS_MAX:
            raise ProblemError("overloaded", f"{CLIENTS_MAX} clients are here already")
        self._gate.require_origin(request)
        ws = self._upgrade(request)
        client = Client(request, ws, self.silent_s)
        self._open.add(ws)
        try:
            await ws.prepare(request)
            _bound_buffers(request)
            client.is_known = await self._has_shown_token(ws)
            yield client
        except Exception:
            if not ws.prepared:
                raise
            _log.exception("a socket failed")
            await ws.close(code=WSCloseCode.INTERNAL_ERROR, message=b"it has been noted")
        finally:
            self.cut_off += client.was_cut_off
            self._open.discard(ws)

    async def close(self) -> None:
        """Says goodbye to all, since the server stops."""
        closing = [
            asyncio.create_task(ws.close(code=WSCloseCode.GOING_AWAY, message=b"the server stops"))
            for ws in self._open
            if ws.prepared
        ]
        if closing:
            await asyncio.wait(closing)

    def _upgrade(self, request: web.Request) -> web.WebSocketResponse:
        spoken = request.headers.get("Sec-WebSocket-Protocol", "")
        if PROTOCOL not in (word.strip() for word in spoken.split(",")):
            raise ProblemError("bad_protocol", f"expected the subprotocol {PROTOCOL}")
        # A ping goes out after two thirds of the time, and its answer has the last third.
        ws = web.WebSocketResponse(
            protocols=(PROTOCOL,),
            heartbeat=self.silent_s * 2 / 3,
            max_msg_size=MESSAGE_BYTES_MAX,
            compress=False,
            timeout=CLOSE_S,
        )
        if not ws.can_prepare(request).ok:
            raise ProblemError("bad_request", "expected a WebSocket's handshake")
        return ws

    async def _has_shown_token(self, ws: web.WebSocketResponse) -> bool:
        said: dict[str, Any] | None = {}
        try:
            async with asyncio.timeout(self.token_s):
                said = await _read(ws)
        except TimeoutError:
            pass  # it has said nothing, which is not the token
        token = said.get("token") if said else None
        if isinstance(token, str) and self._gate.is_token(token):
            return True
        await ws.close(code=NO_TOKEN, message=b"a token is needed first")
        return False


class Client:
    """One client's socket: what it says is read, what it is to get is sent in its own time.

    Args:
        request, ws: the client's.
        silent_s: how long one message may take to leave.
    """

    def __init__(self, request: web.Request, ws: web.WebSocketResponse, silent_s: float) -> None:
        self._request = request
        self.ws = ws
        self._silent_s = silent_s
        self._has_more = asyncio.Event()
        self.is_known = False
        """It has shown the token."""
        self.was_cut_off = False

    def wake(self) -> None:
        """There is something to be sent."""
        self._has_more.set()

    async def run(
        self, next_message: Callable[[], bytes | None], obey: Callable[[dict[str, Any]], None]
    ) -> None:
        """Sends and reads until the client is gone.

        Args:
            next_message: the next one to be sent; None: nothing now.
            obey: does what the client says; must not wait.
        """
        sending = asyncio.create_task(self._send(next_message), name="sending to a client")
        try:
            while (said := await _read(self.ws)) is not None:
                obey(said)
        finally:
            if isinstance(self.ws.exception(), TimeoutError):
                self._cut_off()  # it answers no pings; closing would wait for it to read
            sending.cancel()
            await asyncio.wait([sending])

    async def close(self, code: int, reason: str) -> None:
        """Says why, and closes."""
        await self.ws.close(code=code, message=reason.encode())

    async def _send(self, next_message: Callable[[], bytes | None]) -> None:
        while True:
            while (message := next_message()) is not None:
                try:
                    async with asyncio.timeout(self._silent_s):
                        await self.ws.send_frame(message, WSMsgType.TEXT)
                except TimeoutError:
                    self._cut_off()
                    return
                except ConnectionError:
                    return  # the reading side sees the end as well
            await self._has_more.wait()
            self._has_more.clear()

    def _cut_off(self) -> None:
        if self.was_cut_off:
            return
        self.was_cut_off = True
        _log.warning("a client that did not read for %g s was cut off", self._silent_s)
        if self._request.transport is not None:
            self._request.transport.abort()


async def _read(ws: web.WebSocketResponse) -> dict[str, Any] | None:
    """The next message, a JSON object; an empty one if it is none; None: the socket is closed."""
    message = await ws.receive()
    if message.type is WSMsgType.BINARY:
        return {}
    if message.type is not WSMsgType.TEXT:
        return None
    try:
        said = json.loads(message.data)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _bound_buffers(request: web.Request) -> None:
    sock = request.transport.get_extra_info("socket") if request.transport else None
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
