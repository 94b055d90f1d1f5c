"""Two versions of the program take turns, each after the other's death, and no caller notices."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.core import codec
from queue_engine.core.codec import FIRST_VERSION
from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk import fault_lab as lab
from tests.asterisk.two_engines import all_are_answered, two_at_work
from tests.redis.test_rolling_upgrade import OLDER_SAMKO, written
from tests.redis_server import RedisServer

pytestmark = [pytest.mark.asterisk, pytest.mark.redis]

CALLERS = 4


async def test_an_older_version_decides_then_a_newer_then_the_older(
    patient_asterisk: LocalAsterisk,
    redis: RedisServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    switch = patient_asterisk
    monkeypatch.setattr(codec, "VERSIONS", (FIRST_VERSION,))  # the journal is begun by the older
    async with two_at_work(
        switch, tmp_path, redis.port, callers=CALLERS, first_program=OLDER_SAMKO
    ) as on:
        older, newer = on.first, on.second
        await older.kill()
        await lab.said(newer, "this engine decides")
        await lab.said(newer, f"ast1: live, {CALLERS} callers")
        await older.start()
        await lab.said(older, ": following")
        await newer.kill()
        await lab.said(older, "this engine decides")
        await lab.said(older, f"ast1: live, {CALLERS} callers")
        assert await older.stop() == 0
        assert set(written(redis)) == {FIRST_VERSION}, "what both of them read"
        monkeypatch.undo()
        await all_are_answered(on.both.files, switch, on.nurse, callers=CALLERS)
