"""Those who watch: whole values, computed once for all, and nobody harms anybody else."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from queue_engine.console_api import live_hub, sockets
from tests.console_api.api_world import DEADLINE_S, TOKEN, ApiWorld


@asynccontextmanager
async def watching(world: ApiWorld, *topics: str) -> AsyncIterator[ClientWebSocketResponse]:
    """A client that watches these topics, after its hello."""
    url = world.url("/api/v1/live")
    async with world.client.ws_connect(url, protocols=("samko.v1",)) as ws:
        await ws.send_json({"token": TOKEN})
        assert (await heard(ws))["topic"] == "hello"
        if topics:
            await ws.send_json({"subscribe": topics})
        yield ws


async def heard(ws: ClientWebSocketResponse, topic: str = "") -> Any:
    """The next message, or the next of this topic."""
    while True:
        message = await ws.receive_json(timeout=DEADLINE_S)
        if not topic or message["topic"] == topic:
            return message


async def closed_with(ws: ClientWebSocketResponse) -> int | None:
    """The code with which the server closes the socket."""
    while (await ws.receive(timeout=DEADLINE_S)).type is WSMsgType.TEXT:
        pass
    return ws.close_code


async def test_a_topic_is_what_its_route_answers(world: ApiWorld) -> None:
    contact = await world.caller("24")
    await world.agent("n23-1")
    topics = {
        "regions": "/api/v1/regions",
        "queue": "/api/v1/queue",
        "queue:24": "/api/v1/queue?region=24",
        "agents": "/api/v1/agents",
        "texts": "/api/v1/texts",
        "agents:23": "/api/v1/agents?region=23",
        f"contact:{contact}": f"/api/v1/contacts/{contact}",
    }
    async with watching(world, *topics) as ws:
        for topic, path in topics.items():
            message = await heard(ws, topic)
            while message["data"] != await world.get(path):
                message = await heard(ws, topic)  # its timeline has been told meanwhile
            assert message["at_ms"] == world.clock.ms


async def test_what_happens_is_seen_by_those_who_watch(world: ApiWorld) -> None:
    async with watching(world, "queue") as ws:
        assert (await heard(ws))["data"]["total"] == 0
        await world.caller("22")
        assert (await heard(ws))["data"]["total"] == 1
        await ws.send_json({"unsubscribe": ["queue"]})
        await world.until(_as_async(lambda: world.api.hub.topics == 0), "nobody watches")


def _as_async(condition: Any) -> Any:
    async def ask() -> bool:
        return bool(condition())

    return ask


async def test_a_contact_that_is_nobodys_is_null(world: ApiWorld) -> None:
    async with watching(world, "contact:nobody") as ws:
        assert (await heard(ws))["data"] is None


async def test_a_topic_is_computed_once_for_all_and_not_at_all_for_nobody(
    world: ApiWorld,
) -> None:
    hub = world.api.hub
    assert hub.computed == hub.ticks == 0
    async with watching(world, "regions") as first:
        await heard(first, "regions")
        computed = hub.computed
        async with watching(world, "regions") as second, watching(world, "regions") as third:
            await heard(second, "regions")
            await heard(third, "regions")
            assert hub.computed == computed  # the latest value was there already
    await world.until(_as_async(lambda: hub.topics == 0), "nobody watches")
    ticks = hub.ticks
    await world.caller("22")
    await asyncio.sleep(0)
    assert hub.ticks == ticks


async def test_topics_that_take_long_come_seldom(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow() -> bytes:
        until_s = time.monotonic() + 0.03
        while time.monotonic() < until_s:
            pass
        return b"{}"

    monkeypatch.setattr(world.api.board, "regions_json", slow)
    hub = live_hub.LiveHub(world.api.board, tick_s=0.001, idle_s=0.0)
    news = asyncio.Queue[float]()

    class Watcher:
        def offer(self, topic: str, message: bytes) -> None:
            news.put_nowait(time.monotonic())

    hub.watch("regions", Watcher())
    ticking = asyncio.create_task(hub.run())
    async with asyncio.timeout(DEADLINE_S):
        moments = [await news.get() for _ in range(4)]
    ticking.cancel()
    await asyncio.wait([ticking])
    # The last three come from whole ticks: nine tenths of the time is others'.
    assert moments[3] - moments[1] >= 2 * 0.03 * (live_hub.COST_SHARE - 1)


async def test_the_first_message_is_the_token(world: ApiWorld) -> None:
    url = world.url("/api/v1/live")
    for said in (
        {"token": "wrong"},
        {"token": 7},
        {"token": "\ud800"},
        {"subscribe": ["regions"]},
        [1],
        "x",
    ):
        async with world.client.ws_connect(url, protocols=("samko.v1",)) as ws:
            await ws.send_json(said)
            assert await closed_with(ws) == sockets.NO_TOKEN


async def test_who_says_nothing_is_not_waited_for(world: ApiWorld) -> None:
    world.api.sockets.token_s = 0.05
    url = world.url("/api/v1/live")
    async with world.client.ws_connect(url, protocols=("samko.v1",)) as ws:
        assert await closed_with(ws) == sockets.NO_TOKEN


async def test_foreign_pages_and_other_protocols_do_not_get_in(world: ApiWorld) -> None:
    url = world.url("/api/v1/live")
    for origin, protocols, status in (
        ("http://evil.example", ("samko.v1",), 403),
        ("null", ("samko.v1",), 403),
        ("http://[", ("samko.v1",), 403),
        (None, (), 400),
        (None, ("other",), 400),
    ):
        headers = {} if origin is None else {"Origin": origin}
        with pytest.raises(WSServerHandshakeError) as refused:
            await world.client.ws_connect(url, protocols=protocols, headers=headers)
        assert refused.value.status == status
    own = {"Origin": world.url("/").rstrip("/")}
    async with world.client.ws_connect(url, protocols=("samko.v1",), headers=own) as ws:
        assert ws.protocol == "samko.v1"
    await world.get("/api/v1/live", status=400)


async def test_nonsense_is_answered_and_the_socket_lives_on(world: ApiWorld) -> None:
    async with watching(world) as ws:
        for said, code in (
            ({"subscribe": ["nothing"]}, "not_found"),
            ({"subscribe": [7, "queue:x"]}, "not_found"),
            ({"subscribe": "regions"}, "bad_request"),
            ({"unsubscribe": [7, {}, "queue"]}, None),
            ({"dance": True}, "bad_request"),
            ([], "bad_request"),
        ):
            await ws.send_json(said)
            if code is not None:
                message = await heard(ws)
                assert (message["topic"], message["data"]["code"]) == ("error", code)
        await ws.send_str("no json")
        assert (await heard(ws))["data"]["code"] == "bad_request"
        await ws.send_bytes(b"\x00")
        assert (await heard(ws))["data"]["code"] == "bad_request"
        await ws.send_json({"subscribe": ["regions"]})
        assert (await heard(ws))["topic"] == "regions"


async def test_topics_are_bounded(world: ApiWorld) -> None:
    async with watching(world) as ws:
        await ws.send_json({"subscribe": [f"contact:c{n}" for n in range(live_hub.TOPICS_MAX + 1)]})
        assert (await heard(ws, "error"))["data"]["code"] == "overloaded"
        assert world.api.hub.topics == live_hub.TOPICS_MAX


async def test_too_long_a_message_ends_the_socket_and_nothing_else(world: ApiWorld) -> None:
    async with watching(world, "regions") as good, watching(world) as bad:
        await bad.send_str("x" * (sockets.MESSAGE_BYTES_MAX + 1))
        assert await closed_with(bad) == 1009
        await heard(good, "regions")


async def test_a_fault_of_ours_ends_one_socket_and_is_told(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with watching(world, "regions") as good, watching(world) as bad:

        def fail(topic: str) -> bool:
            raise RuntimeError("inside")

        with monkeypatch.context() as patch:
            patch.setattr(world.api.hub, "is_topic", fail)
            await bad.send_json({"subscribe": ["regions"]})
            assert await closed_with(bad) == 1011
        await heard(good, "regions")
    assert "a socket failed" in caplog.text


async def test_one_topic_that_fails_does_not_silence_the_others(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr(world.api.board, "agents_json", fail)
    async with watching(world, "agents", "regions") as ws:
        assert (await heard(ws))["topic"] == "regions"
    assert "topic agents cannot be computed" in caplog.text


def frame(said: object) -> bytes:
    """A short text message as a client's frame, masked with zeros."""
    data = json.dumps(said).encode()
    assert len(data) < 126
    return bytes([0x81, 0x80 | len(data)]) + bytes(4) + data


@asynccontextmanager
async def deaf_client(world: ApiWorld, *topics: str) -> AsyncIterator[asyncio.StreamWriter]:
    """A client that asks for topics and never reads again, not even pings."""
    ear = socket.socket()
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    ear.connect(("127.0.0.1", world.port))
    reader, writer = await asyncio.open_connection(sock=ear, limit=2**10)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        (
            f"GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: samko.v1\r\n\r\n"
        ).encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    for said in ({"token": TOKEN}, {"subscribe": list(topics)}):
        writer.write(frame(said))
    await writer.drain()
    transport = writer.transport
    assert isinstance(transport, asyncio.Transport)
    transport.pause_reading()
    yield writer
    transport.abort()
    with suppress(ConnectionError):  # it has been cut off
        await writer.wait_closed()


async def test_a_client_that_does_not_read_is_cut_off_and_harms_nobody(
    world: ApiWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    world.api.sockets.silent_s = 0.6
    async with watching(world, "queue") as good, deaf_client(world, "regions", "queue"):

        async def until_total(total: int) -> None:
            while (await heard(good, "queue"))["data"]["total"] != total:
                pass

        reading = asyncio.create_task(until_total(1))
        await world.until(_as_async(lambda: world.api.hub.topics == 2), "the deaf one watches")
        await world.until(_as_async(lambda: world.api.sockets.cut_off == 1), "it is cut off")
        assert len(world.api.sockets) == 1
        assert world.api.hub.topics == 1
        await world.caller("22")
        await reading
    assert "did not read" in caplog.text


async def test_one_that_talks_and_does_not_listen_is_cut_off_too(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it says proves that it is there, as the answer to a ping would."""
    much = b'"%s"' % (b"x" * 8_000_000)
    monkeypatch.setattr(world.api.board, "agents_json", lambda region: much)
    world.api.sockets.silent_s = 0.6
    async with deaf_client(world, "agents") as talker:

        async def is_cut_off() -> bool:
            talker.write(frame({"unsubscribe": []}))
            return world.api.sockets.cut_off == 1

        await world.until(is_cut_off, "it is cut off")
    assert len(world.api.sockets) == 0


async def test_a_slow_client_gets_the_newest_value_and_not_all_of_them(world: ApiWorld) -> None:
    async with watching(world, "queue") as ws:
        await heard(ws, "queue")
        for number in range(50):
            await world.caller("22", name=f"many-{number}")
        totals: list[int] = []
        while not totals or totals[-1] != 50:
            totals.append((await heard(ws, "queue"))["data"]["total"])
        assert len(totals) <= 5


async def test_all_are_told_when_the_server_stops(world: ApiWorld) -> None:
    async with watching(world, "regions") as ws:
        await heard(ws, "regions")
        await world.api.sockets.close()
        assert await closed_with(ws) == 1001
