"""Work that runs until somebody stops it."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any


def until_stopped(work: Coroutine[Any, Any, None]) -> int:
    """Runs until it ends by itself, or by SIGINT or SIGTERM, cleanly; the exit code, 0."""

    async def supervised() -> int:
        task = asyncio.create_task(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            print("stopped", file=sys.stderr)
        return 0

    return asyncio.run(supervised())
