"""What was, for the API: from an engine's own journal, or from one that several engines share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from queue_engine.console_api.past import JournalPast, LatestSnapshot
from queue_engine.console_api.ports import PastPort, SnapshotsPort
from queue_engine.core.errors import AppendRefused, JournalLost
from queue_engine.journal.base import Snapshot, StoredRecord
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.journal.redis_reading import open_begun
from queue_engine.runtime.one_thread import OneThread
from queue_engine.serve.deciding import Deciding


@dataclass(frozen=True, slots=True)
class LookBack:
    """What the API is given."""

    past: PastPort
    snapshots: SnapshotsPort
    ledger_file: Path | None
    """Where the ledger of this journal and no other is kept."""


def of_deciding(deciding: Deciding, archive: Path) -> LookBack:
    """Of an engine with a journal of its own."""
    kept, hand = deciding.kept, deciding.driver.hand
    past = JournalPast(kept.journal, hand, archive)
    return LookBack(past, kept.snapshots(hand), kept.ledger_file)


def of_shared(shared: SharedPast, archive: Path, ledger_file: Path | None) -> LookBack:
    """Of a journal that several engines share."""
    past = JournalPast(shared, shared, archive)
    return LookBack(past, LatestSnapshot(shared, shared), ledger_file)


class SharedPast:
    """Opened beside the journal that is written to, and again when that has given way to another.

    Args:
        place: where it is.
        number: the last record that this engine holds.
    """

    def __init__(self, place: RedisPlace, number: Callable[[], int]) -> None:
        self._place = place
        self._number = number
        self._thread = OneThread("looking back")
        self._journal: RedisJournal | None = None

    @property
    def last(self) -> int:
        """The last record that can be read."""
        return self._number()

    async def call(self, call: Callable[..., Any], *args: object) -> Any:
        """Calls in the one thread in which the journal is used."""
        return await self._thread.call(call, *args)

    def read(self, after: int) -> Iterator[StoredRecord]:
        """See `Journal.read`."""
        return self._opened().read(after)

    def latest_snapshot(self) -> Snapshot | None:
        """See `Journal.latest_snapshot`."""
        return self._opened().latest_snapshot()

    def close(self) -> None:
        """Lets go of it."""
        self._thread.close()
        self._close_journal()

    def _opened(self) -> RedisJournal:
        if self._journal is not None:
            try:
                self._journal.last_number()
            except (AppendRefused, JournalLost):
                self._close_journal()
        if self._journal is None:
            self._journal = open_begun(self._place)
        return self._journal

    def _close_journal(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None
