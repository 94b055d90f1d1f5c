"""What an island decides is in no journal: books and stories go on from where it began."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from queue_engine.console_api import chronicle as chronicle_module, ledger_book
from queue_engine.console_api.chronicle import Chronicle
from queue_engine.console_api.ledger_book import LedgerBook
from queue_engine.core.commands import ReportCutOff
from routing.vocabulary import ContactId
from tests.console_api.test_console_chronicle import Country, Port, kinds
from tests.core.world import LINK
from tests.runtime.driver_world import until


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chronicle_module, "RETRY_S", 0.0)
    monkeypatch.setattr(ledger_book, "RETRY_S", 0.0)


@asynccontextmanager
async def parted(port: Port, mainland: Country) -> AsyncIterator[Country]:
    """The engine is alone in the block, with what all had decided, and follows again afterwards."""
    alone = Country()
    alone.caller("before")
    assert alone.records == mainland.records
    alone.published, alone.is_readable = len(alone.records), False
    alone.feeds = mainland.feeds
    alone.do(ReportCutOff((LINK,)))
    alone.published += 1  # its first record is told to nobody
    port.country = alone
    yield alone
    alone.publish()
    await asyncio.sleep(0)
    port.country = mainland
    for feed in mainland.feeds:
        feed.cut_off()


async def test_stories_have_what_happened_there_and_what_was_decided_elsewhere_meanwhile() -> None:
    mainland = Country()
    mainland.caller("before")
    mainland.publish()
    port = Port(mainland)
    chronicle = Chronicle(port, port)
    task = asyncio.create_task(chronicle.run())
    await until(lambda: bool(mainland.feeds), "it follows")
    async with parted(port, mainland) as alone:
        alone.caller("there")
        alone.publish()
        await until(lambda: bool(chronicle.story(ContactId("there"))), "it is told")
        mainland.caller("elsewhere")
        mainland.published = len(mainland.records)
    await until(lambda: bool(chronicle.story(ContactId("elsewhere"))), "it is read")
    assert "ContactEnqueued" in kinds(chronicle.story(ContactId("there")))
    mainland.caller("later")
    mainland.publish()
    await until(lambda: bool(chronicle.story(ContactId("later"))), "it follows")
    task.cancel()
    await asyncio.wait([task])


async def test_no_book_has_what_an_island_decides() -> None:
    mainland = Country()
    mainland.caller("before")
    mainland.publish()
    port = Port(mainland)
    book = LedgerBook(port, port)
    task = asyncio.create_task(book.run())
    await until(lambda: bool(mainland.feeds), "it follows")
    async with parted(port, mainland) as alone:
        for number in range(3):
            alone.caller(f"there{number}")
        alone.publish()
        for _ in range(20):
            await asyncio.sleep(0)
        mainland.caller("elsewhere")
        mainland.published = len(mainland.records)
    await until(lambda: book._number == len(mainland.records), "all of the journal is in it")
    mainland.caller("later")
    mainland.publish()
    await until(lambda: book._number == len(mainland.records), "it follows")
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])
