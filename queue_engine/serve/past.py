"""The records that the journal holds, for those who look back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from queue_engine.core.codec import decode_record
from queue_engine.core.record import Record
from queue_engine.journal.base import Journal
from queue_engine.runtime.journal_hand import JournalHand


class JournalPast:
    """The `console_api.ports.PastPort` of a running engine.

    Args:
        journal: the engine's.
        hand: what it is used by.
    """

    def __init__(self, journal: Journal, hand: JournalHand) -> None:
        self._journal = journal
        self._hand = hand

    def last_number(self) -> int:
        """See `PastPort`."""
        return self._hand.last

    async def read(self, after: int, count_max: int) -> Sequence[Record]:
        """See `PastPort`."""
        records: Sequence[Record] = await self._hand.call(self._read, after, count_max)
        return records

    def _read(self, after: int, count_max: int) -> Sequence[Record]:
        stored = islice(self._journal.read(after), count_max)
        return [decode_record(one.data) for one in stored]
