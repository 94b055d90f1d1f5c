"""The one loop: inbox, decide, journal, publish, re-arm.

The contract:

1. Commands are decided one after another, in the order of `submit`, at one clock reading each.
2. What is due by that moment is done first (`PassTime`), in a record of its own.
3. Everything that waits in the inbox is decided, then appended in one go. Only after the append
   has succeeded are records published and `submit` answered. Nobody acts before.
4. A command that gave no events is not journaled; `submit` answers None.
5. A refused request raises `Refused` at its caller and changes nothing.
6. When the core fails (an assert), the state is folded anew from the journal, the failure is
   journaled with its trace, the contact concerned rests, and the loop goes on; three such
   failures within a minute stop the process: what is wrong then is not one call.
7. At the start, and after a gap of over 5 s between two turns (a stall), every link is taken for
   lost before anything else, so that nothing is decided on what may no longer be so.
8. The loop turns at least once a second; `beat` counts the turns that ended well.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from queue_engine.core.apply import fold
from queue_engine.core.codec import encode_record
from queue_engine.core.commands import Command, ReportCommandFailed, ReportLinkLost
from queue_engine.core.engine import Engine
from queue_engine.core.errors import AppendRefused, EngineStopped, JournalError, Refused
from queue_engine.core.record import Record
from queue_engine.core.snapshot import write_snapshot
from queue_engine.core.state import State
from queue_engine.journal.base import Journal
from queue_engine.runtime.clock import Clock
from queue_engine.runtime.feed import FEED_RECORDS_MAX, Feed
from queue_engine.runtime.recovery import recover
from routing.vocabulary import ContactId

_log = logging.getLogger(__name__)

INBOX_MAX: Final = 20_000
BATCH_MAX: Final = 500
"""Commands per append, so that one turn stays short."""
TURN_S_MAX: Final = 1.0
STALL_MS: Final = 5_000
FAILURES_MAX: Final = 3
FAILURES_WINDOW_MS: Final = 60_000
SNAPSHOT_EVERY: Final = 20_000
"""Records between two snapshots: a restart folds no more than that, in a fraction of a second."""
RETRY_S: Final = 1.0


@dataclass(slots=True)
class DriverCounts:
    """What the loop has done since it began."""

    turns: int = 0
    records: int = 0
    appends: int = 0
    refusals: int = 0
    failures: int = 0
    stalls: int = 0
    feeds_cut: int = 0
    append_failures: int = 0


@dataclass(slots=True)
class _Waiting:
    command: Command
    answer: asyncio.Future[Record | None]
    result: Record | Refused | None = None


class Driver:
    """Drives the core over a journal until `run` is cancelled.

    Args:
        journal: opened; the driver alone uses it from now on, in a thread of its own.
        clock_of: makes the clock, given the moment of the last record.
        snapshot_every: records between snapshots.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        clock_of: Callable[[int], Clock] = Clock,
        snapshot_every: int = SNAPSHOT_EVERY,
    ) -> None:
        self.counts = DriverCounts()
        self._journal = journal
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._engine = Engine()
        self._clock_of = clock_of
        self._clock = clock_of(0)
        self._inbox: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._feeds: list[Feed] = []
        self._stopped: str | None = "the engine has not started"
        self._turned_ms = 0
        self._failed_ms: deque[int] = deque(maxlen=FAILURES_MAX)
        self._on_stall: list[Callable[[], None]] = []
        self._snapshot_every = snapshot_every
        self._snapshot_number = 0

    @property
    def state(self) -> State:
        """The state, to be read only. It may be one append ahead of the journal."""
        return self._engine.state

    def now_ms(self) -> int:
        """The engine's clock."""
        return self._clock.now_ms()

    def beat(self) -> int:
        """A number that changes as long as the loop decides."""
        return self.counts.turns

    async def submit(self, command: Command) -> Record | None:
        """Has the command decided; the record once it is journaled, None if nothing came of it.

        The command is decided even if the caller stops waiting.

        Raises:
            Refused: the request cannot be carried out, or too much is waiting.
            EngineStopped: the engine does not run.
        """
        if self._stopped is not None:
            raise EngineStopped(self._stopped)
        if len(self._inbox) >= INBOX_MAX:
            raise Refused("overloaded", f"{INBOX_MAX} commands are waiting already")
        waiting = _Waiting(command, asyncio.get_running_loop().create_future())
        self._inbox.append(waiting)
        self._wake.set()
        return await waiting.answer

    def follow(self, name: str = "feed", records_max: int = FEED_RECORDS_MAX) -> Feed:
        """The records from now on."""
        feed = Feed(name, records_max)
        if self._stopped is not None:
            feed.close()
        self._feeds.append(feed)
        return feed

    def on_stall(self, call: Callable[[], None]) -> None:
        """`call` is called after each stall: whoever holds a link reconciles it then."""
        self._on_stall.append(call)

    async def start(self) -> None:
        """Folds the journal; afterwards `state` is whole and `run` may begin.

        Raises:
            JournalError: the journal cannot be read.
        """
        state = await self.in_journal_thread(recover, self._journal)
        self._engine = Engine(state)
        self._clock = self._clock_of(state.now_ms)
        self._snapshot_number = state.record_number
        self._stopped = None

    async def run(self) -> None:
        """The loop. Ends only by cancelling, or by raising what cannot be lived with."""
        reason = "the engine has stopped"
        try:
            self._turned_ms = self._clock.now_ms()
            await self._append_and_publish(self._freeze_links(), [])
            while True:
                await self._turn()
        except Exception as exc:
            reason = f"the engine has stopped: {exc}"
            raise
        finally:
            self._stop(reason)

    async def close(self) -> None:
        """Saves a snapshot if the journal takes one, and lets the journal go."""
        state = self.state
        try:
            if self._stopped is not None and state.record_number > self._snapshot_number:
                await self.in_journal_thread(
                    self._journal.save_snapshot, state.record_number, write_snapshot(state)
                )
        except JournalError as exc:
            _log.warning("no snapshot at the end: %s", exc)
        finally:
            await self.in_journal_thread(self._journal.close)
            self._thread.shutdown()

    # --- one turn ---------------------------------------------------------------------------

    async def _turn(self) -> None:
        await self._wait()
        now_ms = self._clock.now_ms()
        records: list[Record] = []
        stalled = now_ms - self._turned_ms > STALL_MS
        if stalled:
            self.counts.stalls += 1
            _log.error("stalled for %d ms: all links are reconciled", now_ms - self._turned_ms)
            records += self._freeze_links()
        batch: list[_Waiting] = []
        while self._inbox and len(batch) < BATCH_MAX:
            waiting = self._inbox.popleft()
            batch.append(waiting)
            try:
                records += self._decide(waiting)
            except Exception as exc:  # noqa: BLE001  contract 6: whatever the core failed with
                await self._start_over(waiting, exc, records)
        records += self._pass_time(self._clock.now_ms())
        self._turned_ms = self._clock.now_ms()
        await self._append_and_publish(records, batch)
        self.counts.turns += 1
        self._turned_ms = self._clock.now_ms()
        if stalled:
            for call in self._on_stall:
                call()

    async def _wait(self) -> None:
        if self._inbox:
            return
        timeout_s = TURN_S_MAX
        due_ms = self._engine.next_deadline_ms()
        if due_ms is not None:
            timeout_s = min(timeout_s, max(0, due_ms - self._clock.now_ms()) / 1000)
        self._wake.clear()
        try:
            async with asyncio.timeout(timeout_s):
                await self._wake.wait()
        except TimeoutError:
            pass  # nobody came: time itself is the reason for this turn

    def _decide(self, waiting: _Waiting) -> list[Record]:
        now_ms = self._clock.now_ms()
        records = self._pass_time(now_ms)
        try:
            record = self._engine.handle(waiting.command, now_ms)
        except Refused as refused:
            self.counts.refusals += 1
            waiting.result = refused
            return records
        waiting.result = record
        return records if record is None else [*records, record]

    def _pass_time(self, now_ms: int) -> list[Record]:
        record = self._engine.pass_time(now_ms)
        return [] if record is None else [record]

    def _freeze_links(self) -> list[Record]:
        now_ms = self._clock.now_ms()
        links = [link_id for link_id, is_up in sorted(self.state.links.items()) if is_up]
        found = (self._engine.handle(ReportLinkLost(link_id), now_ms) for link_id in links)
        return [record for record in found if record is not None]

    # --- journal first, then act ------------------------------------------------------------

    async def _append_and_publish(self, records: list[Record], batch: list[_Waiting]) -> None:
        if records:
            await self._append(records)
            self.counts.records += len(records)
            for feed in self._feeds:
                for record in records:
                    feed.put(record)
            self._drop_closed_feeds()
        for waiting in batch:
            if waiting.answer.done():
                continue
            if isinstance(waiting.result, Refused):
                waiting.answer.set_exception(waiting.result)
            else:
                waiting.answer.set_result(waiting.result)
        if self.state.record_number - self._snapshot_number >= self._snapshot_every:
            await self._save_snapshot()

    async def _append(self, records: list[Record]) -> None:
        data = [encode_record(record) for record in records]
        expected_last = records[0].number - 1
        while True:
            try:
                await self.in_journal_thread(self._journal.append, expected_last, data)
            except AppendRefused:
                raise
            except JournalError as exc:
                self.counts.append_failures += 1
                _log.critical("nothing is decided until the journal takes records: %s", exc)
                await asyncio.sleep(RETRY_S)
            else:
                self.counts.appends += 1
                return

    async def _save_snapshot(self) -> None:
        number = self._snapshot_number = self.state.record_number
        try:
            await self.in_journal_thread(
                self._journal.save_snapshot, number, write_snapshot(self.state)
            )
        except JournalError as exc:
            _log.warning("no snapshot of record %d: %s", number, exc)

    async def in_journal_thread(self, call: Callable[..., Any], *args: object) -> Any:
        """Calls in the one thread that may use the journal; waits even when cancelled."""
        work = asyncio.get_running_loop().run_in_executor(self._thread, call, *args)
        # Cancelling must not let the loop go on while the thread still writes.
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait([work])
            raise

    def _drop_closed_feeds(self) -> None:
        for feed in self._feeds:
            if feed.was_cut_off:
                self.counts.feeds_cut += 1
                _log.warning("%s fell behind and was cut off", feed.name)
        self._feeds = [feed for feed in self._feeds if feed.is_open]

    # --- when the core fails ----------------------------------------------------------------

    async def _start_over(self, waiting: _Waiting, exc: Exception, records: list[Record]) -> None:
        """Contract 6. `records` of this turn are not journaled yet and are folded in again."""
        self.counts.failures += 1
        now_ms = self._clock.now_ms()
        name = type(waiting.command).__name__
        trace = "".join(traceback.format_exception(exc, limit=-8))[-4_000:]
        _log.critical("%s failed in the core, the state is folded anew:\n%s", name, trace)
        self._failed_ms.append(now_ms)
        if (
            len(self._failed_ms) == FAILURES_MAX
            and now_ms - self._failed_ms[0] < FAILURES_WINDOW_MS
        ):
            raise exc
        state = await self.in_journal_thread(recover, self._journal)
        for record in records:
            fold(state, record)
        self._engine = Engine(state)
        contact_id: ContactId | None = getattr(waiting.command, "contact_id", None)
        report = ReportCommandFailed(name, type(exc).__name__, contact_id)
        record_of_it = self._engine.handle(report, now_ms)
        if record_of_it is not None:
            records.append(record_of_it)
        waiting.result = Refused("failed", f"{name} failed; it has been noted")

    def _stop(self, reason: str) -> None:
        self._stopped = reason
        for waiting in self._inbox:
            if not waiting.answer.done():
                waiting.answer.set_exception(EngineStopped(reason))
        self._inbox.clear()
        for feed in self._feeds:
            feed.close()
