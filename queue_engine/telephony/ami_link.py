"""One Asterisk, from its messages to the engine and back.

House rules: no `if` about queues. What happens at the switch is reported in its order; what the
engine decided is carried out only while the link is *live*: logged in, reconciled, and its own
queue mirrored. On a lost connection everything under way is dropped and never sent again; what is
true then is asked of the switch. The steps of a connection, always in this order:

1. `Connected`: where other engines may act as well, the switch is waited for and taken (`Beat`);
   `Status` gives the whole picture, `ReportSwitch` hands it to the engine;
2. `QueueStatus`: the fallback's entries are made to mirror who is signed on and ready;
3. what came meanwhile is translated, and the link is live: effects of events are sent, the
   oldest `age_ms_max` old, and the beat is shown;
4. `Disconnected`: `ReportLinkLost`, and `AmiConnection` makes the next connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from queue_engine.core.commands import (
    Command,
    OfferFailure,
    ReportCallerWaiting,
    ReportLinkLost,
    ReportOfferFailed,
    ReportSwitch,
)
from queue_engine.core.errors import EngineStopped, Refused
from queue_engine.core.events import LinkLost
from queue_engine.telephony.ami_connection import Connected, Disconnected, Mark
from queue_engine.telephony.ami_inbound import Inbound
from queue_engine.telephony.ami_message import Action, AmiMessage, AmiResponse
from queue_engine.telephony.ami_outbound import (
    CarryTicket,
    Effect,
    LookAtGateways,
    MirrorAgents,
    RingBack,
    effects_of,
)
from queue_engine.telephony.beat import Beat, Holder
from queue_engine.telephony.errands import Errands
from queue_engine.telephony.errors import NotConnected, TelephonyError
from queue_engine.telephony.link_counts import REPORTS_IN_FLIGHT_MAX, AmiCounts, LinkState
from queue_engine.telephony.link_times import LinkTimes
from queue_engine.telephony.ports import Follow, QueueView, Submit, SwitchConnection
from queue_engine.telephony.reconciler import Reconciler
from queue_engine.telephony.redirects import Redirects
from queue_engine.telephony.switchboard import Switchboard
from routing.vocabulary import ContactId, LinkId

_log = logging.getLogger(__name__)

PENDING_EFFECTS_MAX: Final = 10_000
"""Effects that may wait for a picture: whoever is found in the fallback is two."""
QUIET_MESSAGES_MAX: Final = 16
"""So many that mean nothing to the engine are read in one go."""


class AmiLink:
    """Holds one Asterisk until `run` is cancelled.

    Args:
        link_id: the Asterisk's `systemname`.
        connection: to its manager; the link starts and closes it.
        submit: hands a command to the engine.
        follow: gives the engine's records from now on.
        view: what the engine holds.
        beat: a number that changes as long as the deciding loop lives.
        now_ms: the engine's clock.
        times: deadlines and intervals.
        holder: this engine, where others may come to the same Asterisk: one of them acts.
        alive: a number that changes as long as this engine lives, where another one may decide.
    """

    def __init__(
        self,
        link_id: LinkId,
        connection: SwitchConnection,
        *,
        submit: Submit,
        follow: Follow,
        view: QueueView,
        beat: Callable[[], int],
        now_ms: Callable[[], int],
        times: LinkTimes | None = None,
        holder: Holder | None = None,
        alive: Callable[[], int] | None = None,
    ) -> None:
        self.link_id: Final = link_id
        self.state = LinkState.DOWN
        self.counts = AmiCounts()
        self.board = Switchboard()
        self._times = times or LinkTimes()
        self.connection = connection
        self._submit = submit
        self._follow = follow
        self._view = view
        self._now_ms = now_ms
        self._tasks: asyncio.TaskGroup | None = None
        self._room = asyncio.Semaphore(REPORTS_IN_FLIGHT_MAX)
        self._pending: deque[tuple[Effect, int]] = deque()
        self._is_behind = False
        self._stalls = 0
        self._attempt = 0
        """Of the connection that the reader has come to."""
        self._has_taken = False
        """Whether this engine has been the one that acts there, on this connection."""
        self.inbound = Inbound(link_id, self.board, self._is_contact)
        self.redirects = Redirects(
            link_id,
            self.board,
            view,
            send=self._send,
            report=self._report,
            ask_anew=self.ask_anew,
            spawn=lambda work: self._group.create_task(work),
            now_ms=now_ms,
            times=self._times.redirect,
        )
        self.errands = Errands(
            link_id,
            self.board,
            view,
            send=self._send,
            report=self._report,
            ask_anew=self.ask_anew,
            status_s=self._times.status_s,
        )
        self.reconciler = Reconciler(
            link_id,
            self.board,
            connection,
            is_contact=self._is_contact,
            is_moving=self.redirects.is_moving,
            now_ms=now_ms,
            status_s=self._times.status_s,
            settle_s=self._times.settle_s,
        )
        self.beat = Beat(link_id, self._send, beat, self._times.beat, holder, alive)
        self._bringing_up: asyncio.Task[None] | None = None
        self._wanted_anew = asyncio.Event()
        self._seen_ms: int | None = None
        """When the switch last gave a sign of life."""

    async def run(self) -> None:
        """Hold the link until cancelled; the connection is closed then."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                tasks.create_task(self._follow_records())
                tasks.create_task(self._read())
                tasks.create_task(self.errands.run())
                tasks.create_task(
                    self.beat.show(lambda: self.state is LinkState.LIVE, self.connection.drop)
                )
                tasks.create_task(self._reconcile_now_and_then())
                self.connection.start()
        finally:
            if self.state is not LinkState.DOWN:
                await self.beat.release()
            self.state = LinkState.DOWN
            await self.connection.close()

    async def reconcile(self) -> bool:
        """Compare the engine with the switch now; False if the link is not live or it failed.

        While the link is down there is nothing to do: its next connection begins with the same.
        """
        if self.state is not LinkState.LIVE:
            return False
        try:
            is_done = await self.reconciler.check()
            await self.errands.refresh()
        except TelephonyError as exc:
            _log.warning("%s: not reconciled: %s", self.link_id, exc)
            return False
        return is_done

    def ask_anew(self) -> None:
        """Have the link reconciled soon; however often, no more than once a pause."""
        self._wanted_anew.set()

    def stalled(self) -> None:
        """What is read next may be old: it is reported, and nothing is done at the switch before
        a new picture stands behind it. The caller in the fallback may be talking by now."""
        self._is_behind = True
        self._stalls += 1
        self.reconciler.void()
        self.ask_anew()

    def _taken_for_lost(self) -> None:
        """By another engine, which decides from now on: it goes by a new picture."""
        if self.state is LinkState.LIVE:
            self.stalled()

    # --- from the switch ------------------------------------------------------------------

    async def _read(self) -> None:
        async for item in self.connection.messages():
            match item:
                case AmiMessage() if self.state is LinkState.LIVE:
                    await self._heard(item)
                case AmiMessage() if self.state is LinkState.RECONCILING:
                    self._keep(item)
                case Connected(attempt):
                    self._attempt = attempt
                    self.counts.connections += 1
                    self._is_behind = False
                    self._drop_what_was_under_way()
                    is_shared = self.beat.is_shared
                    self.state = LinkState.HELD if is_shared else LinkState.RECONCILING
                    self._bringing_up = self._group.create_task(self._bring_up())
                case Disconnected():
                    await self._lost()
                case Mark():
                    await self._picture_ready(item)
        raise TelephonyError(f"{self.connection.place}: nobody keeps the connection any more")

    def _keep(self, message: AmiMessage) -> None:
        if not self.reconciler.collect(message):
            self.connection.drop("too many events while the link is reconciled")

    async def _heard(self, message: AmiMessage) -> None:
        self.counts.messages += 1
        self._seen_ms = self._now_ms()
        leg_id = message.get("uniqueid")
        leg = self.board.legs.get(leg_id)
        commands = self.inbound.translate(message, self._now_ms())
        self.reconciler.observe(message, commands)
        if leg_id:
            is_hangup = message.event == "Hangup" and leg is not None
            self.redirects.observe(leg_id, leg.phone_id if is_hangup and leg else None)
        for command in commands:
            if isinstance(command, ReportCallerWaiting) and self.redirects.holds_back(command):
                continue
            await self._report(command)
        # A burst of messages shall not keep what it caused from starting. Most cause nothing, and
        # what comes behind them shall not wait for a turn of the loop each.
        if commands or not self.counts.messages % QUIET_MESSAGES_MAX:
            await asyncio.sleep(0)

    async def _bring_up(self) -> None:
        """From logged in to live."""
        try:
            await self.beat.take()
            self._has_taken = True
            self.state = LinkState.RECONCILING
            self.redirects.await_none()
            report, is_certain = await self.reconciler.renew()
            await asyncio.wait({await self._report(report)})
            await self.errands.refresh()
        except TelephonyError as exc:
            self.state = LinkState.DOWN
            _log.error("%s: connected and not reconciled: %s", self.link_id, exc)
            self.connection.drop(f"not reconciled: {exc}")
            return
        while (message := self.reconciler.next_collected()) is not None:
            await self._heard(message)
        self.state = LinkState.LIVE
        _log.info("%s: live, %d callers", self.link_id, len(report.callers))
        if not is_certain:
            self.ask_anew()
        for caller in report.callers:
            if self.errands.is_ticket_old(caller):
                self._carry_out(CarryTicket(caller.contact_id), self._now_ms())
        self._carry_out_pending()

    async def _lost(self) -> None:
        was_up = self.state is not LinkState.DOWN
        self.state = LinkState.DOWN
        self._drop_what_was_under_way()
        if was_up:
            self.counts.losses += 1
        if self._has_taken or not self.beat.is_shared:  # else another one may hold it all along
            await self._report(ReportLinkLost(self.link_id, self._seen_ms))
        self._has_taken = False

    def _drop_what_was_under_way(self) -> None:
        if self._bringing_up is not None:
            self._bringing_up.cancel()
            self._bringing_up = None
        self.redirects.forget()
        self.errands.forget()
        self.reconciler.forget()
        self._pending.clear()
        self._wanted_anew.clear()

    async def _picture_ready(self, mark: Mark) -> None:
        report = self.reconciler.report_of(mark.number)
        if report is not None:
            self._is_behind = False
            self._carry_out_pending()
            taken = await self._report(report)
            taken.add_done_callback(lambda _: self.reconciler.reported(mark.number))

    async def _report(self, command: Command) -> asyncio.Task[None]:
        """Hand over a command in order, but no old news (`Beat`); the task is its journaling."""
        if not (isinstance(command, ReportLinkLost) or await self.beat.may_tell()):
            self.connection.drop("another engine may act there")
            return self._group.create_task(asyncio.sleep(0))
        await self._room.acquire()
        self.counts.reports += 1
        self.counts.pictures += isinstance(command, ReportSwitch)
        return self._group.create_task(self._submit_one(command))

    async def _submit_one(self, command: Command) -> None:
        try:
            await self._submit(command)
        except (EngineStopped, Refused) as exc:
            self.counts.reports_failed += 1
            _log.error("%s: %s not taken: %s", self.link_id, type(command).__name__, exc)
            self.ask_anew()
        finally:
            self._room.release()

    # --- to the switch --------------------------------------------------------------------

    async def _follow_records(self) -> None:
        while True:
            try:
                records = self._follow()
                self.redirects.await_none()
                if self.counts.feed_cuts:
                    self.ask_anew()  # what was missed comes no more
                async for record in records:
                    for event in record.events:
                        if isinstance(event, LinkLost) and event.link_id == self.link_id:
                            self._taken_for_lost()
                        for effect in effects_of(event, self.link_id):
                            self._take(effect, record.at_ms)
            except EngineStopped:
                return
            self.counts.feed_cuts += 1
            await asyncio.sleep(self._times.follow_again_s)

    def _take(self, effect: Effect, at_ms: int) -> None:
        if self.state is LinkState.LIVE and not self._is_behind:
            self._carry_out(effect, at_ms)
        elif self.state not in (LinkState.RECONCILING, LinkState.LIVE):
            self.counts.effects_dropped += 1  # what is true then, its picture will tell
        elif len(self._pending) < PENDING_EFFECTS_MAX:
            self._pending.append((effect, at_ms))
        else:
            self.counts.effects_dropped += 1
            self.ask_anew()

    def _carry_out_pending(self) -> None:
        while self._pending:
            self._carry_out(*self._pending.popleft())

    def _carry_out(self, effect: Effect, at_ms: int) -> None:
        if isinstance(effect, CarryTicket | MirrorAgents | LookAtGateways):
            self.errands.take(effect)
        elif isinstance(effect, RingBack):
            self._group.create_task(self._cannot_ring_back(effect))
        else:
            self.redirects.move(effect, at_ms)

    async def _cannot_ring_back(self, effect: RingBack) -> None:
        """The dialplan has no context for it yet: the offer fails, and that is nobody's fault."""
        _log.error("%s: offer %d: cannot ring anybody back", self.link_id, effect.offer)
        failure = OfferFailure.CANCELLED
        await self._report(ReportOfferFailed(effect.contact_id, effect.offer, failure))

    async def _send(self, action: Action, timeout_s: float | None = None) -> AmiResponse:
        if self.connection.attempts != self._attempt:  # what came before is unread
            raise NotConnected(f"{action['Action']} not sent: cut meanwhile")
        response = await self.connection.action(action, timeout_s)
        self._seen_ms = self._now_ms()
        return response

    async def _reconcile_now_and_then(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._times.reconcile_every_s):
                    await self._wanted_anew.wait()
            except TimeoutError:
                pass  # nobody asked: the regular one
            if self.state is LinkState.LIVE:  # else it is wanted still when it is
                self._wanted_anew.clear()
            stalls = self._stalls
            # What a stall has voided was asked for too early, and is asked for anew.
            if not await self.reconcile() and self._is_behind and stalls == self._stalls:
                self.connection.drop("no picture after a stall")
            await asyncio.sleep(self._times.reconcile_pause_s)

    # --- small ----------------------------------------------------------------------------

    @property
    def _group(self) -> asyncio.TaskGroup:
        assert self._tasks is not None, "the link does not run"
        return self._tasks

    def _is_contact(self, contact_id: ContactId) -> bool:
        return self._view.link_of(contact_id) == self.link_id
