"""What regions have done for each other, by Swedish day, kept beside the running engine.

Follows the journaled records. Where it is, with all days, is kept in a file now and then, so that
after a restart only what followed is read from the journal, in small pieces. A file that is
missing, damaged or of another journal is made anew from the first record on; if that is neither in
the journal nor in the archive (a Redis was emptied), from the journal's snapshot on.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Final

from queue_engine.console_api import shapes
from queue_engine.console_api.ports import EnginePort, PastPort, SnapshotsPort
from queue_engine.core.errors import BadInput, SamkoError
from queue_engine.core.ledger import Account, Ledger, LedgerRows, Sums
from queue_engine.core.ledger_begun import rows_of
from queue_engine.core.plain import from_plain, to_plain
from queue_engine.core.record import Record
from queue_engine.core.snapshot import read_snapshot
from queue_engine.journal.base import LeftForArchive
from queue_engine.journal.private_files import replace_private
from queue_engine.runtime.swedish_days import sweden
from routing.vocabulary import RegionCode

_log = logging.getLogger(__name__)

DAYS_MAX: Final = 62
"""Two months, so that the last one can be settled; `samko ledger` reads all of a journal."""
CHUNK: Final = 200
FEED_RECORDS_MAX: Final = 20_000
KEEP_S: Final = 600.0
RETRY_S: Final = 1.0

Accounts = list[tuple[Account, Sums]]


@dataclass(slots=True)
class _Kept:
    """What is kept in the file."""

    number: int = 0
    """Of the last record that is in the accounts."""
    at_ms: int = 0
    day: str = ""
    """The last day, whose accounts are those of `rows`."""
    days: list[tuple[str, Accounts]] = field(default_factory=list)
    rows: LedgerRows = field(default_factory=LedgerRows)


class LedgerBook:
    """Keeps the accounts. `run` must be running.

    Args:
        engine: whose records are followed.
        past: the journal.
        path: the file; None: the journal is read from its first record at each start.
        snapshots: of the journal.
    """

    def __init__(
        self,
        engine: EnginePort,
        past: PastPort,
        path: Path | None = None,
        snapshots: SnapshotsPort | None = None,
    ) -> None:
        self._engine = engine
        self._past = past
        self._path = path
        self._snapshots = snapshots
        self._begin(_Kept())

    def _begin(self, kept: _Kept) -> None:
        self._number, self._at_ms, self._day = kept.number, kept.at_ms, kept.day
        self._days = dict(kept.days)
        self._ledger = Ledger(rows=kept.rows)
        self._ends_ms = _end_of_day_ms(kept.at_ms) if kept.day else 0

    def answer(
        self, from_day: str | None, to_day: str | None, region: RegionCode | None
    ) -> shapes.Ledger:
        """The accounts of these days together, first and last included.

        Args:
            from_day: as in `2026-11-01`; None: the first that is kept.
            to_day: None: today.
            region: only the accounts in which it gives or takes.
        """
        found: dict[Account, list[Sums]] = {}
        for day, accounts in (*self._days.items(), (self._day, self._ledger.accounts())):
            if (from_day or "") <= day and (to_day is None or day <= to_day):
                for account, sums in accounts:
                    if region in (None, account.giver, account.taker):
                        found.setdefault(account, []).append(sums)
        return shapes.Ledger(
            at_ms=self._at_ms,
            is_complete=self._number >= self._past.last_number(),
            first_day=min(self._days, default=self._day),
            accounts=[
                _told(account, Sums(*map(sum, zip(*days, strict=True))))
                for account, days in sorted(found.items())
            ],
        )

    async def run(self) -> None:
        """Follows the records until cancelled."""
        await self._load()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_now_and_then())
            tasks.create_task(self._follow_on())

    async def _follow_on(self) -> None:
        told = ""
        while True:
            try:
                await self._follow()
                told = ""
            except SamkoError as fault:
                if told != str(fault):  # once, and not each second
                    _log.warning("the ledger waits: the journal cannot be read: %s", fault)
                told = str(fault)
            await asyncio.sleep(RETRY_S)

    async def _follow(self) -> None:
        if self._engine.state.island:
            return  # what it decides alone is in no journal
        await self._read_past()
        feed = self._engine.follow("the ledger", FEED_RECORDS_MAX)
        try:
            await self._read_past()  # what came between
            async for record in feed:
                if self._engine.state.island:
                    return
                if record.number > self._number:
                    self.tell(record)
        finally:
            feed.close()

    async def _read_past(self) -> None:
        while records := await self._next():
            for record in records:
                self.tell(record)

    async def _next(self) -> Sequence[Record]:
        try:
            return await self._past.read(self._number, CHUNK)
        except LeftForArchive as gone:
            last = self._past.last_number()
            found = None if self._snapshots is None else await self._snapshots.before(last + 1)
            if found is None or found.number <= self._number:
                raise
            rows = rows_of(await asyncio.to_thread(read_snapshot, found.data))
            _log.warning("the ledger goes on from record %d: %s", found.number, gone)
            self._number, self._ledger = found.number, self._gone_on(rows)
            return await self._past.read(self._number, CHUNK)

    def _gone_on(self, rows: LedgerRows) -> Ledger:
        """With what stands on the day's accounts already."""
        rows.accounts = list(self._ledger.accounts())
        return Ledger(rows=rows)

    def tell(self, record: Record) -> None:
        """Takes a record in; they come in order, each once."""
        assert record.number == self._number + 1, (record.number, self._number)
        if record.at_ms >= self._ends_ms:
            self._turn_day(record.at_ms)
        self._ledger.follow(record)
        self._number, self._at_ms = record.number, record.at_ms

    def _turn_day(self, now_ms: int) -> None:
        if self._day:
            self._days[self._day] = self._ledger.close()
        while len(self._days) >= DAYS_MAX:
            del self._days[min(self._days)]
        self._day = _swedish(now_ms).date().isoformat()
        self._ends_ms = _end_of_day_ms(now_ms)

    # --- the file -------------------------------------------------------------------------

    async def _load(self) -> None:
        if self._path is None or not self._path.exists():
            return
        try:
            kept = await asyncio.to_thread(_read, self._path)
            if await self._is_of_this_journal(kept):
                self._begin(kept)
                return
            _log.warning("%s is of another journal: it is made anew", self._path)
        except (OSError, ValueError, SamkoError) as fault:
            _log.warning("%s cannot be used, it is made anew: %s", self._path, fault)

    async def _is_of_this_journal(self, kept: _Kept) -> bool:
        found = await self._past.read(kept.number - 1, 1) if kept.number else ()
        return bool(found) and (found[0].number, found[0].at_ms) == (kept.number, kept.at_ms)

    async def _keep_now_and_then(self) -> None:
        while self._path is not None:
            await asyncio.sleep(KEEP_S)
            await self.keep(self._path)

    async def keep(self, path: Path) -> None:
        """Writes the file; one that cannot be written is tried again the next time."""
        days = list(self._days.items())  # which do not change any more
        now = _Kept(self._number, self._at_ms, self._day, rows=self._ledger.rows())
        plain = to_plain(now)
        try:
            await asyncio.to_thread(_write, path, plain, days)
        except OSError as fault:
            _log.warning("%s cannot be written: %s", path, fault)


def _write(path: Path, plain: dict[str, object], days: list[tuple[str, Accounts]]) -> None:
    text = json.dumps({**plain, "days": to_plain(days)}, ensure_ascii=False)
    replace_private(path, text.encode())


def _read(path: Path) -> _Kept:
    try:
        kept: _Kept = from_plain(_Kept, json.loads(path.read_bytes()))
    except RecursionError as fault:
        raise BadInput("it is not what was written") from fault
    return kept


def _told(account: Account, sums: Sums) -> shapes.LedgerAccount:
    return shapes.LedgerAccount(
        giver=account.giver,
        taker=account.taker,
        service=account.service,
        is_sold=account.is_sold,
        calls=sums.calls,
        talk_ms=sums.talk_ms,
        consults=sums.consults,
        consult_ms=sums.consult_ms,
        wrap_up_ms=sums.wrap_up_ms,
    )


def _swedish(at_ms: int) -> datetime:
    return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at_ms)).astimezone(sweden())


def _end_of_day_ms(at_ms: int) -> int:
    """The midnight after it; a day may have 23 or 25 hours."""
    tomorrow = _swedish(at_ms).date() + timedelta(days=1)
    return round(datetime.combine(tomorrow, time(), sweden()).timestamp() * 1000)
