"""This engine among those on one journal in Redis: it follows, has the lease, and hands over.

All that it asks of Redis beside the journal it asks in one thread of its own, one thing at a time.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import Final

from queue_engine.core import codec
from queue_engine.core.errors import JournalCorrupt, JournalError, SamkoError
from queue_engine.core.record import RULES_VERSION, Record
from queue_engine.journal.redis_lease import LEASE_MS, RedisLease
from queue_engine.journal.redis_nodes import ClusterPicture, NodeNote, RedisNodes
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.journal.redis_reading import open_followed
from queue_engine.runtime.driver import Driver
from queue_engine.runtime.one_thread import OneThread
from queue_engine.runtime.standby import Standby
from queue_engine.serve.hand_over import HandedOver, agreed
from queue_engine.serve.lease_watch import KeptLease, LeaseWatch, holds_less
from queue_engine.serve.link_watch import HOLDS_MS
from queue_engine.serve.redis_seen import RedisSeen
from queue_engine.serve.upgrade import WrittenVersion
from routing.vocabulary import LinkId

_log = logging.getLogger(__name__)

FOLLOW_S: Final = 0.1
"""How often one who follows looks at the lease, and so long it waits for records at a time."""
HASTE_S: Final = 0.005
"""The same while the lease is about to be handed to it."""
LOOK_SHARE: Final = 2
"""A look at the lease takes one part of so many of the time of one who follows, at most: its notes
must not grow so old that its links are taken for lost."""
NOTE_S: Final = 1.0
RENEWALS: Final = 4
"""In the time that a lease lasts: three may fail before it is over."""


class Node:
    """One start of an engine.

    Args:
        place: of the journal.
        lease_ms: how long the lease is held each time.
        on_anew, on_records: see `Standby`.
    """

    def __init__(
        self,
        place: RedisPlace,
        lease_ms: int = LEASE_MS,
        *,
        on_anew: Callable[[], None] = lambda: None,
        on_records: Callable[[Sequence[Record]], None] = lambda records: None,
    ) -> None:
        self.place = place
        self.start: Final = secrets.token_hex(8)
        """Its name, and the lease's holder while it decides."""
        self.standby = Standby(
            partial(open_followed, place), on_anew=on_anew, on_records=on_records
        )
        self.lag = 0
        """Records that the journal had and this node did not, when it last looked."""
        self.redis = RedisSeen(place)
        """As it was then."""
        self.seen: ClusterPicture | None = None
        """Who was there, a second ago at most unless this node is cut off."""
        self.looks = 0
        """Counts up as long as this node follows."""
        self.links: Callable[[], Sequence[LinkId]] = tuple
        """The links that this node holds; set by whoever makes them."""
        self.decides = False
        self._lease = RedisLease(place, self.start, lease_ms)
        self._nodes = RedisNodes(place)
        self._watch, self._kept = LeaseWatch(self.start, lease_ms), KeptLease(lease_ms)
        self._written = WrittenVersion(self._nodes)
        self._thread = OneThread("node")
        self._noted_s = self._look_s = float("-inf")
        self._is_wished = False
        self._driver: Driver | None = None
        self._is_degraded: Callable[[], bool] = bool
        self._host = socket.gethostname()
        self._version = version("samko")

    @property
    def _number(self) -> int:
        """The last record that this node holds."""
        driver = self._driver
        return self.standby.number if driver is None else driver.state.record_number

    @property
    def turns(self) -> int:
        """Of the one who decides, as it last said: they stand still when it does."""
        return 0 if self.seen is None else self.seen.turns

    @property
    def fault(self) -> str:
        """Why this node cannot follow the journal, and so never decides; empty: it can."""
        fault = self.standby.fault
        return self._written.fault or ("" if fault is None else str(fault))

    async def take(self) -> bool:
        """Takes the lease if nobody has it; whether this node decides.

        A lease of which Redis knows nothing is nobody's, or Redis has lost it. Then those who hold
        what it has lost as well come first: this node has just begun and holds nothing.

        Raises:
            JournalError: Redis cannot be reached.
        """
        held = await self._thread.call(self._lease.held_by)
        await self._thread.call(self._note)
        if held is None:
            await asyncio.sleep(self._lease.lease_ms / 2_000)
            self.seen = await self.look_around()
            if [node for node in self.seen.nodes if node.note.start != self.start]:
                self._watch.away()
                return False
        await self._thread.call(self._step_in)
        return self.decides

    async def look_around(self) -> ClusterPicture:
        """Who is there.

        Raises:
            JournalError: Redis cannot be asked.
        """
        return await self._thread.call(self._nodes.picture)

    async def follow(self) -> int:
        """Folds what has been appended; how many records are left.

        A journal that this node cannot read is told once; then it goes on standing by, follows
        nothing, and never asks for the lease.

        Raises:
            JournalError: Redis cannot be asked.
        """
        if self.fault:
            return 0
        try:
            left = self.standby.fold(await self._thread.call(self.standby.look))
        except JournalCorrupt as fault:
            _log.critical("this node follows no more, and does not decide: %s", fault)
            return 0
        self.looks += 1
        return left

    @property
    def is_cut_off(self) -> bool:
        """Whether Redis could not be asked when it last looked."""
        return self.redis.is_cut_off

    def links_of_others(self) -> Iterator[LinkId]:
        """Those that other nodes hold; none while this one is cut off, for they hear nothing."""
        picture = self.seen
        if picture is None or self.is_cut_off:
            return
        for node in picture.nodes:
            if node.age_ms <= HOLDS_MS and node.note.start != self.start:
                yield from map(LinkId, node.note.links)

    async def reaches_redis(self) -> bool:
        """See `island.Reach`."""
        try:
            await self._thread.call(self._lease.renew)  # a write, and none for who has it not
        except JournalError:
            return False
        return True

    async def stand_by(
        self,
        wait: Callable[[int, float], Awaitable[None]] | None = None,
        cut_off: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Follows the journal until this node has the lease. Redis may be away meanwhile.

        Args:
            wait: returns when there are records after that one, or after so many seconds.
            cut_off: awaited after each attempt in vain to reach Redis.
        """
        self.redis.count_anew()
        while not self.decides:
            try:
                left = await self.follow()
                pause_s = await self._step_if_due(left)
                if not (left or self.decides):
                    number = self.standby.number
                    await (asyncio.sleep(pause_s) if wait is None else wait(number, pause_s))
            except JournalError as fault:
                self._watch.away()
                self.redis.missed("standing by", fault)
                await asyncio.sleep(FOLLOW_S)
                if cut_off is not None:
                    await cut_off()
            else:
                self.redis.reached("standing by")

    def serve(self, driver: Driver, is_degraded: Callable[[], bool]) -> None:
        """From now on it tells of what this driver does, and may hand over."""
        self._driver, self._is_degraded = driver, is_degraded
        self._written.obey(driver)

    def resign(self) -> None:
        """It follows from now on."""
        self.decides, self._driver = False, None

    async def give_up(self) -> None:
        """It could not begin to decide: it follows from now on, and whoever else is there has a
        lease's time to try."""
        self.resign()
        try:
            is_given = await self._thread.call(self._lease.give)
            if is_given and (await self.look_around()).others(self.start):
                self._watch.let_others(round(time.monotonic() * 1000))
        except JournalError as fault:
            _log.error("%s; it is over by itself", fault)

    async def keep(self) -> None:
        """Renews the lease until cancelled, or until it has been handed over as somebody wished.

        Raises:
            SamkoError: another engine has it: whatever this one still writes is refused.
        """
        while self.decides:
            await asyncio.sleep(self._lease.lease_ms / 1000 / RENEWALS)
            try:
                wished = await self._thread.call(self._renew)
                if self._driver is not None:
                    self._written.obey(self._driver)
                if wished and self._driver is not None:
                    await self._hand_over(wished, self._driver)
            except JournalError as fault:
                self.redis.missed("deciding", fault)  # appends tell how it goes on
            else:
                self.redis.reached("deciding")

    @asynccontextmanager
    async def holding(self) -> AsyncIterator[None]:
        """Renews the lease in the block, however long it takes; tries on when Redis is away.

        Who has lost it meanwhile hears of it by the first append, which is refused.
        """
        renewing = asyncio.create_task(self._hold())
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.wait([renewing])

    async def _hold(self) -> None:
        while True:
            await asyncio.sleep(self._lease.lease_ms / 1000 / RENEWALS)
            try:
                await self._thread.call(self._renew)
            except SamkoError as fault:
                _log.error("about to decide: %s", fault)

    async def close(self) -> None:
        """Gives up the lease if this node has it, and is there no more."""
        try:
            if self.seen is not None:  # else it never had anything there
                await self._thread.call(self._lease.give)
                await self._thread.call(self._nodes.forget, self.start)
        except JournalError as fault:
            _log.warning("%s; it ends by itself", fault)
        finally:
            self._lease.close()
            self._nodes.close()
            self.standby.close()
            self._thread.close()

    # --- in the thread ----------------------------------------------------------------------

    def _step_in(self) -> None:
        self._written.look(decides=False)
        if not self.fault and self._lease.take():
            self.decides = True
            self._kept.had(round(time.monotonic() * 1000))
        self.redis.lease(self._lease.held_by())
        if not self._note().incarnation and self.decides:  # it makes the journal
            written = self._nodes.raise_version(codec.newest_version())
            self._written.see(written, decides=True)

    async def _step_if_due(self, left: int) -> float:
        """Looks at the lease now and then; seconds until that is to be done again.

        A look takes a round trip, and in that time nothing is followed: who is far from Redis looks
        less often.
        """
        began_s = time.monotonic()
        if began_s >= self._look_s:
            await self._thread.call(self._step, left)
            took_s = time.monotonic() - began_s
            pause_s = HASTE_S if self._is_wished else FOLLOW_S
            self._look_s = began_s + max(pause_s, LOOK_SHARE * took_s)
        if self.fault:
            await asyncio.sleep(NOTE_S)
        return min(NOTE_S, max(HASTE_S, self._look_s - time.monotonic()))

    def _step(self, left: int) -> None:
        picture = self._nodes.picture() if self._has_noted(NOTE_S) else self._note()
        self._written.see(picture.version, decides=False)
        if picture.lease_left_ms > self._lease.lease_ms:
            self._lease.cap()
        self.redis.lease(picture.held)
        self._is_wished = picture.wished == self.start
        if self._is_wished and not self._has_noted(FOLLOW_S):
            self._note()
        is_emptied = self._number > 0 and not picture.incarnation
        now_ms = round(time.monotonic() * 1000)
        may_ask = self._watch.may_ask(picture.held, now_ms, is_emptied=is_emptied)
        is_fit = may_ask and not left and not self.fault
        if is_fit and not holds_less(self._nodes.picture(), self._number):
            self.decides = self._lease.take()
            if self.decides:
                self._kept.had(now_ms)
                self.redis.lease((self.start, self._lease.lease_ms))

    def _has_noted(self, within_s: float) -> bool:
        return time.monotonic() - self._noted_s < within_s

    def _renew(self) -> str:
        """Renews the lease; to whom it is wished to be given, empty if it is not."""
        now_ms = round(time.monotonic() * 1000)
        if not self._lease.renew():
            if self._lease.held_by() is None:
                self._kept.require_latest(self._nodes.picture(), self._number, now_ms)
            if not self._lease.take():
                raise SamkoError(f"another node decides on journal {self.place} now")
        self._kept.had(now_ms)
        picture = self._note()
        self.redis.lease(picture.held)
        self.redis.journal(picture, self._number)
        self._written.see(picture.version, decides=True)
        if self.fault:
            raise SamkoError(f"this engine stops deciding on journal {self.place}: {self.fault}")
        if picture.wished != self.start:
            return picture.wished
        self._nodes.forget_wish(self.start)
        return ""

    def _note(self) -> ClusterPicture:
        driver, number = self._driver, self._number
        note = NodeNote(
            self.start,
            self._host,
            self._version,
            RULES_VERSION,
            number,
            links=tuple(self.links()),
            turns=0 if driver is None else driver.beat(),
            fault=self.fault,
            reads=codec.VERSIONS,
        )
        began_s = time.monotonic()
        self.seen = picture = self._nodes.picture(note)
        self._noted_s = began_s  # who could not is not heard of, however well Redis can be read
        self.lag = max(0, picture.last_number - number)
        return picture

    # --- handing over -----------------------------------------------------------------------

    async def _hand_over(self, wished: str, driver: Driver) -> None:
        to = await agreed(wished, self._nodes, self._thread)
        if to is not None:
            driver.between_turns(partial(self._give, to, driver))

    async def _give(self, to: NodeNote, driver: Driver) -> None:
        """Between two turns of the loop: all that it has decided is journaled."""
        if self._is_degraded():
            _log.error("does not hand over: its last records are in memory only")
            return
        try:
            is_given = await self._thread.call(self._lease.give, to.start)
        except JournalError as fault:
            _log.error("%s; goes on deciding if it may", fault)
            return
        if is_given:
            self.decides = False
            number = driver.state.record_number
            raise HandedOver(f"handed over to {to.host} ({to.start}) after record {number}")
