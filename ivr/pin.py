"""Agents' PINs: checked off the event loop, with a brake on guessing.

House rules: a few checks at once, since each takes a core for its time; PINs are in no log.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from ivr.ports import StaffDirectory
from routing.vocabulary import AgentId, LinkId, PhoneId

CHECKS_AT_ONCE: Final = 2
TRIES_MAX: Final = 3
LOCK_MS: Final = 5 * 60_000
PHONES_MAX: Final = 10_000


class PinCheck:
    """Asks the staff directory, a few at a time."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(CHECKS_AT_ONCE)

    async def agent(self, staff: StaffDirectory, number: str, pin: str) -> AgentId | None:
        """Who has this number and PIN, or None."""
        async with self._turns:
            found = await asyncio.to_thread(staff.authenticate, number, pin)
        return found.agent_id if found is not None else None


@dataclass(slots=True)
class _Failures:
    count: int
    last_ms: int


class PinThrottle:
    """After three wrong PINs a phone is locked for five minutes.

    Counts stay with the phone when its call ends, until the right PIN or five quiet minutes.
    Remembers `PHONES_MAX` phones, the longest quiet is forgotten first.
    """

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[LinkId, PhoneId], _Failures] = OrderedDict()

    def is_locked(self, link_id: LinkId, phone_id: PhoneId, now_ms: int) -> bool:
        """Whether this phone may not try now."""
        failures = self._failures.get((link_id, phone_id))
        if failures is not None and now_ms - failures.last_ms >= LOCK_MS:
            del self._failures[link_id, phone_id]
            return False
        return failures is not None and failures.count >= TRIES_MAX

    def note_wrong(self, link_id: LinkId, phone_id: PhoneId, now_ms: int) -> None:
        """A wrong number or PIN came from this phone."""
        failures = self._failures.setdefault((link_id, phone_id), _Failures(0, now_ms))
        failures.count += 1
        failures.last_ms = now_ms
        self._failures.move_to_end((link_id, phone_id))
        if len(self._failures) > PHONES_MAX:
            self._failures.popitem(last=False)

    def note_right(self, link_id: LinkId, phone_id: PhoneId) -> None:
        """The right PIN came from this phone: all is forgiven."""
        self._failures.pop((link_id, phone_id), None)
