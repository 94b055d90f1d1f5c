"""Stand-ins for the engine, to prove the dialplan without it: a raw AMI client and an AGI server.

House rules: what Asterisk sent is kept as it came, byte for byte, since recordings for other
tests are made of it. Every wait has a deadline.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Self

from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk.patience import PATIENCE_S

_BEAT_S: Final = 0.2
_END: Final = b"\r\n\r\n"


@dataclass(frozen=True)
class AmiMessage:
    """One message from Asterisk: its headers in order, and its text as received."""

    text: str
    headers: tuple[tuple[str, str], ...]
    arrived_s: float
    """`time.monotonic()` when it had been read."""

    def __getitem__(self, name: str) -> str:
        """The first header of that name; empty if there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def fits(self, wanted: Mapping[str, str]) -> bool:
        """Has it all these headers?"""
        return all(self[name] == value for name, value in wanted.items())


class Ami:
    """A logged-in AMI session that keeps what it hears: everything, or as much as `user` does."""

    def __init__(self, asterisk: LocalAsterisk, user: str | None = None) -> None:
        self._asterisk = asterisk
        self._user = user or asterisk.ami_watcher
        self._numbers = itertools.count(1)
        self._news = asyncio.Event()
        self.messages: list[AmiMessage] = []

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._asterisk.ami_port
        )
        await self._reader.readuntil(b"\r\n")
        self._listener = asyncio.create_task(self._listen())
        try:
            answer = await self.act("Login", Username=self._user, Secret=self._asterisk.ami_secret)
            assert answer["Response"] == "Success", answer.text
            booted = await self.heard("FullyBooted")
        except BaseException:
            await self.__aexit__()
            raise
        del self.messages[: self.messages.index(booted) + 1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.cancel()
        await asyncio.gather(self._listener, return_exceptions=True)
        self._writer.close()
        await asyncio.gather(self._writer.wait_closed(), return_exceptions=True)

    async def act(self, action: str, **headers: str) -> AmiMessage:
        """Send an action and give its response."""
        number = f"{action}-{next(self._numbers)}"
        lines = [f"Action: {action}", f"ActionID: {number}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        since = len(self.messages)
        self._writer.write("\r\n".join(lines).encode() + _END)
        return await self._find(
            lambda m: bool(m["Response"]) and m["ActionID"] == number, f"answer to {action}", since
        )

    async def redirect(self, channel: str, context: str, exten: str = "s") -> AmiMessage:
        """Send a call somewhere else in the dialplan."""
        return await self.act(
            "Redirect", Channel=channel, Context=context, Exten=exten, Priority="1"
        )

    @contextlib.asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Let the engine's beat go on, until the end of the block."""

        async def beat() -> None:
            for value in itertools.count(1):
                await self.act("Setvar", Variable="SAMKO_BEAT", Value=str(value))
                await asyncio.sleep(_BEAT_S)

        task = asyncio.create_task(beat())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def mark(self) -> int:
        """Now, as a place in what is heard; for `since`."""
        return len(self.messages)

    async def heard(
        self, event: str, *, since: int = 0, deadline_s: float = PATIENCE_S, **headers: str
    ) -> AmiMessage:
        """The first such event since the mark; waits for it."""
        wanted = {"Event": event, **headers}
        return await self._find(lambda m: m.fits(wanted), str(wanted), since, deadline_s)

    async def told(
        self, user_event: str, *, since: int = 0, deadline_s: float = PATIENCE_S, **headers: str
    ) -> AmiMessage:
        """The first UserEvent of that name since the mark; waits for it."""
        return await self.heard(
            "UserEvent", since=since, deadline_s=deadline_s, UserEvent=user_event, **headers
        )

    def have_heard(self, event: str, since: int, **headers: str) -> bool:
        """Has such an event come since the mark?"""
        return any(m.fits({"Event": event, **headers}) for m in self.messages[since:])

    def recorded(self, since: int = 0) -> str:
        """All that came since the mark (else since FullyBooted), as it came."""
        return "".join(message.text for message in self.messages[since:])

    async def _find(
        self,
        is_it: Callable[[AmiMessage], bool],
        what: str,
        since: int,
        deadline_s: float = PATIENCE_S,
    ) -> AmiMessage:
        until = time.monotonic() + deadline_s
        place = since
        while True:
            for message in self.messages[place:]:
                place += 1
                if is_it(message):
                    return message
            self._news.clear()
            try:
                async with asyncio.timeout(until - time.monotonic()):
                    await self._news.wait()
            except TimeoutError:
                tail = "".join(message.text for message in self.messages[since:][-12:])
                raise AssertionError(f"not heard in {deadline_s} s: {what}\n{tail}") from None

    async def _listen(self) -> None:
        while True:
            try:
                data = await self._reader.readuntil(_END)
            except asyncio.IncompleteReadError:
                return
            text = data.decode("latin-1")
            pairs = (line.partition(": ") for line in text.split("\r\n") if line)
            headers = tuple((name, value) for name, _, value in pairs)
            self.messages.append(AmiMessage(text, headers, time.monotonic()))
            self._news.set()


class Agi:
    """One AGI visit, as the server sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.headers: dict[str, str] = {}

    async def read_headers(self) -> None:
        """The lines that Asterisk begins with."""
        while line := (await self._reader.readline()).strip():
            name, _, value = line.decode("latin-1").partition(": ")
            self.headers[name] = value

    @property
    def script(self) -> str:
        """What was visited: `call`, `key` ..."""
        return self.headers["agi_network_script"]

    @property
    def arguments(self) -> list[str]:
        """The words after the address in the dialplan."""
        return [self.headers[f"agi_arg_{n}"] for n in range(1, 9) if f"agi_arg_{n}" in self.headers]

    async def command(self, line: str) -> str:
        """Send one command; its answer, empty if the visit is over."""
        self._writer.write(line.encode() + b"\n")
        return (await self._reader.readline()).decode("latin-1").strip()

    async def silence(self) -> None:
        """Say nothing until Asterisk ends the visit: a frozen engine."""
        while await self._reader.readline():
            pass


Visit = Callable[[Agi], Awaitable[None]]


async def queue_the_caller(agi: Agi) -> None:
    """The shortest menu: the caller waits, with a ticket."""
    unique_id = agi.headers["agi_uniqueid"]
    ticket = f"1|1|{unique_id}|1795282147000|1|standard|08|advice:9"
    await agi.command(f'SET VARIABLE SAMKO_TICKET "{ticket}"')
    await agi.command("SET VARIABLE SAMKO_PRIO 2")
    await agi.command("SET VARIABLE SAMKO_IVR done")


class AgiServer:
    """Answers AGI visits by functions, one per script; an unknown script just ends.

    Args:
        asterisk: whose visits.
        port: where it listens, if not where that Asterisk looks first.
        visits: by script.
    """

    def __init__(self, asterisk: LocalAsterisk, port: int | None = None, **visits: Visit) -> None:
        self.port: Final = port or asterisk.agi_port
        self._visits: dict[str, Visit] = dict(visits)
        self._tasks: set[asyncio.Task[None]] = set()
        self.seen: asyncio.Queue[Agi] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def visited(self, script: str, deadline_s: float = PATIENCE_S) -> Agi:
        """The next visit to that script; waits for it, and drops others before it."""
        async with asyncio.timeout(deadline_s):
            while True:
                agi = await self.seen.get()
                if agi.script == script:
                    return agi

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            agi = Agi(reader, writer)
            await agi.read_headers()
            self.seen.put_nowait(agi)
            if visit := self._visits.get(agi.script):
                await visit(agi)
        except ConnectionError:
            pass  # Asterisk has left: the caller has hung up, or the limit was reached
        finally:
            self._tasks.discard(task)
            writer.close()
