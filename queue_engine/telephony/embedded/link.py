"""The embedded network as a link of the engine: reports in, effects out.

House rules: as those of `ami_link`, as far as they have a meaning without a connection. What
happens in the network is reported in its order; what the engine decided is carried out only while
the link is live, and only what still stands. A link that is taken up, or taken up again, begins
with the whole picture. Network and engine share one thread: an effect is never too old to be
carried out, and a picture never behind the reports before it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, assert_never

from queue_engine.core.commands import CallerPlace, Command, ReportLinkLost, ReportSwitch
from queue_engine.core.errors import EngineStopped, Refused
from queue_engine.telephony.ami_outbound import (
    CarryTicket,
    Effect,
    FetchFromFallback,
    LookAtGateways,
    MirrorAgents,
    RingBack,
    RingPhone,
    TakeBack,
    effects_of,
)
from queue_engine.telephony.embedded.network import EmbeddedNetwork
from queue_engine.telephony.link_counts import REPORTS_IN_FLIGHT_MAX, LinkCounts, LinkState
from queue_engine.telephony.ports import Follow, QueueView, Submit
from routing.vocabulary import ContactId, LinkId

_log = logging.getLogger(__name__)

REPORTS_MAX: Final = 20_000
"""Reports that may wait for the engine; with one more the link begins anew with a picture."""
FOLLOW_AGAIN_S: Final = 0.1
PAUSE_S: Final = 1.0
"""At least so long between two pictures, however often one is asked for."""


@dataclass(slots=True)
class EmbeddedCounts(LinkCounts):
    """What only the embedded network's link has."""

    reports_dropped: int = 0
    """Were too many."""
    effects: int = 0
    overtaken: int = 0
    """Offers that no longer stood when their turn to ring came."""


class EmbeddedLink:
    """Joins a network to the engine until `run` is cancelled; the network's calls go on then.

    Args:
        network: the network.
        submit: hands a command to the engine.
        follow: gives the engine's records from now on.
        view: what the engine holds.
        now_ms: the engine's clock.
    """

    def __init__(
        self,
        network: EmbeddedNetwork,
        *,
        submit: Submit,
        follow: Follow,
        view: QueueView,
        now_ms: Callable[[], int],
    ) -> None:
        self.link_id: Final[LinkId] = network.link_id
        self.state = LinkState.DOWN
        self.counts = EmbeddedCounts()
        self._network = network
        self._exchange = network.exchange
        self._submit = submit
        self._follow = follow
        self._view = view
        self._now_ms = now_ms
        self._outbox: deque[Command] = deque()
        self._filled = asyncio.Event()
        self._room = asyncio.Semaphore(REPORTS_IN_FLIGHT_MAX)
        self._tasks: asyncio.TaskGroup | None = None
        self._last_offer = 0
        self._wanted_anew = asyncio.Event()

    async def run(self) -> None:
        """Hold the link until cancelled."""
        for caller in self._exchange.picture():
            # Offers of a former engine: what it wanted has been told, or never will be.
            self._last_offer = max(self._last_offer, self._view.offer_of(caller.contact_id) or 0)
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                tasks.create_task(self._follow_records())
                tasks.create_task(self._hand_over())
                tasks.create_task(self._reconcile_when_asked())
                self.mend()
        finally:
            self._tasks = None
            self._down()

    def cut(self) -> None:
        """The link is lost, as by a fault: calls and phones go on, and the engine is told."""
        if self.state is not LinkState.DOWN:
            self._down()
            self.counts.losses += 1
            self._put(ReportLinkLost(self.link_id))

    def mend(self) -> None:
        """The link is there again; the engine gets the whole picture. Only while `run` runs."""
        if self.state is LinkState.DOWN and self._tasks is not None:
            self.state = LinkState.LIVE
            self._exchange.report_to(self._report)
            self._put_picture()
            _log.info("%s: live, %d callers", self.link_id, len(self._exchange.calls))

    async def reconcile(self) -> bool:
        """Have the engine compare itself with the network; False if the link is not live."""
        if self.state is not LinkState.LIVE:
            return False
        self._put_picture()
        return True

    def stalled(self) -> None:
        """The engine stood still and has taken all links for lost: it gets a new picture."""
        self.ask_anew()

    def ask_anew(self) -> None:
        """Have a picture reported soon; however often, no more than once in `PAUSE_S`."""
        self._wanted_anew.set()

    # --- to the engine ----------------------------------------------------------------------

    def _down(self) -> None:
        self.state = LinkState.DOWN
        self._exchange.report_to(None)
        self._outbox.clear()

    def _report(self, command: Command) -> None:
        if len(self._outbox) < REPORTS_MAX:
            self._put(command)
            return
        self.counts.reports_dropped += len(self._outbox)
        _log.error("%s: %d reports wait: begun anew", self.link_id, len(self._outbox))
        self._outbox.clear()
        self._put(ReportLinkLost(self.link_id))
        self._put_picture()

    def _put(self, command: Command) -> None:
        self._outbox.append(command)
        self._filled.set()

    def _put_picture(self) -> None:
        """The picture stands behind all that was reported, and so is true in its place."""
        callers = tuple(
            replace(caller, place=CallerPlace.MENU, phone_id=None, offer=None)
            if self._is_moving(caller.contact_id)
            else caller
            for caller in self._exchange.picture()
        )
        self.counts.pictures += 1
        self._put(ReportSwitch(self.link_id, self._now_ms(), callers))

    async def _hand_over(self) -> None:
        while True:
            while self._outbox:
                await self._room.acquire()
                if not self._outbox:  # cut while waiting for room
                    self._room.release()
                    break
                self.counts.reports += 1
                assert self._tasks is not None
                self._tasks.create_task(self._submit_one(self._outbox.popleft()))
            self._filled.clear()
            await self._filled.wait()

    async def _submit_one(self, command: Command) -> None:
        try:
            await self._submit(command)
        except (EngineStopped, Refused) as exc:
            self.counts.reports_failed += 1
            _log.error("%s: %s not taken: %s", self.link_id, type(command).__name__, exc)
            self.ask_anew()
        finally:
            self._room.release()

    async def _reconcile_when_asked(self) -> None:
        while True:
            await self._wanted_anew.wait()
            self._wanted_anew.clear()
            await self.reconcile()
            await asyncio.sleep(PAUSE_S)

    def _is_moving(self, contact_id: ContactId) -> bool:
        """Whether an offer of his is decided and on its way to us."""
        offer = self._view.offer_of(contact_id)
        return offer is not None and offer > self._last_offer

    # --- from the engine --------------------------------------------------------------------

    async def _follow_records(self) -> None:
        while True:
            try:
                async for record in self._follow():
                    for event in record.events:
                        for effect in effects_of(event, self.link_id):
                            self._take(effect)
            except EngineStopped:
                return
            self.counts.feed_cuts += 1
            self.ask_anew()
            await asyncio.sleep(FOLLOW_AGAIN_S)

    def _take(self, effect: Effect) -> None:
        if isinstance(effect, RingPhone | RingBack):
            self._last_offer = max(self._last_offer, effect.offer)
        if self.state is LinkState.LIVE:
            self.counts.effects += 1
            self._carry_out(effect)
        else:
            self.counts.effects_dropped += 1

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case RingPhone():
                if self._view.offer_of(effect.contact_id) == effect.offer:
                    self._exchange.ring(effect.contact_id, effect.offer, effect.phone_id)
                else:
                    self.counts.overtaken += 1
                    self._exchange.not_rung(effect.contact_id, effect.offer)
            case RingBack():
                if self._view.offer_of(effect.contact_id) == effect.offer:
                    self._ring_back(effect)
                else:
                    self.counts.overtaken += 1
            case TakeBack():
                self._exchange.take_back(effect.contact_id, effect.offer)
            case FetchFromFallback():
                self._exchange.fetch(effect.contact_id)
            case CarryTicket():
                carried = self._view.ticket_of(effect.contact_id)
                if carried is not None:
                    self._exchange.carry(*carried)
            case MirrorAgents() | LookAtGateways():
                pass  # the network has no queue of its own that could know them, and no trunk
            case _:
                assert_never(effect)

    def _ring_back(self, effect: RingBack) -> None:
        call = self._network.call_back(effect.contact_id)
        self._exchange.ring_back(call, effect.offer, effect.phone_id)
        carried = self._view.ticket_of(effect.contact_id)
        if carried is not None:
            self._exchange.carry(*carried)
