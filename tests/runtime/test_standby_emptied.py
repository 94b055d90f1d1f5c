"""Redis is emptied while somebody who has just begun reads there: it follows what is begun next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_reading import open_followed
from queue_engine.runtime.standby import Standby
from tests.redis_server import RedisServer
from tests.runtime.driver_world import begin, enqueue, running

pytestmark = pytest.mark.redis


@pytest.mark.parametrize("reading", ["row", "_read"])
async def test_what_is_gone_at_a_stroke_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reading: str
) -> None:
    with RedisServer(tmp_path) as server:
        journal = RedisJournal(server.place())
        async with running(journal, snapshot_every=1 if reading == "row" else 1_000) as driver:
            await begin(driver)
            standby = Standby(lambda: open_followed(server.place()))
            plain: Callable[..., Any] = getattr(RedisJournal, reading)

            def emptied(self: RedisJournal, *asked: int) -> Any:
                with server.client() as client:
                    client.flushall()
                return plain(self, *asked)

            with monkeypatch.context() as meanwhile:
                meanwhile.setattr(RedisJournal, reading, emptied)
                assert standby.follow() == 0
            assert standby.fault is None
            assert standby.follow() == 0, "there is nothing"
        again = RedisJournal(server.place())
        async with running(again) as driver:
            await begin(driver)
            await driver.submit(enqueue("d1"))
            while standby.follow():
                pass
            assert standby.number == driver.state.record_number > 0
        again.close()
        standby.close()
