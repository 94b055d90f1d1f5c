"""Who may ask, and what a browser is told; nothing of what was asked is logged."""

from __future__ import annotations

import asyncio
import logging

import pytest
import structlog
from aiohttp import ClientSession

from queue_engine.console_api.api import ACCESS_LOGGER
from queue_engine.console_api.openapi import OPERATIONS
from queue_engine.console_api.security import Gate
from tests.console_api.api_world import DEADLINE_S, TOKEN, ApiWorld

ALWAYS_THERE = [operation for operation in OPERATIONS if not operation.needs]


@pytest.mark.parametrize("shown", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN])
async def test_every_route_but_health_needs_the_token(world: ApiWorld, shown: str | None) -> None:
    headers = {} if shown is None else {"Authorization": shown}
    async with ClientSession(headers=headers) as stranger:
        for operation in ALWAYS_THERE:
            ids = {"agent_id": "n22-1", "contact_id": "c1", "region": "22", "gateway_id": "west"}
            path = operation.path.format(**ids)
            async with stranger.request(operation.method, world.url(path)) as answer:
                assert answer.status == (200 if operation.is_open else 401), path
                if not operation.is_open:
                    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
                    assert (await answer.json(content_type=None))["code"] == "no_token"
        async with stranger.get(world.url("/api/v1/unknown")) as answer:
            assert answer.status == 401


@pytest.mark.parametrize(
    ("host", "is_served"),
    [
        ("localhost:1177", True),
        ("LOCALHOST", True),
        ("127.0.0.1", True),
        ("127.8.9.1:80", True),
        ("[::1]:1177", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example:80", False),
        ("10.0.0.1", False),
        ("", False),
        ("a b", False),
    ],
)
async def test_a_foreign_name_that_points_here_is_refused(
    world: ApiWorld, host: str, is_served: bool
) -> None:
    async with world.client.get(world.url("/healthz"), headers={"Host": host}) as answer:
        assert answer.status == (200 if is_served else 403)


def test_a_configured_name_is_ours() -> None:
    assert Gate("t", ["Queue.Example"])._is_ours("queue.example")
    assert not Gate("t", ["queue.example"])._is_ours("other.example")


def test_an_empty_token_lets_nobody_begin() -> None:
    with pytest.raises(ValueError, match="empty"):
        Gate("")


def test_odd_tokens_are_just_wrong() -> None:
    gate = Gate("secret")
    assert gate.is_token("secret")
    assert not any(
        gate.is_token(odd) for odd in ("", "secre", "secret ", "ß", "\udcff", "\ud800", "x" * 999)
    )


async def test_browsers_are_told_what_pages_may_do(world: ApiWorld) -> None:
    for path in ("/", "/healthz", "/api/v1/queue", "/api/v1/nothing"):
        async with world.client.get(world.url(path)) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["Server"] == "samko"
            if path.startswith("/api"):
                assert answer.headers["Cache-Control"] == "no-store"


async def test_pages_are_files_of_their_folder_and_nothing_else(world: ApiWorld) -> None:
    async with ClientSession() as reader:  # a browser has no token yet
        async with reader.get(world.url("/")) as answer:
            assert answer.status == 200
            assert answer.content_type == "text/html"
        for path in ("/..%2fapi.py", "/%2e%2e/api.py", "/api.py", "/css", "/.hidden", "/x//y.js"):
            async with reader.get(world.url(path)) as answer:
                assert answer.status == 404, path


async def test_another_method_is_answered_with_those_that_are_allowed(world: ApiWorld) -> None:
    async with world.client.delete(world.url("/api/v1/queue")) as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET, HEAD"
        assert (await answer.json(content_type=None))["code"] == "method_not_allowed"


async def test_the_access_log_has_routes_and_no_words_of_the_client(
    world: ApiWorld, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger(ACCESS_LOGGER).setLevel(logging.INFO)
    try:
        with structlog.testing.capture_logs() as lines:
            await world.get("/api/v1/queue?region=22")
            await world.get("/api/v1/contacts/secret-1", status=404)
            await world.get("/secret-2?secret-3", status=404)
            async with world.client.request("PROPFIND", world.url("/healthz")) as answer:
                assert answer.status == 405
    finally:
        logging.getLogger(ACCESS_LOGGER).setLevel(logging.NOTSET)
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("GET", "/api/v1/queue", 200),
        ("GET", "/api/v1/contacts/{contact_id}", 404),
        ("GET", "/{page}", 404),
        ("other", "none", 405),
    ]
    assert "secret" not in (str(lines) + caplog.text).lower()


async def test_a_fault_of_ours_is_told_without_its_words(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr(world.api.board, "regions_json", fail)
    problem = await world.get("/api/v1/regions", status=500)
    assert problem["code"] == "failed"
    assert "inside" not in str(problem)
    assert "GET /api/v1/regions failed" in caplog.text


async def test_what_is_no_http_at_all_is_logged_without_its_words(
    world: ApiWorld, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    good = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    writer.write(good)
    async with asyncio.timeout(DEADLINE_S):
        await reader.readuntil(b"true}")
        writer.write(b"SECRET1 /secret2?secret3 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await reader.readline()).endswith(b" 400 Bad Request\r\n")
    writer.close()
    await writer.wait_closed()
    assert "BadHttpMethod" in caplog.text
    assert "secret" not in caplog.text.lower()
