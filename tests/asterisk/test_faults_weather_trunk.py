"""Two engines, one Redis, two Asterisks that a trunk joins, and a stream of calls: see `weather`.

People call the one; half of the nurses have their phones at the other.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from tests.asterisk import fault_lab as lab
from tests.asterisk.two_switches import Switches, joined
from tests.asterisk.weather import CALLS_PER_FAULT, FAULTS, SETTINGS, weather
from tests.redis_server import RedisServer

pytestmark = [pytest.mark.asterisk, pytest.mark.redis, pytest.mark.timeout(900)]

RATE: Final = 2
"""Calls a second; two Asterisks beside all else are much for one machine."""
NURSES: Final = (lab.CROWD[:3], lab.CROWD[3:])


@pytest_asyncio.fixture
async def switches(asterisk_tree: Path) -> AsyncIterator[Switches]:
    """Both, with room for all who call."""
    channels = FAULTS * CALLS_PER_FAULT
    async with joined(asterisk_tree, lab.CROWD, SETTINGS, channels=channels) as switches:
        yield switches


async def test_everybody_is_answered_once_here_or_there(
    switches: Switches, redis: RedisServer, tmp_path: Path
) -> None:
    await weather(switches, redis, tmp_path, ["freeze_asterisk", "kill_one"], NURSES, RATE)


@pytest.mark.soak
async def test_everybody_is_answered_once_here_or_there_in_any_weather(
    switches: Switches, redis: RedisServer, tmp_path: Path
) -> None:
    await weather(switches, redis, tmp_path, [""] * FAULTS, NURSES, RATE)
