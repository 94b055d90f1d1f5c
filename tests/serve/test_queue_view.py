"""What the links see of the engine: a ticket's record is waited for until the journal has it."""

from __future__ import annotations

import asyncio

import pytest

from queue_engine.runtime import journal_hand
from queue_engine.serve.queue_view import EngineView
from routing.vocabulary import ContactId
from tests.runtime.driver_world import GatedJournal, enqueue, load, running, until


async def test_a_ticket_is_journaled_once_its_record_is(monkeypatch: pytest.MonkeyPatch) -> None:
    journal = GatedJournal()
    async with running(journal) as driver:
        view = EngineView(driver)
        await driver.submit(load())
        journal.gate.clear()
        asked = asyncio.create_task(driver.submit(enqueue("c1")))
        await until(lambda: view.ticket_of(ContactId("c1")) is not None, "it is decided")
        carried = view.ticket_of(ContactId("c1"))
        assert carried is not None
        record = carried[0].record
        assert await view.journaled(record - 1)
        with monkeypatch.context() as soon:
            soon.setattr(journal_hand, "HAS_S", 0.02)
            assert not await view.journaled(record)
        waiting = asyncio.create_task(view.journaled(record))
        await asyncio.sleep(0)
        journal.gate.set()
        assert await waiting
        await asked
