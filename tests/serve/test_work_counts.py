"""What the loop and the links have done is measured, whatever stands behind a link."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

from queue_engine.cli.run import settled
from queue_engine.config.load import Configuration, load_all
from queue_engine.serve.service import Embedded, Service
from queue_engine.serve.work_counts import link_counts
from tests.serve.test_embedded_service import CONFIG, never
from tests.telephony.fake_ami import FakeAmi, until
from tests.telephony.link_world import LINK, world


@pytest.fixture
def country(tmp_path: Path) -> Configuration:
    """The shipped configuration, with files of the test's own."""
    copy = tmp_path / "config"
    shutil.copytree(CONFIG, copy)
    return settled(load_all(copy), port=0)


async def test_of_an_asterisk_messages_that_were_none_and_connections_that_were_lost() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        before = link_counts([here.link])[LINK]
        assert before["pictures"] >= 1
        ami.send(b"Event\r\n\r\n")
        await until(lambda: link_counts([here.link])[LINK]["odd_messages"] == 1)
        ami.cut()
        await until(lambda: link_counts([here.link])[LINK]["pictures"] > before["pictures"])
        after = link_counts([here.link])[LINK]
    assert after["losses"] == before["losses"] + 1
    assert after["connections"] == before["connections"] + 1
    assert after["odd_messages"] == 1
    assert {"effects_dropped", "redirects_stale", "errands_dropped"} <= after.keys()


async def test_of_a_service_as_it_is_scraped(country: Configuration) -> None:
    async with Service(country, never, embedded=Embedded()) as service:
        http = service.http
        headers = {"Authorization": f"Bearer {http.token}"}
        async with (
            ClientSession(base_url=http.url, headers=headers) as client,
            client.get("/metrics") as answer,
        ):
            families = list(text_string_to_metric_families(await answer.text()))
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }
    assert found["samko_link_counts_total", "effects_dropped", "embedded"] == 0
    assert found["samko_loop_counts_total", "stalls"] == 0
    assert found["samko_loop_counts_total", "appends"] > 0
