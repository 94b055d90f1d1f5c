"""What all WebSockets have in common: the handshake, the token, reading, sending, cutting off.

The first message must be `{"token": "..."}`, within `TOKEN_S`. A client that takes nothing for
`SILENT_S` is cut off: its answers to pings fail to come, or what is sent to it does not leave.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Callable
from typing import Any, Final

from aiohttp import WSMsgType, web

from queue_engine.console_api.problems import ProblemError
from queue_engine.console_api.security import Gate

_log = logging.getLogger(__name__)

PROTOCOL: Final = "samko.v1"
TOKEN_S: Final = 5.0
SILENT_S: Final = 10.0
MESSAGE_BYTES_MAX: Final = 8 * 1024
SEND_BUFFER_BYTES: Final = 256 * 1024
"""Of the kernel, for one client: what is not read shall be noticed, and not cost much."""
NO_TOKEN: Final = 4401
IN_USE: Final = 4409


async def open_socket(
    request: web.Request, gate: Gate, silent_s: float = SILENT_S
) -> web.WebSocketResponse:
    """A socket for a client that speaks our protocol and comes from our page.

    Raises:
        ProblemError: it does not.
    """
    gate.require_origin(request)
    spoken = request.headers.get("Sec-WebSocket-Protocol", "")
    if PROTOCOL not in (word.strip() for word in spoken.split(",")):
        raise ProblemError("bad_protocol", f"expected the subprotocol {PROTOCOL}")
    # A ping goes out after two thirds of the time, and its answer has the last third.
    ws = web.WebSocketResponse(
        protocols=(PROTOCOL,),
        heartbeat=silent_s * 2 / 3,
        max_msg_size=MESSAGE_BYTES_MAX,
        compress=False,
        timeout=1.0,
    )
    if not ws.can_prepare(request).ok:
        raise ProblemError("bad_request", "expected a WebSocket's handshake")
    await ws.prepare(request)
    if request.transport is not None:
        sock = request.transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    return ws


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


async def has_shown_token(ws: web.WebSocketResponse, gate: Gate, token_s: float = TOKEN_S) -> bool:
    """The first message shows the token in time; else the socket has been closed."""
    try:
        async with asyncio.timeout(token_s):
            said = await read_message(ws)
    except TimeoutError:
        said = {}
    token = said.get("token") if said else None
    if isinstance(token, str) and gate.is_token(token):
        return True
    await ws.close(code=NO_TOKEN, message=b"a token is needed first")
    return False


class Sender:
    """Sends what a client is to get, one message after another, and cuts it off if it stops taking.

    Args:
        request, ws: the client's.
        next_message: the next one to be sent; None: nothing now.
        silent_s: how long one message may take to leave.
    """

    def __init__(
        self,
        request: web.Request,
        ws: web.WebSocketResponse,
        next_message: Callable[[], bytes | None],
        silent_s: float = SILENT_S,
    ) -> None:
        self._request = request
        self._ws = ws
        self._next_message = next_message
        self._silent_s = silent_s
        self._has_more = asyncio.Event()
        self.was_cut_off = False

    def wake(self) -> None:
        """There is something to be sent."""
        self._has_more.set()

    async def run(self) -> None:
        """Sends until cancelled, or until the client is gone."""
        while True:
            await self._has_more.wait()
            self._has_more.clear()
            while (message := self._next_message()) is not None:
                try:
                    async with asyncio.timeout(self._silent_s):
                        await self._ws.send_frame(message, WSMsgType.TEXT)
                except TimeoutError:
                    self.cut_off()
                    return
                except ConnectionError:
                    return  # the reading side sees the end as well

    def ended(self) -> None:
        """The reading side has seen the end of the socket; if pings failed, that was a cut."""
        if isinstance(self._ws.exception(), TimeoutError):
            self.cut_off()  # closing would wait for it to read

    def cut_off(self) -> None:
        """Drops the connection, and whatever the kernel still holds for it."""
        if self.was_cut_off:
            return
        self.was_cut_off = True
        _log.warning("a client that did not read for %g s was cut off", self._silent_s)
        if self._request.transport is not None:
            self._request.transport.abort()
