"""The vault as conversations use it, and the erasing that nobody has to remember."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from queue_engine.core.contact import ENDED, TRANSITIONS, WAITING, Contact
from queue_engine.core.events import ContactEnqueued, ContactRefused
from queue_engine.journal.caller_seal import CallerSecrets
from queue_engine.journal.vault_file import VaultError
from queue_engine.runtime.feed import Feed
from queue_engine.serve.shared_callers import CallerStore
from routing.vocabulary import ContactId, Outcome

_log = logging.getLogger(__name__)

_ENDS: Final = {event for row in TRANSITIONS.values() for event in row if row[event] is ENDED}
_REVIVES: Final = {event for event, state in TRANSITIONS[ENDED].items() if state is WAITING}
_MARKED: Final = _ENDS | _REVIVES
ERASE_EVERY_S: Final = 60.0
FOLLOW_AGAIN_S: Final = 1.0
UNMARKED_MAX: Final = 10_000
REFUSED_MAX: Final = 10_000
AFTER_OFFER_S: Final = 0.005
"""The record of an end often offers the next caller: his phone shall ring before the disk is busy
with the last one's data."""


class CallerVault:
    """The `ivr.ports.Vault` over the sealed entries, which one thread alone uses."""

    def __init__(self, vault: CallerStore, now_ms: Callable[[], int]) -> None:
        self.not_kept = 0
        """Callers who went on without an entry, because it could not be made in time."""
        self._unmarked: dict[ContactId, tuple[bool, int]] = {}
        """Those of whom the vault could not be told yet whether they have ended, and since when."""
        self._refused: dict[ContactId, None] = {}
        """The latest that were turned away: they may get a place yet. All others have not ended
        when they get theirs, and the vault need not be told."""
        self._telling = asyncio.Lock()
        """One is told at a time, or an old end could be told after what came later."""
        self._told = ""
        """What was last wrong with the vault; empty: nothing is."""
        self._vault = vault
        self._now_ms = now_ms
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="vault")

    async def keep(
        self, contact_id: ContactId, personal_number: str | None, phone_number: str | None
    ) -> None:
        """See `ivr.ports.Vault`."""
        secrets = CallerSecrets(personal_number=personal_number, phone_number=phone_number)
        try:
            await self._call(self._vault.put, contact_id, secrets, self._now_ms())
        except BaseException:
            self.not_kept += 1
            raise

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
        """Marks ended contacts, whose data the vault lets go of some time later, and those that had
        not ended after all; until cancelled.

        Args:
            follow: gives the records from now on.
            contacts: all that the engine knows; some have ended, or been seen again, while nobody
                followed, before this start or when this was cut off.
        """
        while True:
            feed = follow()
            now_ms = self._now_ms()
            for contact in list(contacts()):
                self._note_refused(contact.contact_id, contact.outcome is Outcome.REFUSED)
                if contact.state is ENDED:
                    assert contact.ended_ms is not None
                    await self.mark_ended(contact.contact_id, contact.ended_ms)
                else:
                    await self.mark_alive(contact.contact_id, now_ms)
            await self._mark(feed)
            await asyncio.sleep(FOLLOW_AGAIN_S)

    async def mark_ended(self, contact_id: ContactId, at_ms: int) -> None:
        """The contact has ended; what cannot be told to the vault now it is told later."""
        await self._tell(contact_id, True, at_ms)

    async def mark_alive(self, contact_id: ContactId, at_ms: int) -> None:
        """The contact had not ended by then, whatever was thought before; else as `mark_ended`."""
        await self._tell(contact_id, False, at_ms)

    async def _tell(self, contact_id: ContactId, has_ended: bool, at_ms: int) -> None:
        async with self._telling:
            await self._tell_next(contact_id, has_ended, at_ms)

    async def _tell_again(self, contact_id: ContactId) -> bool:
        """Whether the vault has been told."""
        async with self._telling:
            if contact_id in self._unmarked:  # else something newer has been told meanwhile
                await self._tell_next(contact_id, *self._unmarked[contact_id])
            return contact_id not in self._unmarked

    async def _tell_next(self, contact_id: ContactId, has_ended: bool, at_ms: int) -> None:
        self._unmarked.pop(contact_id, None)
        mark = self._vault.mark_ended if has_ended else self._vault.mark_alive
        if not await self._try(mark, contact_id, at_ms):
            self._unmarked[contact_id] = has_ended, at_ms
            if len(self._unmarked) > UNMARKED_MAX:  # the oldest: it goes when all else does
                del self._unmarked[next(iter(self._unmarked))]

    async def _mark(self, feed: Feed) -> None:
        async for record in feed:
            found: list[Any] = [event for event in record.events if type(event) in _MARKED]
            marks = [event for event in found if self._is_to_be_marked(event)]
            if marks:
                await asyncio.sleep(AFTER_OFFER_S)
            for event in marks:
                await self._tell(event.contact_id, type(event) in _ENDS, record.at_ms)

    def _is_to_be_marked(self, event: Any) -> bool:
        is_refused = isinstance(event, ContactRefused)
        was_refused = self._note_refused(event.contact_id, is_refused)
        return was_refused or not isinstance(event, ContactEnqueued)

    def _note_refused(self, contact_id: ContactId, is_refused: bool) -> bool:
        """Whether he had been turned away before."""
        was_refused = contact_id in self._refused
        if is_refused:
            self._refused[contact_id] = None
            if len(self._refused) > REFUSED_MAX:
                del self._refused[next(iter(self._refused))]
        else:
            self._refused.pop(contact_id, None)
        return was_refused

    async def erase_now_and_then(self) -> None:
        """Erases what is due, once a minute."""
        while True:
            await self.erase_due()
            await asyncio.sleep(ERASE_EVERY_S)

    async def erase_due(self) -> None:
        """Marks what could not be marked at its end, and erases what is due."""
        for contact_id in list(self._unmarked):
            if not await self._tell_again(contact_id):
                break  # the others would fare no better
        await self._try(self._vault.erase_due, self._now_ms())

    async def close(self) -> None:
        """Lets the file go."""
        await self._call(self._vault.close)
        self._thread.shutdown()

    async def _try(self, call: Callable[..., Any], *args: object) -> bool:
        try:
            await self._call(call, *args)
        except VaultError as exc:
            if str(exc) != self._told:
                _log.error("vault: %s", exc)
            self._told = str(exc)
            return False
        self._told = ""
        return True

    async def _call(self, call: Callable[..., Any], *args: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)
