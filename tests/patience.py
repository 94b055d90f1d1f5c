"""How long tests wait for what happens elsewhere, and how they do it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from redis.exceptions import RedisError

PATIENCE_S: Final = 40.0
"""Only a failure takes so long: on a machine with much else to do everything comes later, and
that must fail no test that is about something else than time."""


def until(is_so: Callable[[], bool], what: str, *, every_s: float = 0.02) -> None:
    """Waits until it is so, and blocks; what Redis cannot be asked yet is not so."""
    end_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            if is_so():
                return
        except RedisError:
            pass
        assert time.monotonic() < end_s, f"not in {PATIENCE_S:g} s: {what}"
        time.sleep(every_s)


async def eventually(is_so: Callable[[], bool], what: str, *, every_s: float = 0.005) -> None:
    """Waits until it is so, while the loop goes on."""
    end_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end_s, f"not in {PATIENCE_S:g} s: {what}"
        await asyncio.sleep(every_s)
