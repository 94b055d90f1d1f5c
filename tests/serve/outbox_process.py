"""An engine with an outbox on a journal, until it is killed; run by `test_outbox_killed`.

    outbox_process.py FOLDER URL (sqlite | REDIS_PORT)

The first start asks for a text message to c1. Prints `sent` when the journal says that it was.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from queue_engine.core.events import TextSent
from queue_engine.journal.base import Journal
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.runtime.driver import Driver
from queue_engine.serve.text_http import HttpTextSender
from tests.serve.text_world import MOBILE, TOKEN, begin, not_reached, outbox_of, vault_of


def journal_of(folder: Path, where: str) -> Journal:
    if where == "sqlite":
        return SqliteJournal(folder / "journal.sqlite")
    return RedisJournal(RedisPlace("127.0.0.1", int(where), name="samko"))


async def main(folder: Path, url: str, where: str) -> None:
    with vault_of(folder, c1=MOBILE) as (vault, _):
        driver = Driver(journal_of(folder, where))
        await driver.start()
        is_first = driver.state.record_number == 0
        feed = driver.follow("the test")
        running = asyncio.create_task(driver.run())
        if is_first:
            await begin(driver)
        async with outbox_of(driver, vault, HttpTextSender(url, TOKEN, 30)):
            if is_first:
                await not_reached(driver, "c1")
            async for record in feed:
                if any(isinstance(event, TextSent) for event in record.events):
                    break
        print("sent", flush=True)
        running.cancel()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
