"""What one who stands by answers: that it lives, that others serve, and how far along it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from queue_engine.console_api.standby_api import StandbyApi, StandbyPicture

Client = TestClient[Request, Application]
SEEN = StandbyPicture("5e1f", 3_500, number=40, lag=2)
SHOWN = {"Authorization": "Bearer secret"}


class Standing:
    """A server of one who stands by; `seen` may be changed."""

    def __init__(self) -> None:
        self.seen = SEEN
        self.client: Client


@pytest.fixture
async def standing() -> AsyncIterator[Standing]:
    found = Standing()
    api = StandbyApi("secret", ("queue.example",), lambda: found.seen)
    async with TestClient(TestServer(api.app())) as client:
        found.client = client
        yield found


async def test_health_needs_no_token_and_all_else_does(standing: Standing) -> None:
    async with standing.client.get("/healthz") as answer:
        assert answer.status == 200
        assert await answer.json() == {"is_alive": True}
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/readyz", "/metrics", "/api/v1/queue"):
        async with standing.client.get(path) as answer:
            assert answer.status == 401
    async with standing.client.get("/healthz", headers={"Host": "elsewhere.example"}) as answer:
        assert answer.status == 403
    async with standing.client.get("/healthz", headers={"Host": "queue.example"}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("path", ["/readyz", "/api/v1/queue", "/"])
async def test_everything_else_says_that_another_engine_serves(
    standing: Standing, path: str
) -> None:
    async with standing.client.get(path, headers=SHOWN) as answer:
        assert answer.status == 503
        said = await answer.json()
    assert said["code"] == "standing_by"
    assert [check["is_ok"] for check in said["checks"]] == [False, True]
    assert said["checks"][1]["detail"] == "record 40, 2 behind"
    standing.seen = replace(SEEN, trouble="Redis cannot be reached")
    async with standing.client.get(path, headers=SHOWN) as answer:
        said = await answer.json()
    assert said["checks"][1] == {
        "name": "standby",
        "is_ok": False,
        "detail": "Redis cannot be reached",
    }


async def test_metrics_tell_who_has_the_lease_and_the_lag(standing: Standing) -> None:
    async with standing.client.get("/metrics", headers=SHOWN) as answer:
        text = await answer.text()
    for line in (
        "samko_decides 0.0",
        "samko_records_total 40.0",
        "samko_journal_lag_records 2.0",
        "samko_standby_is_well 1.0",
        'samko_lease_left_seconds{holder="5e1f"} 3.5',
    ):
        assert f"\n{line}\n" in text
    standing.seen = replace(SEEN, holder="", trouble="record 41: v99")
    async with standing.client.get("/metrics", headers=SHOWN) as answer:
        text = await answer.text()
    assert "samko_lease_left_seconds{" not in text
    assert "\nsamko_standby_is_well 0.0\n" in text
