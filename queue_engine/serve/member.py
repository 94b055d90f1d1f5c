"""One engine among those on one journal in Redis. It follows or decides, and serves all the while.

Its edges need not know which: what they submit is decided here or by the node that has the lease,
and is answered once this node holds the record; what they follow goes on when the lease changes
hands. When it does, every link is taken for lost and looked at anew, wherever it is held, so that
nothing is decided on what may no longer be so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from queue_engine.console_api.cluster_metrics import ClusterView
from queue_engine.core.commands import Command, LoadPolicy, ReportLinkLost
from queue_engine.core.errors import EngineStopped, JournalError, SamkoError
from queue_engine.core.record import Record
from queue_engine.core.state import State
from queue_engine.journal.redis_commands import FIRST, CommandAnswer, RedisCommands, SentCommand
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_lease import LEASE_MS
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.runtime.answering import Answering
from queue_engine.runtime.asking import Asking
from queue_engine.runtime.calendar import Calendar
from queue_engine.runtime.clock import Clock
from queue_engine.runtime.driver import Driver
from queue_engine.runtime.feed import FEED_RECORDS_MAX, Feed, Feeds
from queue_engine.runtime.one_thread import OneThread
from queue_engine.runtime.standby import Held
from queue_engine.serve.deciding import Deciding
from queue_engine.serve.hand_over import HandedOver
from queue_engine.serve.journal import OpenedJournal
from queue_engine.serve.link_watch import HOLDS_MS, LinkWatch
from queue_engine.serve.node import Node
from routing.vocabulary import LinkId

_log = logging.getLogger(__name__)

RETRY_S: Final = 1.0
LOOK_S: Final = 1.0
"""How often the decider looks which links are held."""


class Member:
    """A `RunningEngine` while `run` goes on.

    Args:
        place: of the journal.
        open_journal: opens it for the holder of the lease; blocks.
        rules: loaded whenever this node begins to decide.
        lease_ms: how long the lease is held each time.
    """

    def __init__(
        self,
        place: RedisPlace,
        open_journal: Callable[[str], OpenedJournal],
        rules: LoadPolicy,
        lease_ms: int = LEASE_MS,
    ) -> None:
        self.feeds = Feeds()
        self.node = Node(place, lease_ms, on_anew=self.feeds.cut_off, on_records=self._folded)
        self.rules = rules
        self.calendar: Calendar
        """Told while this node decides; set before `run`."""
        self.deciding: Deciding | None = None
        """While this node decides."""
        self._open_journal = open_journal
        self._clock = Clock()
        self._on_stall: list[Callable[[], None]] = []
        self._asks, self._takes = RedisCommands(place), RedisCommands(place)
        self._waits = RedisCommands(place)
        self._asking_thread, self._taking_thread = OneThread("asking"), OneThread("taking")
        self._waiting_thread = OneThread("waiting")
        self.asking = Asking(self.node.start, self._send, lambda: self.state.record_number)
        self._fit = asyncio.Event()
        self._answer = FIRST
        """The entry of the last answer that was heard."""

    # --- the running engine -----------------------------------------------------------------

    @property
    def state(self) -> State:
        """See `RunningEngine`."""
        deciding = self.deciding
        return self.node.standby.state if deciding is None else deciding.driver.state

    @property
    def journaled(self) -> int:
        """The last record that the journal is known to have."""
        deciding = self.deciding
        return self.state.record_number if deciding is None else deciding.driver.hand.last

    @property
    def is_degraded(self) -> bool:
        """Whether the last records are in this node's memory only."""
        return self.deciding is not None and self.deciding.is_degraded

    def view(self) -> ClusterView:
        """How it is with this node now."""
        node = self.node
        holder, left_ms = (node.start, 0) if node.decides else node.held or ("", 0)
        trouble = "Redis cannot be reached" if node.is_cut_off else ""
        if node.fault:
            trouble = node.fault
        return ClusterView(self.deciding is not None, holder, left_ms, node.lag, trouble)

    def now_ms(self) -> int:
        """See `RunningEngine`."""
        if self.deciding is not None:
            return self.deciding.driver.now_ms()
        return max(self._clock.now_ms(), self.state.now_ms)

    def beat(self) -> int:
        """See `RunningEngine`."""
        return self.node.turns if self.deciding is None else self.deciding.driver.beat()

    def alive(self) -> int:
        """A number that changes as long as this node follows or decides."""
        return self.node.looks if self.deciding is None else self.deciding.driver.beat()

    async def submit(self, command: Command) -> Record | None:
        """See `RunningEngine`."""
        deciding = self.deciding
        # What was asked before goes first: it lies in the stream and will be decided from there.
        if deciding is not None and not self.asking.is_asking:
            try:
                return await deciding.driver.submit(command)
            except EngineStopped:
                if self.node.decides:
                    raise
        return await self.asking.ask(command)

    async def submit_here(self, command: Command) -> Record | None:
        """As `submit`, for what only the node that decides does.

        Raises:
            EngineStopped: another node decides.
        """
        if self.deciding is None:
            raise EngineStopped("another engine decides")
        return await self.deciding.driver.submit(command)

    def follow(self, name: str = "feed", records_max: int = FEED_RECORDS_MAX) -> Feed:
        """See `RunningEngine`."""
        return self.feeds.follow(name, records_max)

    def on_stall(self, call: Callable[[], None]) -> None:
        """See `RunningEngine`."""
        self._on_stall.append(call)
        if self.deciding is not None:
            self.deciding.driver.on_stall(call)

    # --- following and deciding -------------------------------------------------------------

    async def start(self) -> None:
        """Has the lease, or holds what whoever has it holds.

        Raises:
            JournalError: Redis cannot be reached.
        """
        self._answer = await self._waiting_thread.call(self._waits.last_answer)
        if not await self.node.take():
            _log.warning("another engine decides on journal %s: following", self.node.place)
        while await self.node.follow():
            pass
        if not self.node.fault:
            self._fit.set()

    async def fit(self) -> None:
        """Waits until this node can read the journal: before, nothing of it acts anywhere."""
        await self._fit.wait()

    async def incarnation(self) -> str:
        """The journal's own name; empty: there is none yet.

        Raises:
            JournalError: Redis cannot be reached.
        """
        return (await self.node.look_around()).incarnation

    async def run(self) -> None:
        """Follows, and decides while it has the lease. Ends only by cancelling, or by raising
        what cannot be lived with: among it that another engine decides where this one did."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.asking.run())
                tasks.create_task(self._take_turns())
        except BaseExceptionGroup as faults:
            raise _cause(faults) from faults
        finally:
            self.feeds.close()

    async def close(self) -> None:
        """Gives up the lease if this node has it, and is there no more."""
        await self.node.close()
        for thread in (self._asking_thread, self._taking_thread, self._waiting_thread):
            thread.close()
        for commands in (self._asks, self._takes, self._waits):
            commands.close()

    async def _take_turns(self) -> None:
        while True:
            if not self.node.decides:
                await self.node.stand_by(self._wait)
                _log.warning("this engine decides on journal %s now", self.node.place)
            try:
                async with self.node.holding():
                    while await self.node.follow():
                        pass  # what the former decider still wrote
                    deciding = await self._begin()
            except JournalError as fault:
                _log.error("has the lease, and cannot decide yet: %s", fault)
                self.node.resign()
                await asyncio.sleep(RETRY_S)
                continue
            await self._decide(deciding)

    async def _begin(self) -> Deciding:
        kept = await asyncio.to_thread(self._open_journal, self.node.start)
        deciding = Deciding(kept, lambda kept: Driver(kept.journal, feeds=self.feeds))
        try:
            if not await deciding.start(self.node.standby.held()):
                self.feeds.cut_off()
        except BaseException:
            await deciding.driver.close()
            raise
        for call in self._on_stall:
            deciding.driver.on_stall(call)
        return deciding

    async def _decide(self, deciding: Deciding) -> None:
        """Until it has handed over."""
        driver = deciding.driver
        self.node.serve(driver, lambda: deciding.is_degraded)
        self.deciding = deciding
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(driver.run(), name="the deciding loop")
                tasks.create_task(self.node.keep(), name="the lease")
                await deciding.settle_in(self.rules, self.calendar)
                tasks.create_task(self._answering(driver).run())
                tasks.create_task(self._watch_links(driver))
                for name, work in deciding.beside(self.calendar):
                    tasks.create_task(work, name=name)
        except BaseExceptionGroup as faults:
            cause = _cause(faults)
            if not isinstance(cause, HandedOver):
                raise cause from faults
            _log.warning("%s", cause)
        finally:
            await self._end(deciding)

    async def _end(self, deciding: Deciding) -> None:
        """It follows from here on, if it goes on at all."""
        kept, driver = deciding.kept.kept, deciding.driver
        if isinstance(kept, RedisJournal) and kept.latest()[1].last is not None:
            checksum, recent = kept.latest()
            self.node.standby.go_on_from(Held(driver.state, checksum, recent))
        self.node.resign()
        self.deciding = None
        await driver.close()

    def _answering(self, driver: Driver) -> Answering:
        return Answering(
            read=self._read_commands,
            answer=self._answer_commands,
            submit=driver.submit,
            number=lambda: driver.state.record_number,
            told=self._told,
        )

    async def _watch_links(self, driver: Driver) -> None:
        watch = LinkWatch()
        while True:
            await asyncio.sleep(LOOK_S)
            picture = self.node.seen
            if picture is None or self.node.is_cut_off:
                continue
            held = {
                LinkId(link)
                for node in picture.nodes
                for link in node.note.links
                if node.age_ms <= HOLDS_MS or node.note.start == self.node.start
            }
            up = [link for link, is_up in driver.state.links.items() if is_up]
            for link, since_ms in watch.lost(up, held, driver.now_ms()).items():
                _log.error("no engine holds the link to %s any more", link)
                await driver.submit(ReportLinkLost(link, since_ms))

    # --- commands and answers ---------------------------------------------------------------

    def _folded(self, records: Sequence[Record]) -> None:
        self.feeds.put(records)
        self.asking.folded(records)

    def _told(self, answer: CommandAnswer | Record) -> None:
        if isinstance(answer, Record):
            self.asking.folded((answer,))
        else:
            self.asking.answered((answer,))

    async def _send(self, commands: Sequence[tuple[int, bytes]]) -> None:
        await self._asking_thread.call(self._asks.send, self.node.start, commands)

    async def _read_commands(self, after: str, block_ms: int) -> Sequence[SentCommand]:
        return await self._taking_thread.call(self._takes.read, after, block_ms)

    async def _answer_commands(self, until: str, answers: Sequence[CommandAnswer]) -> None:
        await self._taking_thread.call(self._takes.answer, self.node.start, until, answers)

    async def _wait(self, number: int, pause_s: float) -> None:
        waits = partial(self._waits.wait, number, self._answer, max(1, round(pause_s * 1000)))
        if self._fit.is_set() and self.node.fault:
            raise SamkoError(f"this engine follows no more: {self.node.fault}")
        self._answer, answers = await self._waiting_thread.call(waits)
        self.asking.answered(answers)


def _cause(faults: BaseExceptionGroup[BaseException]) -> BaseException:
    """What the others ended for: a loop that has ended stops whoever submits to it."""
    single: list[BaseException] = []
    for fault in faults.exceptions:
        single.append(_cause(fault) if isinstance(fault, BaseExceptionGroup) else fault)
    return next((one for one in single if not isinstance(one, EngineStopped)), single[0])
