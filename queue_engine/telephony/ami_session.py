"""One connection to an Asterisk manager: panoramisk's Manager, hardened, from TCP to its end.

House rules: a session is used once. It never reconnects and never re-sends (panoramisk does both),
calls back synchronously and in the order of the wire, and each of its buffers has a bound: text
without end, endless lists, unanswered actions and an unread socket all end the session with
a sentence that says so. `ami_connection` makes the next one.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any, Final

from panoramisk import Manager
from panoramisk.actions import Action as PanoramiskAction
from panoramisk.ami_protocol import AMIProtocol

from queue_engine.telephony.ami_message import (
    Action,
    AmiMessage,
    AmiResponse,
    parse_message,
    to_wire,
)
from queue_engine.telephony.errors import ConnectFailed, NotConnected, OutcomeUnknown

GREETING: Final = b"Asterisk Call Manager/"
GREETING_BYTES_MAX: Final = 256
MESSAGE_BYTES_MAX: Final = 65_536
LIST_MESSAGES_MAX: Final = 50_000
PENDING_MAX: Final = 1_000
UNSENT_BYTES_MAX: Final = 1_000_000
_DISCARD_UNSENT: Final = struct.pack("ii", 1, 0)
"""As SO_LINGER: closing resets the connection instead of sending the rest first."""
ODD_IN_A_ROW_MAX: Final = 100
"""So many pieces of text that are no message, and we are not talking to a manager."""


class _PendingAction(PanoramiskAction):  # type: ignore[misc]  # panoramisk has no types
    """An action that waits for its answer.

    panoramisk guesses from the wording whether a list follows, and waits for ever when it is
    wrong (`Added interface to queue`; an error instead of a list). Asterisk says it itself.
    """

    def add_message(self, message: AmiMessage) -> bool:
        """Take one message of the answer; True when it was the last."""
        self.responses.append(message)
        if len(self.responses) == 1:
            is_last = message.get("eventlist").lower() != "start" or not message.is_success
        else:
            is_last = message.get("eventlist").lower() in ("complete", "cancelled")
        if is_last and not self.future.done():
            self.future.set_result(AmiResponse(tuple(self.responses)))
        return is_last


class _Protocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """Cuts the stream of bytes into messages, whatever the pieces it comes in."""

    def __init__(self, session: AmiSession) -> None:
        self._session = session
        self._buffer = bytearray()
        self._searched = 0
        self._is_greeted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.encoding = self._session.config["encoding"]
        self._session.protocol = self

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_greeted and not self._read_greeting():
            return
        start = 0
        while (end := self._buffer.find(b"\r\n\r\n", max(start, self._searched))) >= 0:
            if end - start > MESSAGE_BYTES_MAX:
                break  # what it ends with may be an event that was to be heard
            self._session.receive(bytes(self._buffer[start:end]))
            start = end + 4
            if self._session.is_over:
                return
        del self._buffer[:start]
        self._searched = max(0, len(self._buffer) - 3)
        if len(self._buffer) > MESSAGE_BYTES_MAX:
            self._session.end(f"sent {MESSAGE_BYTES_MAX} bytes without the end of a message")

    def _read_greeting(self) -> bool:
        line, ending, rest = self._buffer.partition(b"\r\n")
        if not ending and len(self._buffer) <= GREETING_BYTES_MAX:
            return False
        if not line.startswith(GREETING):
            self._session.end(
                f"greets with {bytes(line[:40])!r}; expected {GREETING.decode()!r}:"
                " is this the port of manager.conf?"
            )
            return False
        self._is_greeted = True
        self._buffer = bytearray(rest)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        detail = f": {type(exc).__name__}" if exc else ""
        self._session.end(f"the connection was closed from the other side{detail}")


class AmiSession(Manager):  # type: ignore[misc]  # panoramisk has no types
    """One TCP connection to one manager.

    Args:
        host: where the manager listens.
        port: its TCP port.
        on_event: called with each event, in the order of the wire. Must not raise.
    """

    def __init__(
        self,
        host: str,
        port: int,
        on_event: Callable[[AmiMessage], None],
    ) -> None:
        super().__init__(host=host, port=port, encoding="latin-1", loop=asyncio.get_running_loop())
        self.ended: asyncio.Future[str] = self.loop.create_future()
        """Done with the reason when the session is over."""
        self.late_answers = 0
        """Messages of answers that nobody waits for any more."""
        self.odd_messages = 0
        """Pieces of text that were no message."""
        self._odd_in_a_row = 0
        self._on_event = on_event

    @property
    def is_over(self) -> bool:
        """Whether the connection has ended."""
        return bool(self.ended.done())

    async def open(self, timeout_s: float) -> None:
        """Connect the socket.

        Raises:
            ConnectFailed: nobody listens, or not in time.
        """
        try:
            async with asyncio.timeout(timeout_s):
                await self.loop.create_connection(
                    lambda: _Protocol(self), self.config["host"], self.config["port"]
                )
        except (OSError, TimeoutError, UnicodeError) as exc:  # a host name that cannot be one
            raise ConnectFailed(f"no connection: {type(exc).__name__}") from exc

    async def action(self, action: Action, timeout_s: float) -> AmiResponse:
        """Send `action` once and give its whole answer, an error answer too.

        Raises:
            ActionInvalid: it cannot be written; nothing was sent.
            NotConnected: the session is over or overloaded; nothing was sent.
            OutcomeUnknown: no answer within `timeout_s`, or the session ended before it.
        """
        pending = _PendingAction(to_wire(action))
        name = action["Action"]
        if self.is_over or self.protocol is None:
            raise NotConnected(f"action {name} not sent: no connection")
        responses: dict[str, Any] = self.protocol.responses
        if len(responses) >= PENDING_MAX:
            raise NotConnected(f"action {name} not sent: {PENDING_MAX} have no answer yet")
        if self.protocol.transport.get_write_buffer_size() > UNSENT_BYTES_MAX:
            self.end(f"reads nothing: {UNSENT_BYTES_MAX} bytes lie unsent")
            raise NotConnected(f"action {name} not sent: the other side reads nothing")
        try:
            async with asyncio.timeout(timeout_s):
                response: AmiResponse = await self.send_action(pending)
                return response
        except TimeoutError as exc:
            raise OutcomeUnknown(f"action {name}: no answer within {timeout_s} s") from exc
        finally:
            responses.pop(pending.id, None)

    def receive(self, block: bytes) -> None:
        """One message off the wire: to the action it answers, else to `on_event`."""
        message = parse_message(block)
        if message is None:
            self._count_odd()
            return
        action_id = message.get("actionid")
        if action_id:
            self._odd_in_a_row = 0
            self._answer(action_id, message)
        elif message.event:
            self._odd_in_a_row = 0
            self._on_event(message)
            if message.event == "Shutdown":
                self.end("Asterisk is shutting down")
        else:
            self._count_odd()

    def _answer(self, action_id: str, message: AmiMessage) -> None:
        pending = self.protocol.responses.get(action_id)
        if pending is None:
            self.late_answers += 1
        elif pending.add_message(message):
            self.protocol.responses.pop(action_id)
        elif len(pending.responses) > LIST_MESSAGES_MAX:
            self.end(f"sent a list of over {LIST_MESSAGES_MAX} messages")

    def _count_odd(self) -> None:
        self.odd_messages += 1
        self._odd_in_a_row += 1
        if self._odd_in_a_row > ODD_IN_A_ROW_MAX:
            self.end("sends text that is no manager message")

    def end(self, reason: str, *, is_orderly: bool = False) -> None:
        """Close at once; who waits for an answer gets `OutcomeUnknown`. The first reason stands.

        Unless the end is orderly, what is still on its way to Asterisk is taken back. Otherwise a
        network that comes to itself minutes later delivers a Redirect out of another time, and it
        cuts a talk.
        """
        if self.is_over:
            return
        self.ended.set_result(reason)
        if self.protocol is None:
            return
        for pending in list(self.protocol.responses.values()):
            if not pending.future.done():
                pending.future.set_exception(OutcomeUnknown(f"the connection ended: {reason}"))
        if not is_orderly:
            sock = self.protocol.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DISCARD_UNSENT)
        self.protocol.closed = True
        self.protocol.transport.abort()
