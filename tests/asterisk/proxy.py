"""A wire between the engine and Asterisk's manager that a test can hold, slow, cut and soil.

It behaves as a network does: what is held or slow arrives later, unless whoever sent it has reset
the connection meanwhile; then it never arrives. It runs in the test's own loop.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Final, Literal, Self

from tests.asterisk.patience import PATIENCE_S

Direction = Literal["actions", "answers"]
"""From the engine to Asterisk, or the other way."""
_READ_BYTES: Final = 65_536
_POLL_S: Final = 0.005
_UNDER_WAY_MAX: Final = 256
"""Pieces on one way; who sends more waits, as on any full line."""


class _Way:
    """One direction of one connection."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        delay_s: Callable[[], float],
    ) -> None:
        self.is_held = False
        self.holds_from = b""
        """What is never let through, nor what follows it; empty: nothing."""
        self.sent = bytearray()
        """All that has been let through."""
        self.held = bytearray()
        self._reader = reader
        self._writer = writer
        self._delay_s = delay_s
        self._is_at_end = self._is_gone = False
        self._under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_UNDER_WAY_MAX)

    async def pump(self) -> None:
        """Pass on what comes until it ends."""
        arriving = asyncio.create_task(self._arrive())
        now_s = asyncio.get_running_loop().time
        try:
            while data := await self._reader.read(_READ_BYTES):
                await self._under_way.put((now_s() + self._delay_s(), data))
            await self._under_way.put((now_s() + self._delay_s(), b""))
            await arriving
        except ConnectionError:
            arriving.cancel()
            self.abort()

    async def _arrive(self) -> None:
        """What was sent so long ago is there; its end is empty."""
        now_s = asyncio.get_running_loop().time
        while True:
            due_s, data = await self._under_way.get()
            if due_s > now_s():
                await asyncio.sleep(due_s - now_s())
            if not self._is_gone:
                self.held += data
            self._is_at_end = not data
            if self.holds_from and self.holds_from in self.held:
                self.is_held = True
            if not self.is_held:
                self._pass_on()
            if self._is_at_end:
                return

    def release(self) -> None:
        """Let through what was held, and all that follows."""
        self.is_held = False
        self.holds_from = b""
        self._pass_on()

    def _pass_on(self) -> None:
        self.sent += self.held
        if not self._writer.is_closing():
            self._writer.write(bytes(self.held))
            if self._is_at_end:
                self._writer.close()
        self.held.clear()

    def inject(self, data: bytes) -> None:
        """Send what nobody has said."""
        self._writer.write(data)

    def abort(self) -> None:
        """The connection is gone, and what was on its way with it."""
        self._is_gone = True
        self.held.clear()
        self._writer.transport.abort()


class Proxy:
    """`async with Proxy(asterisk.ami_port) as proxy:` listens at `proxy.port`.

    Args:
        target_port: of the one who is really asked.
        port: where it listens; 0: wherever there is room.
    """

    def __init__(self, target_port: int, port: int = 0) -> None:
        self.port = port
        self.delay_s = 0.0
        """So much later everything arrives, in either direction."""
        self.is_closed = False
        """Whether nobody who comes gets through."""
        self._target_port = target_port
        self._ways: list[dict[Direction, _Way]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    def hold(self, *directions: Direction) -> None:
        """Let nothing through on the connections that there are; new ones are free."""
        for ways in self._ways:
            for direction in directions:
                ways[direction].is_held = True

    async def holds_from(self, text: bytes, deadline_s: float = PATIENCE_S) -> None:
        """Until the engine has sent that: neither it nor what follows is let through."""
        for ways in self._ways:
            ways["actions"].holds_from = text
        await self.holds(text, deadline_s)

    def release(self) -> None:
        """Let all through that was held."""
        for ways in self._ways:
            for way in ways.values():
                way.release()

    def cut(self) -> None:
        """End all connections at both ends at once; what was held is gone."""
        for ways in self._ways:
            for way in ways.values():
                way.abort()

    def inject(self, data: bytes) -> None:
        """Send the engine what Asterisk has not said, on the newest connection."""
        self._ways[-1]["answers"].inject(data)

    async def holds(self, text: bytes, deadline_s: float = PATIENCE_S) -> None:
        """Until that is among what the engine has sent and Asterisk has not received."""
        async with asyncio.timeout(deadline_s):
            while not any(text in ways["actions"].held for ways in self._ways):  # noqa: ASYNC110
                await asyncio.sleep(_POLL_S)

    def let_through(self, action: str) -> int:
        """How many actions of that name Asterisk has been sent."""
        pattern = re.compile(rb"Action: " + action.encode() + rb"\r\n", re.IGNORECASE)
        return sum(len(pattern.findall(ways["actions"].sent)) for ways in self._ways)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if self.is_closed:
            writer.transport.abort()
            return
        self._tasks.add(task)
        try:
            there, to_asterisk = await asyncio.open_connection("127.0.0.1", self._target_port)
            ways: dict[Direction, _Way] = {
                "actions": _Way(reader, to_asterisk, lambda: self.delay_s),
                "answers": _Way(there, writer, lambda: self.delay_s),
            }
            self._ways.append(ways)
            await asyncio.gather(*(way.pump() for way in ways.values()))
            writer.close()
            to_asterisk.close()
        finally:
            self._tasks.discard(task)
