"""Measures are asked for every ten seconds of the engine's clock, whatever became of the last."""

from __future__ import annotations

import pytest

from queue_engine.core.commands import Command, TakeMeasures
from queue_engine.core.errors import EngineStopped, Refused
from queue_engine.runtime.measuring import keep_measuring


async def test_it_measures_at_the_start_and_every_ten_seconds_until_the_engine_stops() -> None:
    told: list[object] = []

    async def submit(command: Command) -> None:
        assert command == TakeMeasures()
        told.append("measured")
        if len(told) == 3:
            raise Refused("overloaded", "too many commands are waiting")
        if len(told) == 5:
            raise EngineStopped("the engine has stopped")

    async def sleep_ms(wait_ms: int) -> None:
        told.append(wait_ms)

    with pytest.raises(EngineStopped):
        await keep_measuring(submit, sleep_ms)
    assert told == ["measured", 10_000, "measured", 10_000, "measured"]
