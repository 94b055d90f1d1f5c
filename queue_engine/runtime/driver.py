"""The one loop: inbox, decide, journal, publish, re-arm.

The contract:

1. Commands are decided one after another, in the order of `submit`, at one clock reading each.
2. What is due by that moment is done first (`PassTime`), in a record of its own.
3. Everything that waits in the inbox is decided, then appended in one go. Only after the append
   has succeeded are records published and `submit` answered. Nobody acts before.
4. A command that gave no events is not journaled; `submit` answers None.
5. A refused request raises `Refused` at its caller and changes nothing.
6. When the core fails (an assert), the state is folded anew from the journal, the failure is
   journaled with its place in the code, the contact concerned rests, and the loop goes on; a
   deadline at which it fails is put off, so that it does not fail at each turn. Three such
   failures within a minute stop the process: what is wrong then is not one call.
7. At the start, and after a real gap of over 5 s between two turns (a stall), every link is taken
   for lost before anything else, so that nothing is decided on what may no longer be so.
8. The loop turns at least once a second; `beat` counts the turns that ended well.
9. When the loop ends, whatever was journaled is published and answered, and everybody else who
   waits gets `EngineStopped`. Only a state that the journal holds to its last record is saved.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, TypeVarTuple

from queue_engine.core.apply import fold
from queue_engine.core.codec import encode_record, newest_version, require_written
from queue_engine.core.commands import Command, PassTime, ReportLinkLost
from queue_engine.core.engine import Engine
from queue_engine.core.errors import AppendRefused, EngineStopped, JournalError, Refused
from queue_engine.core.record import Origin, Record
from queue_engine.core.snapshot import write_snapshot
from queue_engine.core.state import State
from queue_engine.core.turn import Watch
from queue_engine.journal.base import Journal
from queue_engine.runtime.clock import Clock
from queue_engine.runtime.driver_counts import DriverCounts
from queue_engine.runtime.failure import report_failure
from queue_engine.runtime.feed import FEED_RECORDS_MAX, Feed, Feeds
from queue_engine.runtime.inbox import Asked
from queue_engine.runtime.journal_hand import JournalHand
from queue_engine.runtime.recovery import recover

_log = logging.getLogger(__name__)

INBOX_MAX: Final = 20_000
BATCH_MAX: Final = 500
"""Commands per append, so that one turn stays short."""
TURN_S_MAX: Final = 1.0
STALL_MS: Final = 5_000
FAILURES_MAX: Final = 3
FAILURES_WINDOW_MS: Final = 60_000
SNAPSHOT_EVERY: Final = 5_000
"""Records between two snapshots: a restart folds no more than that, in a fraction of a second."""
RETRY_S: Final = 1.0

_Given = TypeVarTuple("_Given")


class Driver:
    """Drives the core over a journal until `run` is cancelled.

    Args:
        journal: opened; the driver alone uses it from now on, by `hand`.
        clock_of: makes the clock, given the moment of the last record.
        snapshot_every: records between snapshots.
        watch: sees each event before it is applied; what it raises is a failure of the core.
        feeds: of those who follow, and go on to when this loop ends; None: they end with it.
        hand: of the journal; None: an ordinary one.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        clock_of: Callable[[int], Clock] = Clock,
        snapshot_every: int = SNAPSHOT_EVERY,
        watch: Watch | None = None,
        feeds: Feeds | None = None,
        hand: JournalHand | None = None,
    ) -> None:
        self.counts = DriverCounts()
        self.writes = newest_version()
        """The version in which records are journaled; may be set at any time, for the next turn."""
        self._journal = journal
        self.hand = hand or JournalHand(journal)
        """Whatever else is to be done with the journal goes through it."""
        self._watch = watch
        self._engine = Engine(watch=watch)
        self._clock_of = clock_of
        self._clock = clock_of(0)
        self._inbox: deque[Asked] = deque()
        self._batch: list[Asked] = []
        """Taken from the inbox and not answered yet."""
        self._is_whole = True
        """Whether the state is what its records make of it: not while the core decides."""
        self._wake = asyncio.Event()
        self._feeds = feeds or Feeds()
        self._ends_feeds = feeds is None
        self._stopped: str | None = "the engine has not started"
        self._turned_ms = 0
        self._failed_ms: deque[int] = deque(maxlen=FAILURES_MAX)
        self._on_stall: list[Callable[[], None]] = []
        self._between: Callable[[], Awaitable[None]] | None = None
        self._snapshot_every = snapshot_every
        self._snapshot_number = 0

    @property
    def state(self) -> State:
        """The state, to be read only. It may be one append ahead of the journal."""
        return self._engine.state

    @property
    def clock(self) -> Clock:
        """The engine's clock; it is another one after `start`."""
        return self._clock

    async def journaled(self, record: int | None = None) -> bool:
        """See `RunningEngine`."""
        if record is None:
            return await self.hand.has(lambda: self.state.record_number + (not self._is_whole))
        return await self.hand.has(lambda: record)

    def now_ms(self) -> int:
        """The moment now, by the engine's clock."""
        return self._clock.now_ms()

    def beat(self) -> int:
        """A number that changes as long as the loop decides."""
        return self.counts.turns

    async def submit(self, command: Command, origin: Origin | None = None) -> Record | None:
        """Has the command decided; the record once it is journaled, None if nothing came of it.

        The command is decided even if the caller stops waiting.

        Args:
            origin: of a command that another node was given. Nothing comes of one that a record
                has already.

        Raises:
            Refused: the request cannot be carried out, or too much is waiting.
            EngineStopped: the engine does not run.
        """
        if self._stopped is not None:
            raise EngineStopped(self._stopped)
        if len(self._inbox) >= INBOX_MAX:
            raise Refused("overloaded", f"{INBOX_MAX} commands are waiting already")
        require_written(command, self.writes)
        waiting = Asked(command, asyncio.get_running_loop().create_future(), origin)
        self._inbox.append(waiting)
        self._wake.set()
        return await waiting.answer

    def follow(self, name: str = "feed", records_max: int = FEED_RECORDS_MAX) -> Feed:
        """The records from now on."""
        feed = self._feeds.follow(name, records_max)
        if self._stopped is not None:
            feed.close()
        return feed

    def on_stall(self, call: Callable[[], None]) -> None:
        """`call` is called at each stall, before anything is decided; it must not raise."""
        self._on_stall.append(call)

    def between_turns(self, work: Callable[[], Awaitable[None]]) -> None:
        """Between two turns, when all that was decided is journaled, `work` is awaited once.

        What it raises ends the loop. What was asked for before and not begun is not done.
        """
        self._between = work
        self._wake.set()

    async def start(self, folded: State | None = None) -> None:
        """Folds the journal; afterwards `state` is whole and `run` may begin.

        Args:
            folded: what the journal's first records make; only those after them are read.

        Raises:
            JournalError: the journal cannot be read.
        """
        state = await self.hand.call(recover, self._journal, folded)
        self._engine = Engine(state, self._watch)
        self._clock = self._clock_of(state.now_ms)
        self._snapshot_number = self.hand.last = state.record_number
        self._stopped = None

    async def run(self) -> None:
        """The loop. Ends only by cancelling, or by raising what cannot be lived with."""
        reason = "the engine has stopped"
        try:
            last_seen_ms = self.state.now_ms
            self._turned_ms = self._clock.now_ms()
            await self._append_and_publish(self._freeze_links(last_seen_ms))
            while True:
                if self._between is not None:
                    work, self._between = self._between, None
                    await work()
                await self._turn()
        except Exception as exc:
            reason = f"the engine has stopped: {exc}"
            raise
        finally:
            self._stop(reason)

    async def close(self) -> None:
        """Saves a snapshot if the journal takes one, and lets the journal go.

        Raises:
            JournalError: the journal could not keep what it has taken; says what is lost.
        """
        try:
            if self._stopped is not None and self._is_whole:
                await self._save_snapshot()
        finally:
            try:
                await self.hand.call(self._journal.close)
            finally:
                self.hand.close()

    # --- one turn ---------------------------------------------------------------------------

    async def _turn(self) -> None:
        await self._wait()
        records = self._after_stall()
        while self._inbox and len(self._batch) < BATCH_MAX:
            waiting = self._inbox.popleft()
            self._batch.append(waiting)
            await self._decide(waiting, records)
        await self._pass_time(records)
        # Before the append: a process that is stopped while it waits for the disk stalls as well.
        self._turned_ms = self._clock.now_ms()
        await self._append_and_publish(records)
        unsaved = self.state.record_number - self._snapshot_number
        if unsaved >= self._snapshot_every and not self.hand.keeps:
            await self._save_snapshot()
        self.counts.turns += 1

    async def _wait(self) -> None:
        if self._inbox:
            await asyncio.sleep(0)  # everybody else's turn: an append may have taken none
            return
        timeout_s = TURN_S_MAX
        due_ms = self._engine.next_deadline_ms()
        if due_ms is not None:
            left_ms = max(0, due_ms - self._clock.now_ms())
            timeout_s = min(timeout_s, self._clock.real_seconds(left_ms))
        self._wake.clear()
        try:
            async with asyncio.timeout(timeout_s):
                await self._wake.wait()
        except TimeoutError:
            pass  # nobody came: time itself is the reason for this turn

    def _after_stall(self) -> list[Record]:
        """Contract 7."""
        gap_ms = self._clock.now_ms() - self._turned_ms
        if gap_ms <= STALL_MS * self._clock.speed:
            return []
        self.counts.stalls += 1
        _log.error("stalled for %d ms: all links are reconciled", gap_ms)
        for call in self._on_stall:
            call()
        return self._freeze_links(self._turned_ms)

    def _freeze_links(self, seen_ms: int) -> list[Record]:
        now_ms = self._clock.now_ms()
        links = [link_id for link_id, is_up in sorted(self.state.links.items()) if is_up]
        found = [
            self._decided(self._engine.handle, ReportLinkLost(link_id, seen_ms), now_ms, None)
            for link_id in links
        ]
        return [record for record in found if record is not None]

    async def _decide(self, waiting: Asked, records: list[Record]) -> None:
        now_ms = await self._pass_time(records)
        origin = waiting.origin
        if origin is not None and self.state.origins.has(origin):
            return
        try:
            record = self._decided(self._engine.handle, waiting.command, now_ms, origin)
        except Refused as refused:
            self._is_whole = True
            self.counts.refusals += 1
            waiting.result = refused
        except Exception as exc:  # noqa: BLE001  contract 6: whatever the core failed with
            await self._start_over(waiting.command, exc, records)
            name = type(waiting.command).__name__
            waiting.result = Refused("failed", f"{name} failed; it has been noted")
        else:
            waiting.result = record
            records += [] if record is None else [record]

    async def _pass_time(self, records: list[Record]) -> int:
        """Does what is due; gives the moment by which it is done."""
        while True:
            now_ms = self._clock.now_ms()
            try:
                record = self._decided(self._engine.pass_time, now_ms)
            except Exception as exc:  # noqa: BLE001  contract 6
                await self._start_over(PassTime(), exc, records)
            else:
                records += [] if record is None else [record]
                return now_ms

    def _decided(
        self, decide: Callable[[*_Given], Record | None], *given: *_Given
    ) -> Record | None:
        self._is_whole = False
        record = decide(*given)
        self._is_whole = True
        return record

    # --- journal first, then act ------------------------------------------------------------

    async def _append_and_publish(self, records: list[Record]) -> None:
        try:
            if records:
                await self._append(records)
        finally:
            # Even when cancelled meanwhile: what is journaled has happened.
            if not records or self.hand.last == records[-1].number:
                self._publish(records)

    async def _append(self, records: list[Record]) -> None:
        data = [encode_record(record, self.writes) for record in records]
        while True:
            try:
                await self.hand.append(records[0].number - 1, data)
            except AppendRefused:
                raise
            except JournalError as exc:
                self.counts.append_failures += 1
                _log.critical("nothing is decided until the journal takes records: %s", exc)
                await asyncio.sleep(RETRY_S)
            else:
                return

    def _publish(self, records: list[Record]) -> None:
        self.counts.appends += bool(records)
        self.counts.records += len(records)
        self._feeds.put(records)
        self.counts.feeds_cut = self._feeds.cut
        batch, self._batch = self._batch, []
        for waiting in batch:
            waiting.give()

    async def _save_snapshot(self) -> None:
        number = self.state.record_number
        if not self._snapshot_number < number == self.hand.last:
            return
        self._snapshot_number = number
        try:
            await self.hand.call(self._journal.save_snapshot, number, write_snapshot(self.state))
        except JournalError as exc:
            _log.warning("no snapshot of record %d: %s", number, exc)

    # --- when the core fails ----------------------------------------------------------------

    async def _start_over(self, command: Command, exc: Exception, records: list[Record]) -> None:
        """Contract 6. `records` of this turn are not journaled yet and are folded in again."""
        self.counts.failures += 1
        now_ms = self._clock.now_ms()
        name = type(command).__name__
        trace = "".join(traceback.format_exception(exc, limit=-8))[-4_000:]
        _log.critical("%s failed in the core, the state is folded anew:\n%s", name, trace)
        self._failed_ms.append(now_ms)
        first_ms = self._failed_ms[0]
        if len(self._failed_ms) == FAILURES_MAX and now_ms - first_ms < FAILURES_WINDOW_MS:
            raise exc
        state = await self.hand.call(recover, self._journal)
        for record in records:
            fold(state, record)
        self._engine = Engine(state, self._watch)
        self._is_whole = True
        report = report_failure(command, exc)
        failed = self._decided(self._engine.handle, report, self._clock.now_ms(), None)
        records += [] if failed is None else [failed]

    def _stop(self, reason: str) -> None:
        self._stopped = reason
        for waiting in (*self._batch, *self._inbox):
            if not waiting.answer.done():
                waiting.answer.set_exception(EngineStopped(reason))
        self._batch.clear()
        self._inbox.clear()
        if self._ends_feeds:
            self._feeds.close()
