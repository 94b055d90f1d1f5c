"""The journal's records for timelines: read in the journal's own thread, decoded in another.

An append waits for whatever that thread does, and reading bytes is soon done. Its snapshots are
files of their own, never changed once they are there, which nobody has to be asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from queue_engine.core.codec import decode_record
from queue_engine.core.errors import JournalError
from queue_engine.core.record import Record
from queue_engine.journal.archive import Archive
from queue_engine.journal.base import LeftForArchive, Snapshot, StoredRecord
from queue_engine.journal.checksum import Row
from queue_engine.journal.snapshots import SealedSnapshot, SnapshotFiles


class PastJournal(Protocol):
    """A journal, as far as looking back goes; every `Journal` is one."""

    def read(self, after: int) -> Iterator[StoredRecord]:
        """See `Journal`."""

    def latest_snapshot(self) -> Snapshot | None:
        """See `Journal`."""


class PastHand(Protocol):
    """In which thread the journal may be used; `JournalHand` is one."""

    @property
    def last(self) -> int:
        """The last record that the journal has."""

    async def call(self, call: Callable[..., Any], *args: object) -> Any:
        """Calls in that thread."""


class JournalPast:
    """The `PastPort` of a running engine.

    Args:
        journal: the engine's.
        hand: nothing else may use the journal.
        archive: the folder with what has left the journal.
    """

    def __init__(self, journal: PastJournal, hand: PastHand, archive: Path | None = None) -> None:
        self._journal = journal
        self._hand = hand
        self._archive = archive
        self._one_at_a_time = asyncio.Lock()
        self._archived: tuple[int, Iterator[Row]] = (-1, iter(()))
        """Goes on after that record: a file is not unpacked anew for each chunk of it."""

    def last_number(self) -> int:
        """See `PastPort`."""
        return self._hand.last

    async def read(self, after: int, count_max: int) -> Sequence[Record]:
        """See `PastPort`."""
        try:
            found = await self._hand.call(self._read, after, count_max)
        except LeftForArchive:
            async with self._one_at_a_time:
                found = await asyncio.to_thread(self._read_archived, after, count_max)
            if not found:
                raise
        return await asyncio.to_thread(_decode, found)

    def _read_archived(self, after: int, count_max: int) -> list[bytes]:
        if self._archive is None:
            return []
        at, rows = self._archived
        if at != after:
            rows = Archive(self._archive).rows(after)
        found = list(islice(rows, count_max))
        self._archived = (after + len(found), rows) if found else (-1, iter(()))
        return [row.data for row in found]

    def _read(self, after: int, count_max: int) -> list[bytes]:
        return [row.data for row in islice(self._journal.read(after), count_max)]


def _decode(found: list[bytes]) -> list[Record]:
    return [decode_record(data) for data in found]


class LatestSnapshot:
    """The `SnapshotsPort` of a journal that keeps one.

    Args:
        journal: the engine's.
        hand: nothing else may use the journal.
    """

    def __init__(self, journal: PastJournal, hand: PastHand) -> None:
        self._journal = journal
        self._hand = hand

    async def before(self, number: int) -> Snapshot | None:
        """See `SnapshotsPort`."""
        found: Snapshot | None = await self._hand.call(self._journal.latest_snapshot)
        return found if found is not None and found.number < number else None


class JournalSnapshots:
    """The `SnapshotsPort` of a journal in a file.

    Args:
        journal: where it lies.
    """

    def __init__(self, journal: Path) -> None:
        self._files = SnapshotFiles(journal)

    async def before(self, number: int) -> Snapshot | None:
        """See `SnapshotsPort`."""
        return await asyncio.to_thread(self._before, number)

    def _before(self, number: int) -> Snapshot | None:
        for of_record in self._files.numbers():
            if of_record < number and (found := self._read(of_record)) is not None:
                return Snapshot(found.number, found.data)
        return None

    def _read(self, number: int) -> SealedSnapshot | None:
        try:
            found = self._files.read(number)
        except JournalError:
            return None  # a newer one has just taken its place
        return found if isinstance(found, SealedSnapshot) else None
