"""An engine whose records are in memory only says so in its metrics and at `/regions`."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Final

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

from queue_engine.cli.run import settled
from queue_engine.config.load import Configuration, load_all
from queue_engine.core.errors import JournalError
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.serve.service import Embedded, Service
from tests.runtime.driver_world import enqueue
from tests.serve.test_embedded_service import CONFIG, never

DEADLINE_S: Final = 60.0
LOOK_S: Final = 0.05


@pytest.fixture
def country(tmp_path: Path) -> Configuration:
    """The shipped configuration, with files of the test's own."""
    copy = tmp_path / "config"
    shutil.copytree(CONFIG, copy)
    return settled(load_all(copy), port=0)


async def test_for_as_long_as_it_lasts(
    country: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        asyncio.timeout(DEADLINE_S),
        Service(country, never, embedded=Embedded()) as service,
    ):
        http = service.http
        headers = {"Authorization": f"Bearer {http.token}"}
        async with ClientSession(base_url=http.url, headers=headers) as client:
            assert await _since_ms(client) is None
            assert await _gauges(client) == (0, 0)
            with monkeypatch.context() as full:
                full.setattr(SqliteJournal, "append", _no_space)
                before_ms = service.driver.now_ms()
                await service.driver.submit(enqueue("c1"))
                since_ms = await _told(client, is_degraded=True)
                assert since_ms is not None
                assert before_ms <= since_ms <= service.driver.now_ms()
                gauge, seconds = await _gauges(client)
                assert gauge == 1
                assert 0 < seconds < DEADLINE_S
            await _told(client, is_degraded=False)
            assert await _gauges(client) == (0, 0)


async def _since_ms(client: ClientSession) -> int | None:
    async with client.get("/api/v1/regions") as answer:
        found: int | None = (await answer.json())["degraded_since_ms"]
        return found


async def _told(client: ClientSession, is_degraded: bool) -> int | None:
    """Once the page is told so; since when."""
    while True:
        since_ms = await _since_ms(client)
        if (since_ms is not None) == is_degraded:
            return since_ms
        await asyncio.sleep(LOOK_S)


async def _gauges(client: ClientSession) -> tuple[float, float]:
    async with client.get("/metrics") as answer:
        families = text_string_to_metric_families(await answer.text())
    found = {sample.name: sample.value for family in families for sample in family.samples}
    return found["samko_degraded"], found["samko_degraded_seconds"]


def _no_space(self: object, expected_last: int, records: object) -> None:
    raise JournalError("no space left")
