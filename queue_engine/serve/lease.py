"""The lease on a journal in Redis, awaited and kept: one engine serves, the others stand by."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from queue_engine.core.errors import JournalError, SamkoError
from queue_engine.journal.redis_lease import RedisLease
from queue_engine.journal.redis_place import RedisPlace

_log = logging.getLogger(__name__)

ASK_S: Final = 0.5
"""How often one who stands by asks for it."""
RENEWALS: Final = 4
"""In the time that a lease lasts: three may fail before it is over."""


class HeldLease:
    """The lease of this start of the engine, taken already.

    Args:
        lease: nobody else uses it from now on.
    """

    def __init__(self, lease: RedisLease) -> None:
        self._lease = lease
        self.holder: Final = lease.holder

    async def keep(self) -> None:
        """Renews it until cancelled.

        Raises:
            SamkoError: another engine has it: whatever this one still writes is refused.
        """
        while True:
            await asyncio.sleep(self._lease.lease_ms / 1000 / RENEWALS)
            try:
                is_held = await asyncio.to_thread(self._lease.take)
            except JournalError as fault:
                _log.error("%s", fault)  # appends fail as well, and tell how it goes on
                continue
            if not is_held:
                raise SamkoError(f"another engine decides on journal {self._lease.place} now")


@asynccontextmanager
async def held_lease(place: RedisPlace) -> AsyncIterator[HeldLease]:
    """Waits until this engine has the lease; gives it up at the end.

    Raises:
        JournalError: Redis cannot be reached.
    """
    lease = RedisLease(place, secrets.token_hex(8))
    try:
        if not await asyncio.to_thread(lease.take):
            _log.warning("another engine decides on journal %s: standing by", place)
            while True:
                await asyncio.sleep(ASK_S)
                if await asyncio.to_thread(lease.take):
                    break
            _log.warning("this engine decides on journal %s from now on", place)
        yield HeldLease(lease)
    finally:
        try:
            await asyncio.to_thread(lease.give)
        except JournalError as fault:
            _log.warning("%s; it ends by itself", fault)
        lease.close()
