"""The vault as conversations use it, and the erasing that nobody has to remember."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.events import ContactEnded, ContactRefused
from queue_engine.journal.vault import CallerSecrets, Vault
from queue_engine.journal.vault_file import VaultError
from queue_engine.runtime.feed import Feed
from routing.vocabulary import ContactId

_log = logging.getLogger(__name__)

_ENDS: Final = (ContactEnded, ContactRefused)
ERASE_EVERY_S: Final = 60.0
FOLLOW_AGAIN_S: Final = 1.0
AFTER_OFFER_S: Final = 0.005
"""The record of an end often offers the next caller: his phone shall ring before the disk is busy
with the last one's data."""


class CallerVault:
    """The `ivr.ports.Vault` over the sealed file, which one thread alone uses."""

    def __init__(self, vault: Vault, now_ms: Callable[[], int]) -> None:
        self._vault = vault
        self._now_ms = now_ms
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="vault")

    async def keep(
        self, contact_id: ContactId, personal_number: str | None, phone_number: str | None
    ) -> None:
        """See `ivr.ports.Vault`."""
        secrets = CallerSecrets(personal_number=personal_number, phone_number=phone_number)
        await self._call(self._vault.put, contact_id, secrets, self._now_ms())

    async def phone_number(self, contact_id: ContactId, reader: str, reason: str) -> str | None:
        """The caller's number; None: it is not known, or no longer kept.

        The reading is in the access log before this returns.

        Raises:
            VaultError: it cannot be read.
        """
        found = await self._call(self._vault.read, contact_id, reader, reason, self._now_ms())
        return None if found is None else found.phone_number

    async def erase_after(
        self, follow: Callable[[], Feed], contacts: Callable[[], Iterable[Contact]]
    ) -> None:
        """Marks ended contacts, whose data the vault lets go of some time later; until cancelled.

        Args:
            follow: gives the records from now on.
            contacts: all that the engine knows; some have ended while nobody followed, before this
                start or when this was cut off.
        """
        while True:
            feed = follow()
            for contact in [each for each in contacts() if each.state is ContactState.ENDED]:
                await self._try(self._vault.mark_ended, contact.contact_id, contact.ended_ms)
            await self._mark(feed)
            await asyncio.sleep(FOLLOW_AGAIN_S)

    async def _mark(self, feed: Feed) -> None:
        async for record in feed:
            ended = [event for event in record.events if isinstance(event, _ENDS)]
            if ended:
                await asyncio.sleep(AFTER_OFFER_S)
            for event in ended:
                await self._try(self._vault.mark_ended, event.contact_id, record.at_ms)

    async def erase_now_and_then(self) -> None:
        """Erases what is due, once a minute."""
        while True:
            await self._try(self._vault.erase_due, self._now_ms())
            await asyncio.sleep(ERASE_EVERY_S)

    async def close(self) -> None:
        """Lets the file go."""
        await self._call(self._vault.close)
        self._thread.shutdown()

    async def _try(self, call: Callable[..., Any], *args: object) -> None:
        try:
            await self._call(call, *args)
        except VaultError as exc:
            _log.error("vault: %s", exc)

    async def _call(self, call: Callable[..., Any], *args: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)
