"""The server: whoever connects, and however he behaves, the others are served."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from ivr.call_session import CallSession, Visit
from ivr.fastagi import HEADER_BYTES_MAX, FastAgiServer, ServerLimits
from ivr.session import SessionLimits
from tests.ivr.fake_asterisk import FakeChannel, contact_id, headers

SHORT = ServerLimits(header_s=0.1, session=SessionLimits(answer_s=0.2, play_s=0.2))


async def ask_once(session: CallSession) -> None:
    await session.set_variable("SERVED", "yes")


@asynccontextmanager
async def serving(visit: Visit, limits: ServerLimits | None = None) -> AsyncIterator[FastAgiServer]:
    server = FastAgiServer({"call": visit}, port=0, limits=limits)
    await server.start()
    try:
        yield server
    finally:
        await server.stop(grace_s=0.5)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.001)


async def is_served(server: FastAgiServer) -> bool:
    channel = await FakeChannel(headers("call")).visit(server.port)
    return channel.variables.get("SERVED") == "yes"


async def closed_after(server: FastAgiServer, data: bytes, eof: bool = False) -> bytes:
    """What the server says to these bytes before it closes; it must close."""
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        said = b""
        try:
            writer.write(data)
            await writer.drain()
            if eof:
                writer.write_eof()
            said = await reader.read()
        except ConnectionError:
            pass  # it closed with bytes of ours unread
        writer.transport.abort()
    return said


async def test_a_visit_is_served() -> None:
    async with serving(ask_once) as server:
        assert await is_served(server)
        await until(lambda: server.sessions == 0)


async def test_a_port_scan_freezes_nothing() -> None:
    async with serving(ask_once) as server:
        for _ in range(20):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.close()
            await writer.wait_closed()
        for _ in range(20):  # and with a reset instead of a proper end
            with socket.create_connection(("127.0.0.1", server.port)) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert await is_served(server)
        await until(lambda: server.sessions == 0)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01" + b"\xff" * 500,
        b"\n",
        b"\r\n\r\n",
        b"agi_network_script: call\nagi_uniqueid: a b\n\n",
        b"agi_x: y\n" * 100 + b"\n",
        headers("nothing-like-this"),
        headers("call", uniqueid="x\ny"),
    ],
)
async def test_garbage_is_closed_without_an_answer(data: bytes) -> None:
    async with serving(ask_once, SHORT) as server:
        assert await closed_after(server, data) == b""
        assert await is_served(server)


@pytest.mark.parametrize(
    "data",
    [
        b"agi_calleridname: " + b"x" * 1_000_000,
        b"".join(b"agi_h%d: %s\n" % (number, b"x" * 100) for number in range(10_000)),
        b"a\n" * 500_000,
    ],
)
async def test_endless_headers_are_cut_off(data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(ask_once) as server:
        assert len(data) > HEADER_BYTES_MAX
        assert await closed_after(server, data) == b""
        assert await is_served(server)
    assert f"more than {HEADER_BYTES_MAX} bytes" in caplog.text


async def test_headers_of_just_under_the_limit_are_read() -> None:
    async with serving(ask_once) as server:
        channel = FakeChannel(headers("call", calleridname="x" * (HEADER_BYTES_MAX - 1_000)))
        await channel.visit(server.port)
        assert channel.variables["SERVED"] == "yes"


@pytest.mark.parametrize("data", [b"", b"agi_network: yes\n", headers("call")[:-1]])
async def test_silence_in_the_headers_is_cut_off(
    data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(ask_once, SHORT) as server:
        assert await closed_after(server, data) == b""
        assert "headers not ended within 0.1 s" in caplog.text
        assert await is_served(server)


async def test_a_slow_drip_of_headers_is_cut_off_too() -> None:
    async with serving(ask_once, SHORT) as server, asyncio.timeout(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)

        async def drip() -> None:
            while True:
                writer.write(b"a")
                await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        try:
            said = await reader.read()
        except ConnectionResetError:
            said = b""  # it closed with drops of ours unread
        finally:
            dripping.cancel()
            writer.transport.abort()
        assert said == b""


async def test_one_too_many_is_closed_at_once(caplog: pytest.LogCaptureFixture) -> None:
    release = asyncio.Event()

    async def wait(session: CallSession) -> None:
        await session.set_variable("SERVED", "yes")
        await release.wait()

    async with serving(wait, ServerLimits(sessions_max=3)) as server:
        channels = [FakeChannel(headers("call")) for _ in range(3)]
        tasks = [asyncio.create_task(channel.visit(server.port)) for channel in channels]
        await until(lambda: all("SERVED" in channel.variables for channel in channels))
        for _ in range(5):
            late = await FakeChannel(headers("call")).visit(server.port)
            assert late.commands == []
        release.set()
        await asyncio.gather(*tasks)
        await until(lambda: server.sessions == 0)
        assert await is_served(server)
    assert [record.getMessage() for record in caplog.records] == [
        "3 visits at once: more are closed at once",
        "5 visits were closed at once",
    ]


async def test_an_error_in_one_visit_touches_no_other_and_tells_no_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(session: CallSession) -> None:
        if session.request.arguments:
            raise ValueError(session.request.headers["agi_callerid"])
        await ask_once(session)

    caller = contact_id()
    async with serving(fail) as server:
        failed = FakeChannel(headers("call", "x", uniqueid=caller)).visit(server.port)
        served = is_served(server)
        _, is_fine = await asyncio.gather(failed, served)
        assert is_fine
    assert f"call {caller}: call: ValueError at" in caplog.text
    assert "test_ivr_fastagi.py" in caplog.text
    assert "0701740605" not in caplog.text


async def test_a_peer_that_is_not_named_is_closed() -> None:
    server = FastAgiServer({"call": ask_once}, port=0, peers=("192.0.2.0/24",))
    await server.start()
    try:
        assert await closed_after(server, headers("call")) == b""
    finally:
        await server.stop()


async def test_a_visit_that_does_not_end_is_ended() -> None:
    async def hang(_session: CallSession) -> None:
        await asyncio.Event().wait()

    async with serving(hang, ServerLimits(visit_s=0.05)) as server:
        assert await closed_after(server, headers("call")) == b""
        await until(lambda: server.sessions == 0)


async def test_stop_lets_visits_end() -> None:
    begun = asyncio.Event()
    release = asyncio.Event()

    async def wait(session: CallSession) -> None:
        begun.set()
        await release.wait()
        await ask_once(session)

    server = FastAgiServer({"call": wait}, port=0)
    await server.start()
    visit = asyncio.create_task(FakeChannel(headers("call")).visit(server.port))
    await begun.wait()
    stopping = asyncio.create_task(server.stop(grace_s=5))
    await asyncio.sleep(0)
    release.set()
    await stopping
    assert (await visit).variables["SERVED"] == "yes"


async def test_stop_ends_visits_that_do_not() -> None:
    ended: list[str] = []
    begun = asyncio.Event()

    async def hang(_session: CallSession) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    server = FastAgiServer({"call": hang}, port=0)
    await server.start()
    visit = asyncio.create_task(FakeChannel(headers("call")).visit(server.port))
    await begun.wait()
    async with asyncio.timeout(5):
        await server.stop(grace_s=0.05)
    assert ended == ["cancelled"]
    assert (await visit).variables == {}
    await server.stop()


async def test_it_can_be_started_at_a_taken_port_only_with_an_error() -> None:
    async with serving(ask_once) as server:
        second = FastAgiServer({}, port=server.port)
        with pytest.raises(OSError, match="address already in use"):
            await second.start()


async def test_a_call_that_leaves_is_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with serving(ask_once) as server:
        await closed_after(server, headers("call"), eof=True)
        await until(lambda: server.sessions == 0)
    assert [record.levelname for record in caplog.records] == ["INFO"]
