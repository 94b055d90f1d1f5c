"""The API beside bare aiohttp: what an answer costs, and what two hundred who watch cost.

A server in a process of its own holds a country of a thousand agents in which a busy hour passes at
ten times its speed; another holds nothing and sends the same bytes. What counts is the processor
time of the server, read from the kernel: rates hang on the client and on the machine as well.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from aiohttp import WSMsgType, web

from benchmarks.core_calls import SHAPE
from benchmarks.core_country import Country
from benchmarks.figures import Goal, Section, quantile, table
from queue_engine.config.load import load_all
from queue_engine.console_api.api import ConsoleApi
from queue_engine.console_api.ports import Seat
from queue_engine.core.commands import Command
from queue_engine.core.record import Record
from queue_engine.core.state import State
from queue_engine.runtime.feed import Feed
from routing.vocabulary import AgentId

WAITING: Final = 300
CALLS_EVERY_S: Final = 0.2
"""A busy hour brings half a call a second; this is ten times as many."""
TOKEN: Final = "benchmark"
TOPICS: Final = ("regions", "queue")
TICK_S: Final = 0.5
CORE_SHARE_MAX: Final = 0.25
"""Of one processor, for a country in which 200 watch."""
_ROOT: Final = Path(__file__).resolve().parents[1]
_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")
_ANSWER_S_MAX: Final = 30.0
_END_S_MAX: Final = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    requests: int = 3_000
    connections: int = 4
    clients: int = 200
    watch_s: float = 15.0


# --- the servers ------------------------------------------------------------------------------


class CountryEngine:
    """An `EnginePort` over a country in which calls come and go; no journal, so no timelines."""

    def __init__(self) -> None:
        self._country = Country(load_all(_ROOT / "config").policy, SHAPE)
        while len(self.state.waiting) < WAITING:
            self._country.arrive(self._country.caller(self._country.now_ms, least=0.01))
        self._began_s = time.monotonic()
        self._began_ms = self._country.now_ms

    @property
    def state(self) -> State:
        """See `EnginePort`."""
        return self._country.engine.state

    async def journaled(self) -> bool:
        """See `EnginePort`: nothing is ever under way."""
        return True

    def now_ms(self) -> int:
        """See `EnginePort`: ten times the wall."""
        return self._began_ms + int((time.monotonic() - self._began_s) * 10_000)

    async def submit(self, command: Command) -> Record | None:
        """See `EnginePort`."""
        return self._country.engine.handle(command, self.now_ms())

    def follow(self, name: str, records_max: int) -> Feed:
        """See `EnginePort`: none come."""
        return Feed(name, records_max)

    async def live(self) -> None:
        """One caller comes and one talk ends, again and again."""
        while True:
            self._country.now_ms = self.now_ms()
            self._country.arrive(self._country.caller(self._country.now_ms, least=0.01))
            self._country.talk_ends()
            await asyncio.sleep(CALLS_EVERY_S)


class _NoSeats:
    def seat(self, agent_id: AgentId) -> Seat | None:
        return None

    def free_for_people(self) -> tuple[Seat, ...]:
        return ()


def _bare(text: bytes) -> web.Application:
    """Sends `text` to whoever asks, and twice a second to whoever watches."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=text, content_type="application/json")

    async def watch(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(compress=False, protocols=("samko.v1",))
        await ws.prepare(request)
        try:
            while True:
                for _ in TOPICS:
                    await ws.send_frame(text, WSMsgType.TEXT)
                await asyncio.sleep(TICK_S)
        except ConnectionError:
            return ws

    app = web.Application()
    app.router.add_get("/api/v1/regions", answer)
    app.router.add_get("/api/v1/live", watch)
    return app


async def _serve(text_file: str | None) -> None:
    """Until its input ends; says its port first. Bare if it is given a text to send."""
    living: asyncio.Task[None] | None = None
    if text_file is None:
        engine = CountryEngine()
        living = asyncio.create_task(engine.live())
        app = ConsoleApi(engine, token=TOKEN, seats=_NoSeats()).app()
    else:
        app = _bare(await asyncio.to_thread(Path(text_file).read_bytes))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    if living is not None:
        living.cancel()
    await runner.cleanup()


@dataclass(frozen=True, slots=True)
class _Server:
    process: subprocess.Popen[str]
    port: int

    def cpu_s(self) -> float:
        """Processor time that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND


@contextmanager
def _server(*args: str) -> Iterator[_Server]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.http", *args],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield _Server(process, int(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.stdout.close()
        try:
            process.wait(_END_S_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


# --- the clients ------------------------------------------------------------------------------


async def _get(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """One answer on a connection that stays open."""
    writer.write(
        b"GET /api/v1/regions HTTP/1.1\r\nHost: localhost\r\n"
        b"Authorization: Bearer " + TOKEN.encode() + b"\r\n\r\n"
    )
    async with asyncio.timeout(_ANSWER_S_MAX):
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head[:100]
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        return await reader.readexactly(length)


async def _ask(port: int, plan: Plan) -> tuple[list[float], bytes]:
    """Asks over and over on some connections; seconds of each answer, and the last one."""
    seconds: list[float] = []
    last = b""

    async def one() -> None:
        nonlocal last
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(plan.requests // plan.connections):
            began = time.perf_counter()
            last = await _get(reader, writer)
            seconds.append(time.perf_counter() - began)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(one() for _ in range(plan.connections)))
    return seconds, last


class _Watcher(asyncio.Protocol):
    """A WebSocket client that counts what it gets, answers pings, and does nothing else."""

    def __init__(self) -> None:
        self.messages = 0
        self.is_lost = False
        self.has_all = asyncio.Event()
        self._data = bytearray()
        self._is_open = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Shakes hands."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            "GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: samko.v1\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """Noted, for a server that cuts off its clients would be cheap."""
        self.is_lost = True

    def close(self) -> None:
        """Goes away."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Counts whole frames."""
        self._data += data
        if not self._is_open:
            head, found, rest = self._data.partition(b"\r\n\r\n")
            if not found:
                return
            assert head.startswith(b"HTTP/1.1 101 "), bytes(head[:100])
            self._is_open, self._data = True, rest
            self._say({"token": TOKEN})
            self._say({"subscribe": TOPICS})
        while self._take_frame():
            pass

    def _take_frame(self) -> bool:
        data = self._data
        if len(data) < 2:
            return False
        start, length = 2, data[1]
        if length >= 126:
            start = 4 if length == 126 else 10
            length = int.from_bytes(data[2:start], "big") if len(data) >= start else 1 << 62
        if len(data) < start + length:
            return False
        opcode = data[0] & 0x0F
        del data[: start + length]
        if opcode == 9:
            self._send(0x8A, b"")
        else:
            self.messages += 1
            if self.messages > len(TOPICS):  # a greeting, and each topic once
                self.has_all.set()
        return True

    def _say(self, said: object) -> None:
        self._send(0x81, json.dumps(said).encode())

    def _send(self, first: int, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(bytes([first, 0x80 | len(data)]) + bytes(4) + data)


async def _watch(server: _Server, plan: Plan) -> _Watched:
    """What comes to all in the time, and what it costs the server."""
    loop = asyncio.get_running_loop()
    watchers = [
        (await loop.create_connection(_Watcher, "127.0.0.1", server.port))[1]
        for _ in range(plan.clients)
    ]
    async with asyncio.timeout(_ANSWER_S_MAX):
        for watcher in watchers:
            await watcher.has_all.wait()
    before, cpu_s = sum(watcher.messages for watcher in watchers), server.cpu_s()
    await asyncio.sleep(plan.watch_s)
    messages = sum(watcher.messages for watcher in watchers) - before
    used_s, lost = server.cpu_s() - cpu_s, sum(watcher.is_lost for watcher in watchers)
    for watcher in watchers:
        watcher.close()
    return _Watched(messages, used_s, lost)


# --- the figures ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    seconds: list[float]
    took_s: float
    used_s: float
    text: bytes

    def row(self, name: str) -> list[str]:
        count = len(self.seconds)
        millis = [1_000 * seconds for seconds in self.seconds]
        return [
            name,
            f"{count / self.took_s:,.0f}",
            *(f"{quantile(millis, share):.2f}" for share in (0.5, 0.99)),
            f"{1e6 * self.used_s / count:,.0f}",
        ]


@dataclass(frozen=True, slots=True)
class _Watched:
    messages: int
    used_s: float
    lost: int

    def row(self, name: str, plan: Plan) -> list[str]:
        return [
            name,
            f"{self.messages / plan.watch_s:,.0f}",
            f"{1e6 * self.used_s / max(1, self.messages):,.0f}",
            f"{100 * self.used_s / plan.watch_s:.1f}",
        ]


def _ask_all(server: _Server, plan: Plan) -> _Asked:
    began, cpu_s = time.perf_counter(), server.cpu_s()
    seconds, text = asyncio.run(_ask(server.port, plan))
    return _Asked(seconds, time.perf_counter() - began, server.cpu_s() - cpu_s, text)


def measure(plan: Plan | None = None) -> Section:
    """Both servers, one after the other."""
    plan = plan or Plan()
    with _server() as ours:
        asked = _ask_all(ours, plan)
        watched = asyncio.run(_watch(ours, plan))
        alone = asyncio.run(_watch(ours, replace(plan, clients=1)))
    with TemporaryDirectory() as folder:
        text_file = Path(folder) / "regions.json"
        text_file.write_bytes(asked.text)
        with _server(str(text_file)) as bare:
            bare_asked = _ask_all(bare, plan)
            bare_watched = asyncio.run(_watch(bare, plan))
    share = watched.used_s / plan.watch_s
    asked_table = table(
        ("GET", "answers/s", "p50 ms", "p99 ms", "CPU µs each"),
        [asked.row("Samkö"), bare_asked.row("bare aiohttp")],
    )
    watched_table = table(
        ("live", "messages/s", "CPU µs each", "% of a processor"),
        [
            watched.row(f"Samkö, {plan.clients} clients", plan),
            alone.row("Samkö, 1 client", plan),
            bare_watched.row(f"bare aiohttp, {plan.clients} clients", plan),
        ],
    )
    text = (
        f"{plan.requests:,} times `GET /api/v1/regions` ({len(asked.text):,} bytes) on"
        f" {plan.connections} connections, then clients that watch {' and '.join(TOPICS)} for"
        f" {plan.watch_s:g} s; bare aiohttp sends the bytes of the former each time. Samkö's"
        f" figures hold the country itself.\n\n{asked_table}\n\n{watched_table}"
    )
    goals = (
        Goal(
            f"{plan.clients} who watch a busy hour at ten times its speed cost under"
            f" {100 * CORE_SHARE_MAX:.0f} % of a processor",
            f"{100 * share:.1f} %",
            share < CORE_SHARE_MAX,
        ),
        Goal("none of them is cut off", f"{watched.lost} were", watched.lost == 0),
    )
    return Section("HTTP and WebSocket", text, goals)


def _main() -> None:
    """A server, for `measure` alone."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.http")
    parser.add_argument("text_file", nargs="?", help="what a bare server sends")
    asyncio.run(_serve(parser.parse_args().text_file))


if __name__ == "__main__":
    _main()
