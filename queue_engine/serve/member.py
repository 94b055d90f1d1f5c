"""One engine among those on one journal in Redis. It follows or decides, and serves all the while.

Its edges need not know which: what they submit is decided here or by the node that has the lease,
and is answered once this node holds the record; what they follow goes on when the lease changes
hands. When it does, every link is taken for lost and looked at anew, wherever it is held, so that
nothing is decided on what may no longer be so.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any, Final

from queue_engine.console_api.cluster_metrics import ClusterView
from queue_engine.core.commands import Command, LoadPolicy
from queue_engine.core.errors import EngineStopped, JournalError, SamkoError
from queue_engine.core.record import Record
from queue_engine.core.state import State
from queue_engine.journal.redis_commands import FIRST, CommandAnswer
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_lease import LEASE_MS
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.runtime.answering import Answering
from queue_engine.runtime.asking import Asking
from queue_engine.runtime.calendar import Calendar
from queue_engine.runtime.driver import Driver
from queue_engine.runtime.driver_counts import DriverCounts
from queue_engine.runtime.feed import FEED_RECORDS_MAX, Feed, Feeds
from queue_engine.runtime.followed_clock import FollowedClock
from queue_engine.runtime.standby import Held
from queue_engine.serve import island
from queue_engine.serve.deciding import Deciding
from queue_engine.serve.hand_over import DecidesNoMore, cause_of
from queue_engine.serve.island_presence import presence_told, say_again
from queue_engine.serve.journal import OpenedJournal
from queue_engine.serve.link_watch import watch_links
from queue_engine.serve.node import Node
from queue_engine.serve.redis_post import RedisPost
from routing.vocabulary import LinkId

_log = logging.getLogger(__name__)

RETRY_S: Final = 1.0

Work = Callable[[], Coroutine[Any, Any, object]]


class Member:
    """A `RunningEngine` while `run` goes on.

    Args:
        place: of the journal.
        open_journal: opens it for the holder of the lease; blocks.
        open_out_of_reach: what is written to when it cannot be reached.
        rules: loaded whenever this node begins to decide.
        lease_ms: how long the lease is held each time.
        cut_off_s: so long cut off from Redis it goes on alone with its own switches.
    """

    def __init__(
        self,
        place: RedisPlace,
        open_journal: Callable[[str], OpenedJournal],
        open_out_of_reach: island.OpenOutOfReach,
        rules: LoadPolicy,
        lease_ms: int = LEASE_MS,
        cut_off_s: float = island.CUT_OFF_S,
    ) -> None:
        self.feeds = Feeds()
        self.node = Node(place, lease_ms, on_anew=self.feeds.cut_off, on_records=self._folded)
        self.rules = rules
        self.calendar: Calendar
        """Told while this node decides; set before `run`."""
        self.switches: island.Switches = island.NoSwitches()
        """Set before `run`, if there are any."""
        self.deciding: Deciding | None = None
        """While this node decides, for all or as an island."""
        self.counts = DriverCounts()
        """Of all the times that it has decided."""
        self._open_journal = open_journal
        self._open_out_of_reach = open_out_of_reach
        self._cut_off_s = cut_off_s
        self._clock = FollowedClock()
        self._on_stall: list[Callable[[], None]] = []
        self._post = RedisPost(place, self.node.start)
        self.asking = Asking(self.node.start, self._post.send, lambda: self.state.record_number)
        self._tasks: asyncio.TaskGroup
        self._fit = asyncio.Event()
        self._answer = FIRST
        """The entry of the last answer that was heard."""

    # --- the running engine -----------------------------------------------------------------

    @property
    def state(self) -> State:
        """See `RunningEngine`."""
        deciding = self.deciding
        return self.node.standby.state if deciding is None else deciding.driver.state

    async def journaled(self, record: int | None = None) -> bool:
        """See `RunningEngine`. What this node has folded the journal has."""
        return self.deciding is None or await self.deciding.driver.journaled(record)

    @property
    def last_journaled(self) -> int:
        """The last record that the journal is known to have."""
        deciding = self.deciding
        return self.state.record_number if deciding is None else deciding.driver.hand.last

    @property
    def is_degraded(self) -> bool:
        """Whether the last records are in this node's memory only."""
        return self.deciding is not None and self.deciding.is_degraded

    @property
    def island(self) -> tuple[LinkId, ...]:
        """The switches for which this node decides alone, cut off from all others; or none."""
        return () if self.deciding is None else self.deciding.driver.state.island

    @property
    def decides(self) -> bool:
        """Whether this node decides for all."""
        return self.deciding is not None and not self.island

    def later_s(self) -> float:
        """So much later than others this node takes a switch that is not its own; see `Holder`."""
        if not self.node.is_cut_off:
            return 0.0
        if self.decides:
            return island.DECIDER_LATER_S
        is_alone = self.island or self.node.redis.cut_off_s > island.TAKES_S
        return island.ISLAND_LATER_S if is_alone else math.inf

    def view(self) -> ClusterView:
        """How it is with this node now."""
        node = self.node
        holder, left_ms = node.redis.held
        trouble = "Redis cannot be reached, or takes no writes" if node.is_cut_off else ""
        if node.fault:
            trouble = node.fault
        return ClusterView(self.decides, holder, left_ms, node.lag, trouble, self.island)

    def now_ms(self) -> int:
        """See `RunningEngine`. While another node decides, its moment: see `FollowedClock`."""
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
        # What was asked before goes first: it lies in the stream and will be decided from there,
        # or is taken back if this node is cut off from it.
        if deciding is not None and (self.island or not self.asking.is_asking):
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
        self._answer = await self._post.last_answer()
        does = "deciding" if await self.node.take() else "following"
        _log.info("node %s on journal %s: %s", self.node.start, self.node.place, does)
        while await self.node.follow():
            pass
        self._clock.has_all()
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
                self._tasks = tasks
                tasks.create_task(self.asking.run())
                tasks.create_task(self._take_turns())
        except BaseExceptionGroup as faults:
            raise cause_of(faults) from faults
        finally:
            self.feeds.close()

    async def close(self) -> None:
        """Gives up the lease if this node has it, and is there no more."""
        await self.node.close()
        self._post.close()

    async def _take_turns(self) -> None:
        while True:
            if not self.node.decides:
                await self.node.stand_by(self._wait, self._go_on_alone)
                _log.warning("this engine decides on journal %s now", self.node.place)
            try:
                async with self.node.holding():
                    while await self.node.follow():
                        pass  # what the former decider still wrote
                    deciding = await self._begin()
            except JournalError as fault:
                _log.error("has the lease, cannot decide, and lets others try: %s", fault)
                await self.node.give_up()
                await asyncio.sleep(RETRY_S)
                continue
            await self._decide_for_all(deciding)

    async def _begin(self) -> Deciding:
        kept = await asyncio.to_thread(self._open_journal, self.node.start)
        deciding = Deciding(kept, self._make_driver)
        try:
            if not await deciding.start(self.node.standby.held()):
                self.feeds.cut_off()
        except BaseException:
            await deciding.driver.close()
            raise
        return deciding

    def _make_driver(self, kept: OpenedJournal) -> Driver:
        driver = Driver(kept.journal, feeds=self.feeds, hand=kept.hand())
        driver.counts = self.counts
        for call in self._on_stall:
            driver.on_stall(call)
        return driver

    async def _decide_for_all(self, deciding: Deciding) -> None:
        driver = deciding.driver
        self.node.serve(driver, lambda: deciding.is_degraded)
        links = partial(watch_links, driver, self._held_links)
        answering = self._answering(driver)
        asked = partial(self.asking.take_back_when, self._is_away, driver.submit, answering.claim)
        try:
            works = (answering.run, asked, links)
            await self._decide(deciding, works, at_once=(self.node.keep,))
        finally:
            await self._end(deciding)

    async def _decide(
        self, deciding: Deciding, works: Iterable[Work], at_once: Iterable[Work] = ()
    ) -> None:
        """Until one of the works says that it is over.

        Args:
            at_once: begun before the rules are loaded.
        """
        self.deciding = deciding
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(deciding.driver.run(), name="the deciding loop")
                for work in at_once:
                    tasks.create_task(work())
                await deciding.settle_in(self.rules, self.calendar)
                for work in works:
                    tasks.create_task(work())
                for name, beside in deciding.beside(self.calendar):
                    tasks.create_task(beside, name=name)
        except BaseExceptionGroup as faults:
            cause = cause_of(faults)
            if not isinstance(cause, DecidesNoMore):
                raise cause from faults
            _log.warning("%s", cause)

    async def _end(self, deciding: Deciding) -> None:
        """It follows from here on, if it goes on at all."""
        kept, driver = deciding.kept.kept, deciding.driver
        if isinstance(kept, RedisJournal) and kept.latest()[1].last is not None:
            checksum, recent = kept.latest()
            self.node.standby.go_on_from(Held(driver.state, checksum, recent))
        self.node.resign()
        self.deciding = None
        await driver.close()

    # --- alone ------------------------------------------------------------------------------

    async def _go_on_alone(self) -> None:
        """Redis is out of reach: decides for its own switches, if it has been so for long."""
        node = self.node
        if node.redis.cut_off_s < self._cut_off_s or node.fault or not node.standby.number:
            return
        links = await self.switches.ours()
        if not links:
            return
        opening = (self._open_out_of_reach, node.standby.state, links, self.now_ms())
        deciding = Deciding(await asyncio.to_thread(island.begin, *opening), self._make_driver)
        try:
            await deciding.driver.start()
            told = ", ".join(links)
            _log.critical("ISLAND: cut off from Redis: decides for %s alone", told)
            submit = deciding.driver.submit
            asked = partial(self.asking.take_back, lambda command, origin: submit(command))
            works = [partial(island.watch, node, self.switches)]
            await self._decide(deciding, works, (asked, self._look_anew))
        finally:
            await self._end_alone(deciding)
        said = presence_told(node.standby.state, deciding.driver.state)
        self._tasks.create_task(say_again(said, self, node.look_around))

    async def _end_alone(self, deciding: Deciding) -> None:
        """It follows from where it was cut off; what it has decided alone is set aside."""
        self.deciding = None
        self.feeds.cut_off()
        try:
            await deciding.driver.close()
        except JournalError as aside:
            _log.critical("%s", aside)
        await self._look_anew()

    async def _look_anew(self) -> None:
        """Nothing is done at a switch before whoever decides now has a picture of it."""
        for call in self._on_stall:
            call()

    # --- beside deciding --------------------------------------------------------------------

    def _answering(self, driver: Driver) -> Answering:
        return Answering(
            read=self._post.read,
            answer=self._post.answer,
            submit=driver.submit,
            number=lambda: driver.state.record_number,
            told=self._told,
        )

    def _is_away(self) -> bool:
        return self.node.is_cut_off or self.is_degraded

    def _held_links(self) -> set[LinkId]:
        return {*self.switches.held(), *self.node.links_of_others()}

    # --- commands and answers ---------------------------------------------------------------

    def _folded(self, records: Sequence[Record]) -> None:
        self._clock.read(records)
        self.feeds.put(records)
        self.asking.folded(records)

    def _told(self, answer: CommandAnswer | Record) -> None:
        if isinstance(answer, Record):
            self.asking.folded((answer,))
        else:
            self.asking.answered((answer,))

    async def _wait(self, number: int, pause_s: float) -> None:
        if self._fit.is_set() and self.node.fault:
            raise SamkoError(f"this engine follows no more: {self.node.fault}")
        self._clock.has_all()
        block_ms = max(1, round(pause_s * 1000))
        self._answer, answers = await self._post.wait(number, self._answer, block_ms)
        self.asking.answered(answers)
