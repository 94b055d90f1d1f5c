"""A small Asterisk manager on a real TCP socket, as kind or as broken as a test wants it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from queue_engine.telephony.ami_connection import AmiConnection, AmiTimes

QUICK = AmiTimes(
    connect_s=1.0,
    login_s=0.3,
    boot_s=0.3,
    action_s=0.3,
    ping_every_s=0.1,
    ping_s=0.2,
    pause_s_min=0.01,
    pause_s_max=0.05,
    refused_pause_s=0.4,
    stable_s=5.0,
)
"""Times that a test can wait for."""

Fields = dict[str, list[str]]
"""An action's headers by lower-case name."""
Answer = Callable[[Fields], "Iterable[str] | str | None"]
"""Gives the message or messages of an answer; None: no answer at all."""


async def until(condition: Callable[[], object], deadline_s: float = 3.0) -> None:
    """Wait until `condition()` is true; fails after `deadline_s`."""
    async with asyncio.timeout(deadline_s):
        while not condition():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.002)


def message(**headers: str) -> str:
    """A message's text without its closing empty line."""
    return "\r\n".join(f"{name}: {value}" for name, value in headers.items())


def event(name: str, **headers: str) -> str:
    """An event's text without its closing empty line."""
    return message(Event=name, **headers)


SUCCESS = message(Response="Success")


def error(sentence: str) -> str:
    """An error answer."""
    return message(Response="Error", Message=sentence)


def listing(rows: Iterable[str], complete: str) -> list[str]:
    """A list's messages."""
    return [
        message(Response="Success", EventList="start", Message="list will follow"),
        *rows,
        event(complete, EventList="Complete", ListItems="0"),
    ]


@dataclass
class FakeAmi:
    """The server. `async with FakeAmi() as ami:` listens on a free port of 127.0.0.1."""

    secret: str = "hemlig"
    greeting: bytes = b"Asterisk Call Manager/11.0.0\r\n"
    is_booted: bool = True
    is_silent: bool = False
    """Reads, and answers nothing."""
    refuses_connections: bool = False
    """Closes each connection as soon as it is made."""
    actions: list[Fields] = field(default_factory=list)
    """All actions received but Login and Ping, in order."""
    logins: int = 0
    pings: int = 0
    connections: int = 0
    raw: bytearray = field(default_factory=bytearray)
    """All bytes received."""
    channels: list[dict[str, str]] = field(default_factory=list)
    """Rows of the answer to Status."""
    queue: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Interface to (name, paused), as in the fallback queue."""
    answers: dict[str, Answer] = field(default_factory=dict)
    """By lower-case action name: instead of the usual answer."""
    globals: dict[str, str] = field(default_factory=lambda: {"SAMKO_BEAT": "0"})
    """The dialplan's variables."""
    port: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _sessions: dict[int, tuple[int, asyncio.StreamWriter]] = field(default_factory=dict)
    """Number to when it began and its connection."""
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def listen(self) -> None:
        """Listen, on the same port if it has listened before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything, as a dying Asterisk does."""
        assert self._server is not None
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def cut(self) -> None:
        """Cut all connections; new ones are taken."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    @property
    def open_connections(self) -> int:
        """How many connections are open."""
        return len(self._writers)

    def named(self, name: str) -> list[Fields]:
        """The actions of this name that were received."""
        return [action for action in self.actions if action["action"] == [name]]

    def say(self, *messages: str) -> None:
        """Send messages to all who are connected."""
        self.send("".join(f"{text}\r\n\r\n" for text in messages).encode())

    def send(self, data: bytes) -> None:
        """Send bytes as they are to all who are connected."""
        for writer in self._writers:
            writer.write(data)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            if not self.refuses_connections:
                self._writers.append(writer)
                self._sessions[self.connections] = (int(time.time()), writer)
                writer.write(self.greeting)
                await self._read(reader, writer)
        except ConnectionError:
            pass  # the test has cut the connection
        finally:
            self._tasks.discard(task)
            if writer in self._writers:
                self._writers.remove(writer)
            self._sessions = {n: held for n, held in self._sessions.items() if held[1] != writer}
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        buffer = b""
        while data := await reader.read(65536):
            self.raw += data
            buffer += data
            *blocks, buffer = buffer.split(b"\r\n\r\n")
            for block in blocks:
                fields: Fields = {}
                for line in block.decode().split("\r\n"):
                    name, _, value = line.partition(": ")
                    fields.setdefault(name.lower(), []).append(value)
                self._act(fields, writer)

    def _act(self, fields: Fields, writer: asyncio.StreamWriter) -> None:
        name = fields["action"][0].lower()
        if name == "login":
            self.logins += 1
        elif name == "ping":
            self.pings += 1
        else:
            self.actions.append(fields)
        if self.is_silent:
            return
        answer = self.answers.get(name, getattr(self, f"_on_{name}", lambda _: SUCCESS))
        texts = answer(fields)
        for text in [texts] if isinstance(texts, str) else texts or ():
            first, _, rest = text.partition("\r\n")
            lines = [first, f"ActionID: {fields['actionid'][0]}", *([rest] if rest else [])]
            writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        if name == "login" and self.is_booted and fields["secret"] == [self.secret]:
            writer.write(b"Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n")

    def _on_login(self, fields: Fields) -> str:
        if fields["secret"] == [self.secret]:
            return message(Response="Success", Message="Authentication accepted")
        return error("Authentication failed")

    def _on_status(self, fields: Fields) -> list[str]:
        rows = [event("Status", **channel) for channel in self.channels]
        return listing(rows, "StatusComplete")

    def _on_getvar(self, fields: Fields) -> str:
        (name,) = fields["variable"]
        value = str(int(time.time())) if name == "EPOCH" else self.globals.get(name, "")
        return message(Response="Success", Variable=name, Value=value)

    def _on_setvar(self, fields: Fields) -> str:
        if "channel" not in fields and "variable" in fields:
            self.globals[fields["variable"][0]] = fields["value"][0]
        return SUCCESS

    def _on_command(self, fields: Fields) -> str:
        *_, last = command = fields["command"][0].split()
        if command[:3] == ["manager", "kick", "session"]:
            self._sessions[int(last)][1].transport.abort()
        rows = [
            f"Output:   samko   127.0.0.1   {began_s}   0   {number}   0   0000000355   0000000627"
            for number, (began_s, _) in self._sessions.items()
        ]
        head = ["Output:   Username   IP Address   Start   Elapsed   FileDes   HttpCnt"]
        return "\r\n".join(["Response: Success", *head, *rows])

    def _on_queuestatus(self, fields: Fields) -> list[str]:
        rows = [
            event(
                "QueueMember",
                Queue="samko-national",
                Name=name,
                Location=interface,
                Membership="dynamic",
                Paused=paused,
            )
            for interface, (name, paused) in self.queue.items()
        ]
        return listing(rows, "QueueStatusComplete")

    def _on_queueadd(self, fields: Fields) -> str:
        paused = "1" if fields["paused"] == ["true"] else "0"
        self.queue[fields["interface"][0]] = (fields["membername"][0], paused)
        return message(Response="Success", Message="Added interface to queue")

    def _on_queuepause(self, fields: Fields) -> str:
        name, _ = self.queue[fields["interface"][0]]
        self.queue[fields["interface"][0]] = (name, "1" if fields["paused"] == ["true"] else "0")
        return message(Response="Success", Message="Interface paused successfully")

    def _on_queueremove(self, fields: Fields) -> str:
        del self.queue[fields["interface"][0]]
        return message(Response="Success", Message="Removed interface from queue")


@asynccontextmanager
async def connected(
    ami: FakeAmi, times: AmiTimes = QUICK, secret: str = "hemlig"
) -> AsyncIterator[AmiConnection]:
    """A connection to `ami` that is logged in."""
    connection = AmiConnection("127.0.0.1", ami.port, "samko", secret, times=times)
    try:
        await connection.connect()
        yield connection
    finally:
        await connection.close()
