"""By what a caller is known who rings again: hashes of his number, noise after 96 hours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from queue_engine.journal.lookup_keys import LookupKeys
from routing.vocabulary import ContactId

_PHONE: Final = "phone"


def _by_number(_contact_id: ContactId, number: str) -> str:
    return number


class CallerKeys:
    """The `ivr.ports.CallerKeys` over the keys of the days, which one thread alone uses.

    Args:
        keys: closed by `close`.
        now_ms: the engine's clock.
        who_calls: tells people apart, from the call and its number; by the number if not given.
    """

    def __init__(
        self,
        keys: LookupKeys,
        now_ms: Callable[[], int],
        who_calls: Callable[[ContactId, str], str] = _by_number,
    ) -> None:
        self._keys = keys
        self._now_ms = now_ms
        self._who_calls = who_calls
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="caller-keys")

    async def of(self, contact_id: ContactId, phone_number: str) -> tuple[str, ...]:
        """See `ivr.ports.CallerKeys`."""
        who = self._who_calls(contact_id, phone_number)
        return await self._call(self._known_by, who)

    async def close(self) -> None:
        """Lets the keys go."""
        await self._call(self._close)
        self._thread.shutdown()

    def _known_by(self, who: str) -> tuple[str, ...]:
        now_ms = self._now_ms()
        self._keys.hash_today(_PHONE, who, now_ms)  # makes the key of a day that has just begun
        return tuple(known.digest for known in self._keys.hashes(_PHONE, who, now_ms))

    def _close(self) -> tuple[str, ...]:
        self._keys.close()
        return ()

    async def _call(self, call: Callable[..., tuple[str, ...]], *args: object) -> tuple[str, ...]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)
