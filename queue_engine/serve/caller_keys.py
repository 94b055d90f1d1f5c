"""By what a caller is known who rings again: hashes of his number under a key of the day.

They are noise once that key is destroyed, 96 hours after its day, whether anybody calls or not.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from queue_engine.core.errors import SamkoError
from queue_engine.serve.shared_callers import DailyKeys
from routing.vocabulary import ContactId

_log = logging.getLogger(__name__)

_PHONE: Final = "phone"
DESTROY_EVERY_S: Final = 60.0


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
        keys: DailyKeys,
        now_ms: Callable[[], int],
        who_calls: Callable[[ContactId, str], str] = _by_number,
    ) -> None:
        self.not_known = 0
        """Callers for whom no key could be had in time: they rang for the first time."""
        self._keys = keys
        self._now_ms = now_ms
        self._who_calls = who_calls
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="caller-keys")

    async def of(self, contact_id: ContactId, phone_number: str) -> tuple[str, ...]:
        """See `ivr.ports.CallerKeys`."""
        who = self._who_calls(contact_id, phone_number)
        try:
            return await self._call(self._known_by, who)
        except BaseException:
            self.not_known += 1
            raise

    async def destroy_now_and_then(self) -> None:
        """Destroys the keys that are due, once a minute."""
        while True:
            try:
                await self._call(self._destroy_due)
            except SamkoError as fault:
                _log.error("%s", fault)
            await asyncio.sleep(DESTROY_EVERY_S)

    async def close(self) -> None:
        """Lets the keys go."""
        await self._call(self._close)
        self._thread.shutdown()

    def _known_by(self, who: str) -> tuple[str, ...]:
        now_ms = self._now_ms()
        self._keys.hash_today(_PHONE, who, now_ms)  # makes the key of a day that has just begun
        return tuple(known.digest for known in self._keys.hashes(_PHONE, who, now_ms))

    def _destroy_due(self) -> tuple[str, ...]:
        self._keys.destroy_due(self._now_ms())
        return ()

    def _close(self) -> tuple[str, ...]:
        self._keys.close()
        return ()

    async def _call(self, call: Callable[..., tuple[str, ...]], *args: object) -> tuple[str, ...]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)
