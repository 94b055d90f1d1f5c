"""The service as it is run: what a journal asks for goes out when the engine starts on it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from queue_engine.cli.run import settled
from queue_engine.config.load import Configuration, load_all
from queue_engine.journal.caller_seal import CallerSecrets
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.journal.vault import Vault
from queue_engine.runtime.clock import wall_ms
from queue_engine.serve.service import Embedded, Service
from queue_engine.serve.text_message import NOT_REACHED
from routing.vocabulary import ContactId
from tests.runtime.driver_world import HandClock, running, until
from tests.serve.test_embedded_service import CONFIG, never
from tests.serve.text_world import MOBILE, begin, not_reached


@pytest.fixture
def country(tmp_path: Path) -> Configuration:
    """The shipped configuration, with files of the test's own, and a service that is never asked:
    the people of an embedded network are invented."""
    copy = tmp_path / "config"
    shutil.copytree(CONFIG, copy)
    with (copy / "samko.yaml").open("a") as file:
        file.write("\ntext_messages: {url: 'http://127.0.0.1:1/nobody'}\n")
    return settled(load_all(copy), port=0)


async def test_asked_for_before_the_start(country: Configuration) -> None:
    settings = country.settings
    settings.journal.parent.mkdir(parents=True, exist_ok=True)
    now_ms = wall_ms()
    journal = SqliteJournal(settings.journal)
    async with running(journal, HandClock(now_ms)) as driver:
        await begin(driver)
        await not_reached(driver, "c1")
    journal.close()
    vault = Vault(settings.var_dir / "vault.sqlite", settings.var_dir / "vault.key")
    vault.put(ContactId("c1"), CallerSecrets(phone_number=MOBILE), now_ms)
    vault.close()
    async with Service(country, never, embedded=Embedded()) as service:
        await until(lambda: not service.driver.state.texts, "it is sent and told")
    (sent,) = settings.text_dir.glob("*.json")
    assert json.loads(sent.read_text()) == {"to": MOBILE, "text": NOT_REACHED}
