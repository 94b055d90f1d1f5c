"""Nobody sees what the journal does not have: an append that hangs may yet be refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientWebSocketResponse

from queue_engine.runtime import journal_hand
from queue_engine.runtime.driver import Driver
from tests.console_api.api_world import ApiWorld, api_world
from tests.console_api.test_console_live import heard, watching
from tests.runtime.driver_world import GatedJournal, enqueue, until

PATHS = ("/api/v1/regions", "/api/v1/queue", "/api/v1/agents", "/api/v1/texts", "/api/v1/seats")


@pytest.fixture
async def slow() -> AsyncIterator[ApiWorld]:
    """An engine whose appends wait at a gate."""
    journal = GatedJournal()
    async with api_world(journal) as world:
        yield world
        journal.gate.set()


async def ahead(world: ApiWorld) -> asyncio.Task[object]:
    """A caller is in the state, and his append hangs."""
    journal, driver = world.journal, world.driver
    assert isinstance(journal, GatedJournal)
    journal.gate.clear()
    asked: asyncio.Task[object] = asyncio.create_task(driver.submit(enqueue("c1")))
    await until(lambda: is_ahead(driver), "the state is one append ahead")
    return asked


def is_ahead(driver: Driver) -> bool:
    return driver.state.record_number > driver.hand.last


async def test_questions_wait_for_the_append_and_then_show_it(slow: ApiWorld) -> None:
    asked = await ahead(slow)
    answers = [asyncio.create_task(slow.get(path)) for path in PATHS]
    contact = asyncio.create_task(slow.get("/api/v1/contacts/c1"))
    done, _ = await asyncio.wait([*answers, contact], timeout=0.4)
    assert not done, "what may not have happened is not told"
    assert isinstance(slow.journal, GatedJournal)
    slow.journal.gate.set()
    regions, queue, *_ = [await answer for answer in answers]
    assert regions["nation"]["waiting_total"] == queue["total"] == 1
    assert (await contact)["contact_id"] == "c1"
    await asked


async def test_of_an_append_that_hangs_for_long_no_question_is_answered(
    slow: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_hand, "HAS_S", 0.02)
    asked = await ahead(slow)
    for path in (*PATHS, "/api/v1/contacts/c1"):
        assert (await slow.get(path, 503))["code"] == "not_journaled"
    async with slow.client.get(slow.url("/metrics")) as answer:
        assert answer.status == 200
    assert isinstance(slow.journal, GatedJournal)
    slow.journal.gate.set()
    await asked
    assert (await slow.get("/api/v1/queue"))["total"] == 1


async def test_those_who_watch_are_told_once_it_is_journaled(
    slow: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_hand, "HAS_S", 0.02)
    async with watching(slow, "queue") as ws:
        assert (await heard(ws, "queue"))["data"]["total"] == 0
        asked = await ahead(slow)
        told = asyncio.create_task(_somebody(ws))
        done, _ = await asyncio.wait([told], timeout=1.2)
        assert not done, "what may not have happened is not told"
        assert isinstance(slow.journal, GatedJournal)
        slow.journal.gate.set()
        await asked
        await told


async def _somebody(ws: ClientWebSocketResponse) -> None:
    """Until the queue has somebody in it."""
    while not (await heard(ws, "queue"))["data"]["total"]:
        pass


async def test_what_is_told_is_what_the_journal_has_however_fast_more_is_decided(
    slow: ApiWorld,
) -> None:
    """Whoever waited goes on before the loop decides again, and before it awaits anything."""
    driver = slow.driver

    async def ask() -> None:
        for _ in range(40):
            assert await driver.journaled()
            assert not is_ahead(driver)
            await asyncio.sleep(0)

    callers = [asyncio.create_task(driver.submit(enqueue(f"c{n}"))) for n in range(200)]
    asking = [asyncio.create_task(ask()) for _ in range(5)]
    more = asyncio.create_task(_one_by_one(driver))
    await asyncio.gather(*callers, *asking)
    more.cancel()


async def _one_by_one(driver: Driver) -> None:
    for number in range(10_000):
        await driver.submit(enqueue(f"more{number}"))
