"""Calls that wait for somebody else, one after the other, in a thread of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")


class OneThread:
    """One thread.

    Args:
        name: for whoever looks at the process.
    """

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def call(self, call: Callable[..., _T], *args: object) -> _T:
        """What the call gives or raises. It goes on when its caller is cancelled."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)

    def close(self) -> None:
        """Ends it, after what is under way."""
        self._thread.shutdown()
