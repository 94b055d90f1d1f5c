"""This engine among those on one journal in Redis: it stands by, decides, and hands over.

All that it asks of Redis beside the journal it asks in one thread of its own, one thing at a time.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import Final, TypeVar

from queue_engine.core.errors import JournalCorrupt, JournalError, Refused, SamkoError
from queue_engine.core.record import RULES_VERSION
from queue_engine.journal.base import NoJournal
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_lease import LEASE_MS, RedisLease
from queue_engine.journal.redis_nodes import NodeNote, RedisNodes
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.journal.redis_reading import open_begun
from queue_engine.runtime.driver import Driver
from queue_engine.runtime.standby import Held, Standby
from queue_engine.serve.hand_over import HandedOver, successor
from queue_engine.serve.lease_watch import LeaseWatch

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

FOLLOW_S: Final = 0.1
"""How often one who stands by reads on and looks at the lease."""
HASTE_S: Final = 0.005
"""The same while the lease is about to be handed to it."""
NOTICE_S: Final = 3 * FOLLOW_S
"""From when the decider sees a wish until it hands over: by then the other one has said that it
is there, and is in haste."""
NOTE_S: Final = 1.0
RENEWALS: Final = 4
"""In the time that a lease lasts: three may fail before it is over."""


class Node:
    """One start of an engine.

    Args:
        place: of the journal.
        lease_ms: how long the lease is held each time.
    """

    def __init__(self, place: RedisPlace, lease_ms: int = LEASE_MS) -> None:
        self.place = place
        self.start: Final = secrets.token_hex(8)
        """Its name, and the lease's holder while it decides."""
        self.standby = Standby(partial(_open_followed, place))
        self.lag = 0
        """Records that the journal had and this node did not, when it last looked."""
        self.held: tuple[str, int] | None = None
        """Who had the lease then, and for how many milliseconds more."""
        self.is_cut_off = False
        """Whether Redis could not be asked then."""
        self.decides = False
        self._lease = RedisLease(place, self.start, lease_ms)
        self._nodes = RedisNodes(place)
        self._watch = LeaseWatch(self.start, lease_ms)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="node")
        self._noted_s = float("-inf")
        self._driver: Driver | None = None
        self._is_degraded: Callable[[], bool] = bool
        self._host = socket.gethostname()
        self._version = version("samko")

    async def take(self) -> bool:
        """Takes the lease if nobody has it; whether this node decides.

        Raises:
            JournalError: Redis cannot be reached.
        """
        await self._in_thread(self._step_in)
        return self.decides

    async def stand_by(self) -> None:
        """Follows the journal until this node has the lease.

        Redis may be away meanwhile. A journal that this node cannot read is told once; then it
        goes on standing by, and never asks for the lease.
        """
        while not self.decides:
            try:
                pause_s = await self._in_thread(self._step)
            except JournalError as fault:
                self._watch.away()
                if not self.is_cut_off:
                    _log.error("standing by, and trying on: %s", fault)
                self.is_cut_off = True
                pause_s = FOLLOW_S
            else:
                if self.is_cut_off:
                    _log.warning("standing by: journal %s is in reach again", self.place)
                self.is_cut_off = False
            if not self.decides:
                await asyncio.sleep(pause_s)

    async def let_go(self) -> Held | None:
        """What was folded while standing by, for the one who decides now; asked once."""
        return await self._in_thread(self.standby.let_go)

    def serve(self, driver: Driver, is_degraded: Callable[[], bool]) -> None:
        """From now on it tells of what this driver does, and may hand over."""
        self._driver, self._is_degraded = driver, is_degraded

    async def keep(self) -> None:
        """Renews the lease until cancelled, or until it has been handed over as somebody wished.

        Raises:
            SamkoError: another engine has it: whatever this one still writes is refused.
        """
        while self.decides:
            await asyncio.sleep(self._lease.lease_ms / 1000 / RENEWALS)
            try:
                wished = await self._in_thread(self._renew)
                if wished and self._driver is not None:
                    await self._hand_over(wished, self._driver)
            except JournalError as fault:
                _log.error("%s", fault)  # appends fail as well, and tell how it goes on

    async def close(self) -> None:
        """Gives up the lease if this node has it, and is there no more."""
        try:
            await self._in_thread(self._lease.give)
            await self._in_thread(self._nodes.forget, self.start)
        except JournalError as fault:
            _log.warning("%s; it ends by itself", fault)
        finally:
            self._lease.close()
            self._nodes.close()
            self.standby.close()
            self._thread.shutdown()

    # --- in the thread ----------------------------------------------------------------------

    def _step_in(self) -> None:
        self.decides = self._lease.take()
        self.held = self._lease.held_by()
        self._note()

    def _step(self) -> float:
        """Reads on and looks at the lease; seconds until that is to be done again."""
        try:
            left = 0 if self.standby.fault else self.standby.follow()
        except JournalCorrupt as fault:
            _log.critical("this node follows no more, and does not decide: %s", fault)
            left = 0
        self.held = self._lease.held_by()
        is_wished = self._nodes.wished() == self.start
        if time.monotonic() - self._noted_s >= (FOLLOW_S if is_wished else NOTE_S):
            self._note()
        if self.standby.fault is not None:
            return NOTE_S
        if self._watch.may_ask(self.held, round(time.monotonic() * 1000)) and not left:
            self.decides = self._lease.take()
        if left:
            return 0.0
        return HASTE_S if is_wished else FOLLOW_S

    def _renew(self) -> str:
        """Renews the lease; to whom it is wished to be given, empty if it is not."""
        if not self._lease.take():
            raise SamkoError(f"another engine decides on journal {self.place} now")
        self._note()
        wished = self._nodes.wished()
        if wished == self.start:
            self._nodes.forget_wish()
            return ""
        return wished

    def _note(self) -> None:
        links: tuple[str, ...] = ()
        number = self.standby.number
        if self._driver is not None:
            state = self._driver.state
            number = state.record_number
            links = tuple(sorted(link for link, is_up in dict(state.links).items() if is_up))
        fault = "" if self.standby.fault is None else str(self.standby.fault)
        note = NodeNote(
            self.start, self._host, self._version, RULES_VERSION, number, links=links, fault=fault
        )
        self._noted_s = time.monotonic()
        self.lag = max(0, self._nodes.note(note) - number)

    async def _in_thread(self, call: Callable[..., _T], *args: object) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)

    # --- handing over -----------------------------------------------------------------------

    async def _hand_over(self, wished: str, driver: Driver) -> None:
        await asyncio.sleep(NOTICE_S)
        try:
            to = successor(await self._in_thread(self._nodes.picture), wished)
            if to.age_ms > NOTICE_S * 1000:
                raise Refused("no_answer", f"node {wished} does not answer")
        except Refused as refused:
            _log.warning("asked to hand over, and does not: %s", refused)
            await self._in_thread(self._nodes.forget_wish)
            return
        driver.between_turns(partial(self._give, to.note, driver))

    async def _give(self, to: NodeNote, driver: Driver) -> None:
        """Between two turns of the loop: all that it has decided is journaled."""
        if self._is_degraded():
            _log.error("does not hand over: its last records are in memory only")
            return
        try:
            is_given = await self._in_thread(self._lease.give, to.start)
        except JournalError as fault:
            _log.error("%s; goes on deciding if it may", fault)
            return
        if is_given:
            self.decides = False
            number = driver.state.record_number
            raise HandedOver(f"handed over to {to.host} ({to.start}) after record {number}")


@asynccontextmanager
async def joined(place: RedisPlace) -> AsyncIterator[Node]:
    """A node on the journal; at the end it has given up the lease."""
    node = Node(place)
    try:
        yield node
    finally:
        await node.close()


def _open_followed(place: RedisPlace) -> RedisJournal | None:
    try:
        return open_begun(place)
    except NoJournal:
        return None
