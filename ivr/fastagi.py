"""The FastAGI server: Asterisk connects once a visit, and each visit is one task.

panoramisk brings a FastAGI server of its own, and it cannot be used: a port scan (connect and
close) stops its event loop for ever, a `HANGUP` line shifts all later answers by one, error
results have another shape than good ones, and cancelling does not stop a visit. Hence this one.

House rules: whoever connects has 2 s and 16 KiB to say what he wants; there is room for so many
visits, and one too many is closed at once, so that its caller goes to the fallback rather than
wait; an error in one visit touches no other and is logged with the contact's id, never with what
was said.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Final

from ivr.agi_wire import AgiRequest, read_request
from ivr.call_session import Visit
from ivr.errors import AgiGarbage, CallLeft
from ivr.session import AgiSession, SessionLimits
from queue_engine.core.errors import SamkoError

HEADER_BYTES_MAX: Final = 16 * 1024
BACKLOG: Final = 1024
CLOSE_SECONDS: Final = 1.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Bounds of the server."""

    sessions_max: int = 1_000
    """Visits at once."""
    header_s: float = 2.0
    """For a peer to say all its headers."""
    visit_s: float = 900.0
    """For a whole visit; no menu takes that long."""
    session: SessionLimits = field(default_factory=SessionLimits)


class FastAgiServer:
    """Serves `visits`, by script name, to Asterisks at `peers`.

    Args:
        visits: what each script does; a script that is not among them is closed at once.
        host: address to listen at.
        port: 0 takes a free one; see `port`.
        peers: networks (`10.0.0.0/8`) or addresses that may connect.
        limits: bounds and deadlines.
    """

    def __init__(
        self,
        visits: Mapping[str, Visit],
        *,
        host: str = "127.0.0.1",
        port: int = 4573,
        peers: tuple[str, ...] = ("127.0.0.1/32",),
        limits: ServerLimits | None = None,
    ) -> None:
        self._visits = dict(visits)
        self._host = host
        self._port = port
        self._peers = tuple(ip_network(peer) for peer in peers)
        self._limits = limits or ServerLimits()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._turned_away = 0

    async def start(self) -> None:
        """Listens.

        Raises:
            OSError: the address is taken or not ours.
        """
        assert self._server is None, "started twice"
        self._server = await asyncio.start_server(
            self._accept, self._host, self._port, limit=HEADER_BYTES_MAX, backlog=BACKLOG
        )

    @property
    def address(self) -> str:
        """Where Asterisk finds it, as its dialplan writes it."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"agi://{host}:{self.port}"

    @property
    def port(self) -> int:
        """The port it listens at."""
        assert self._server is not None, "not started"
        port = self._server.sockets[0].getsockname()[1]
        assert isinstance(port, int)
        return port

    @property
    def sessions(self) -> int:
        """How many visits there are now."""
        return len(self._tasks)

    async def stop(self, grace_s: float = 5.0) -> None:
        """Takes no more visits, gives those under way `grace_s`, then ends them.

        Their channels go on in the dialplan, to the fallback. Returns within `grace_s` and
        a few seconds.
        """
        if self._server is None:
            return
        self._server.close()
        try:
            if self._tasks:
                await asyncio.wait(set(self._tasks), timeout=grace_s)
        finally:
            late = set(self._tasks)
            for task in late:
                task.cancel()
        if late:
            await asyncio.wait(late, timeout=2 * CLOSE_SECONDS)
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peername = writer.get_extra_info("peername")
        is_open = self._server is not None and self._server.is_serving()
        if not is_open or not self._is_peer(peername):
            writer.transport.abort()
            return
        if len(self._tasks) >= self._limits.sessions_max:
            self._note_turned_away(self._turned_away + 1)
            writer.transport.abort()
            return
        self._note_turned_away(0)
        task = asyncio.create_task(self._serve(reader, writer), name="agi visit")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _note_turned_away(self, count: int) -> None:
        """Tells the first of a row, and how many they were when it is over."""
        if count == 1:
            _log.error("%d visits at once: more are closed at once", len(self._tasks))
        elif count == 0 and self._turned_away:
            _log.error("%d visits were closed at once", self._turned_away)
        self._turned_away = count

    def _is_peer(self, peername: object) -> bool:
        if not isinstance(peername, tuple):  # it is gone already
            return False
        address = ip_address(peername[0])
        return any(address in peer for peer in self._peers)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        who = "a peer without headers"
        try:
            request = await self._request(reader)
            if request is None:
                return
            who = f"call {request.contact_id}: {request.script}"
            visit = self._visits.get(request.script)
            if visit is None:
                raise AgiGarbage("there is no such script")
            async with asyncio.timeout(self._limits.visit_s):
                await visit(AgiSession(request, reader, writer, self._limits.session))
        except CallLeft as exc:
            _log.info("%s: %s", who, exc)
        except (SamkoError, OSError) as exc:
            _log.warning("%s: %s: %s", who, type(exc).__name__, exc)
        except Exception as exc:  # noqa: BLE001 - one visit's fault must not touch another's
            # Where it happened and not what it said: that may be a caller's words.
            where = "".join(traceback.format_tb(exc.__traceback__))
            _log.error("%s: %s at\n%s", who, type(exc).__name__, where)
        finally:
            await _close(writer)

    async def _request(self, reader: asyncio.StreamReader) -> AgiRequest | None:
        """The visit's headers; None from a peer that says nothing at all, as a port scan does."""
        lines: list[bytes] = []
        room = HEADER_BYTES_MAX
        try:
            async with asyncio.timeout(self._limits.header_s):
                while (line := await reader.readline()).strip(b"\r\n"):
                    lines.append(line)
                    room -= len(line)
                    if room < 0:
                        raise AgiGarbage(f"more than {HEADER_BYTES_MAX} bytes of headers")
        except ValueError as exc:
            raise AgiGarbage(f"a header line of more than {HEADER_BYTES_MAX} bytes") from exc
        except TimeoutError as exc:
            raise AgiGarbage(f"headers not ended within {self._limits.header_s:g} s") from exc
        if not line:
            if lines:
                raise AgiGarbage("the stream ended within the headers")
            return None
        return read_request(lines)


async def _close(writer: asyncio.StreamWriter) -> None:
    """Closes for good, at the latest after a second, whatever the peer does."""
    writer.close()
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await writer.wait_closed()
    except OSError:
        writer.transport.abort()
