"""Moving callers: one Redirect in flight per caller, and only while it still makes sense.

House rules: Asterisk takes a Redirect that follows another too closely for a caller who is not
there, so the next one waits until the first has *landed* (the phone is being dialled, the caller is
back, has hung up), or `landing_s`. Of several moves that wait, the newest alone counts. Each is
looked at once more before it is sent: never out of a talk, never for an offer that no longer
stands, never when it is older than `age_ms_max`. What is in doubt is asked of the switch anew.

A caller may be reported waiting while his Redirect to an offer is under way: old news of his last
return. Such a report is held back until the Redirect has landed, which makes it void, or has not.
And one whose offer was over before he was sent anywhere is still waiting, with nothing to come
that would say so: it is reported for him.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from queue_engine.core.commands import (
    CallerPlace,
    Command,
    OfferFailure,
    ReportCallerGone,
    ReportCallerWaiting,
    ReportOfferFailed,
    SeenCaller,
)
from queue_engine.telephony.ami_message import Action, AmiResponse
from queue_engine.telephony.ami_outbound import (
    Move,
    RingPhone,
    redirect_to_offer,
    redirect_to_waiting,
)
from queue_engine.telephony.errors import NotConnected, OutcomeUnknown, TelephonyError
from queue_engine.telephony.ports import QueueView
from queue_engine.telephony.switchboard import Leg, Switchboard
from routing.vocabulary import ContactId, LinkId, PhoneId

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RedirectTimes:
    """Bounds of one move."""

    age_ms_max: int = 2_000
    """An older effect is never sent."""
    landing_s: float = 0.5
    phone_free_s: float = 0.5
    """How long an offer waits for the phone's former leg to be torn down, or for an offer that was
    withdrawn on its way to it."""
    tries: int = 5
    """Of a Redirect that Asterisk answers with `channel not up`."""
    retry_s: float = 0.1
    gone_s: float = 2.0
    """How long a caller whose channel is said not to exist may be missing his Hangup."""


@dataclass(slots=True)
class RedirectCounts:
    """What became of the moves."""

    sent: int = 0
    stale: int = 0
    """Too old to be sent."""
    overtaken: int = 0
    """No longer made sense when their turn came."""
    retried: int = 0
    refused: int = 0
    """Asterisk would not."""
    not_landed: int = 0
    """Taken by Asterisk, and the caller was not seen there in time."""
    held_back: int = 0
    """Reports that were void by the time they came."""


@dataclass(slots=True, eq=False)
class _Lane:
    """One caller's moves."""

    wanted: tuple[Move, int] | None = None
    """The newest move that waits, and when it was decided."""
    flight: Move | None = None
    has_landed: bool = False
    moves_before: int = 0
    held: ReportCallerWaiting | None = None
    skipped_at: int | None = None
    """The caller's `moves` when an offer was given up unsent: until they change, he waits."""
    waits_for: PhoneId | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    worker: asyncio.Task[None] | None = None


class Redirects:
    """All lanes of one link.

    Args:
        link_id: the link.
        board: its switchboard, read only.
        view: what the engine holds.
        send: sends one action; raises `TelephonyError`.
        report: hands a command to the engine.
        ask_anew: asks for a reconciliation soon.
        spawn: runs a worker until it is done.
        now_ms: the engine's clock.
        times: bounds.
    """

    def __init__(
        self,
        link_id: LinkId,
        board: Switchboard,
        view: QueueView,
        *,
        send: Callable[[Action], Awaitable[AmiResponse]],
        report: Callable[[Command], Awaitable[object]],
        ask_anew: Callable[[], None],
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        now_ms: Callable[[], int],
        times: RedirectTimes,
    ) -> None:
        self.counts = RedirectCounts()
        self._link_id = link_id
        self._board = board
        self._view = view
        self._send = send
        self._report = report
        self._ask_anew = ask_anew
        self._spawn = spawn
        self._now_ms = now_ms
        self._times = times
        self._lanes: dict[ContactId, _Lane] = {}
        self._last_offer = 0

    # --- from the link --------------------------------------------------------------------

    def move(self, move: Move, at_ms: int) -> None:
        """Carry out `move`, decided at `at_ms`, when its turn comes."""
        if isinstance(move, RingPhone):
            self._last_offer = max(self._last_offer, move.offer)
        lane = self._lanes.get(move.contact_id)
        if lane is None:
            lane = self._lanes[move.contact_id] = _Lane()
            lane.wanted = (move, at_ms)
            lane.worker = self._spawn(self._work(move.contact_id, lane))
            return
        if lane.wanted is not None:
            self._skip(lane, lane.wanted[0])
        lane.wanted = (move, at_ms)
        lane.wake.set()

    def observe(self, leg_id: str, freed_phone: PhoneId | None) -> None:
        """The board has changed for this leg; `freed_phone`: whose leg has hung up."""
        lane = self._lanes.get(ContactId(leg_id))
        if lane is not None:
            if lane.flight is not None and not lane.has_landed and self._has_landed(lane):
                lane.has_landed = True
                self._void_held(lane)
            lane.wake.set()
        if freed_phone is not None:
            self._wake_for(freed_phone)

    def holds_back(self, report: ReportCallerWaiting) -> bool:
        """Whether the report is kept here until it is known if it still is true."""
        lane = self._lanes.get(report.caller.contact_id)
        if lane is None or lane.has_landed or not isinstance(lane.flight, RingPhone):
            return False
        self._void_held(lane)
        lane.held = report
        return True

    def is_moving(self, contact_id: ContactId) -> bool:
        """Whether the caller's place is in doubt: a move is under way, or about to be."""
        if contact_id in self._lanes:
            return True
        offer = self._view.offer_of(contact_id)
        return offer is not None and offer > self._last_offer

    def await_none(self) -> None:
        """What was decided up to now has been told here, or never will be: another engine was to
        do it, or there was no connection."""
        self._last_offer = max(self._last_offer, self._view.last_offer())

    def forget(self) -> None:
        """Drop all: the connection is gone, and what was under way is never sent again."""
        for lane in self._lanes.values():
            lane.held = None
            if lane.worker is not None:
                lane.worker.cancel()
        self._lanes.clear()

    # --- one lane -------------------------------------------------------------------------

    async def _work(self, contact_id: ContactId, lane: _Lane) -> None:
        try:
            while lane.wanted is not None:
                move, at_ms = lane.wanted
                lane.wanted = None
                if isinstance(move, RingPhone):
                    await self._ring(lane, move, at_ms)
                else:
                    await self._bring_back(lane, move, at_ms)
                if lane.wanted is None:
                    await self._tell_still_waiting(lane, contact_id)
        finally:
            if self._lanes.get(contact_id) is lane:
                del self._lanes[contact_id]

    async def _ring(self, lane: _Lane, move: RingPhone, at_ms: int) -> None:
        lane.waits_for = move.phone_id
        await self._until(
            lane,
            lambda: lane.wanted is not None or self._is_free(lane, move.phone_id),
            self._times.phone_free_s,
        )
        lane.waits_for = None
        if not self._stands(lane, move) or self._is_stale(at_ms):
            return
        action = redirect_to_offer(move.contact_id, move.offer, move.phone_id)
        if action is None or self._view.link_of(move.contact_id) != self._link_id:
            _log.error("offer %d: %r cannot be rung from here", move.offer, move.phone_id)
            await self._fail(move, OfferFailure.UNREACHABLE)
            self._ask_anew()
        else:
            await self._redirect(lane, move, action)

    def _wake_for(self, phone_id: PhoneId) -> None:
        for lane in self._lanes.values():
            if lane.waits_for == phone_id:
                lane.wake.set()

    def _is_free(self, lane: _Lane, phone_id: PhoneId) -> bool:
        """Whether no call is at the phone, or on its way there though no event tells of it yet."""
        return not self._board.is_phone_in_use(phone_id) and not any(
            other is not lane
            and isinstance(other.flight, RingPhone)
            and other.flight.phone_id == phone_id
            for other in self._lanes.values()
        )

    async def _bring_back(self, lane: _Lane, move: Move, at_ms: int) -> None:
        if self._stands(lane, move) and not self._is_stale(at_ms):
            await self._redirect(lane, move, redirect_to_waiting(move.contact_id))

    def _stands(self, lane: _Lane, move: Move) -> bool:
        """Whether the move still makes sense, by all that is known at this moment."""
        leg = self._board.caller(move.contact_id)
        offer = self._view.offer_of(move.contact_id)
        if lane.wanted is not None or (leg is not None and leg.talk is not None):
            stands = False
        elif isinstance(move, RingPhone):
            stands = offer == move.offer
        else:
            stands = leg is not None and _is_astray(leg, offer)
        if not stands:
            self._skip(lane, move)
        return stands

    def _skip(self, lane: _Lane, move: Move) -> None:
        self.counts.overtaken += 1
        leg = self._board.caller(move.contact_id)
        if isinstance(move, RingPhone) and leg is not None:
            lane.skipped_at = leg.moves

    async def _tell_still_waiting(self, lane: _Lane, contact_id: ContactId) -> None:
        """The engine believes him on his way to a phone that he was never sent to."""
        leg = self._board.caller(contact_id)
        if leg is None or leg.moves != lane.skipped_at or leg.place is not CallerPlace.WAITING:
            return
        if self._view.offer_of(contact_id) is None:
            caller = SeenCaller(contact_id, CallerPlace.WAITING, self._now_ms())
            await self._report(ReportCallerWaiting(self._link_id, caller))

    def _is_stale(self, at_ms: int) -> bool:
        if self._now_ms() - at_ms <= self._times.age_ms_max:
            return False
        self.counts.stale += 1
        self._ask_anew()
        return True

    async def _redirect(self, lane: _Lane, move: Move, action: Action) -> None:
        try:
            await self._send_until_taken(lane, move, action)
        finally:
            lane.flight = None
            if isinstance(move, RingPhone):
                self._wake_for(move.phone_id)
            held, lane.held = lane.held, None
        if held is not None:
            await self._report(held)

    async def _send_until_taken(self, lane: _Lane, move: Move, action: Action) -> None:
        for number in range(self._times.tries):
            if number:
                self.counts.retried += 1
                await asyncio.sleep(self._times.retry_s)
                if not self._stands(lane, move):
                    return
            refusal = await self._send_once(lane, move, action)
            if refusal is None:
                return
            if "does not exist" in refusal:
                await self._gone(lane, move.contact_id)
                return
            if "not up" not in refusal:
                break
        self.counts.refused += 1
        _log.warning("%s: Redirect refused: %s", self._link_id, refusal)
        self._ask_anew()
        if isinstance(move, RingPhone):
            await self._fail(move, OfferFailure.CANCELLED)

    async def _gone(self, lane: _Lane, contact_id: ContactId) -> None:
        """The channel has ended; its Hangup, and what came before, may lag behind the answer."""
        await self._until(lane, lambda: contact_id not in self._board.legs, self._times.gone_s)
        if not self._board.has_hung_up(contact_id):
            await self._report(ReportCallerGone(contact_id))
            self._ask_anew()

    async def _send_once(self, lane: _Lane, move: Move, action: Action) -> str | None:
        """Send, and wait until it has landed or should have; why Asterisk refused, else None."""
        leg = self._board.caller(move.contact_id)
        lane.moves_before = leg.moves if leg is not None else 0
        lane.flight, lane.has_landed = move, False
        if leg is not None:
            leg.sent_offer = move.offer if isinstance(move, RingPhone) else None
        self.counts.sent += 1
        try:
            response = await self._send(action)
        except (OutcomeUnknown, NotConnected):
            self._ask_anew()
            return None
        except TelephonyError as exc:
            return str(exc)
        if not response.is_success:
            if leg is not None:
                leg.sent_offer = None
            return response.sentence.lower() or "no reason given"
        await self._until(lane, lambda: lane.has_landed, self._times.landing_s)
        if not lane.has_landed:
            self.counts.not_landed += 1
            self._ask_anew()
        return None

    def _has_landed(self, lane: _Lane) -> bool:
        """Whether the caller has been seen where the flight was to take him, or is gone."""
        move = lane.flight
        assert move is not None
        leg = self._board.caller(move.contact_id)
        if leg is None:
            return True
        if isinstance(move, RingPhone):
            return _has_rung(leg, move.offer)
        return leg.place is CallerPlace.WAITING and leg.moves > lane.moves_before

    async def _fail(self, move: RingPhone, failure: OfferFailure) -> None:
        await self._report(ReportOfferFailed(move.contact_id, move.offer, failure))

    def _void_held(self, lane: _Lane) -> None:
        if lane.held is not None:
            self.counts.held_back += 1
            lane.held = None

    async def _until(self, lane: _Lane, holds: Callable[[], bool], timeout_s: float) -> None:
        """Wait until `holds()`, at most `timeout_s`; looked at whenever the lane is woken."""
        try:
            async with asyncio.timeout(timeout_s):
                while not holds():
                    lane.wake.clear()
                    await lane.wake.wait()
        except TimeoutError:
            pass  # the caller looks at what holds by then


def _is_astray(leg: Leg, offer: int | None) -> bool:
    """Whether a caller to whom this offer stands, or none, is anywhere else than waiting."""
    is_ringing = leg.place is CallerPlace.RINGING and leg.offer != offer
    is_sent = leg.sent_offer is not None and leg.sent_offer != offer
    return leg.place is CallerPlace.FALLBACK or is_ringing or is_sent


def _has_rung(leg: Leg, offer: int) -> bool:
    """Whether the caller has been seen in this offer, be it that it is over already."""
    landed = (
        leg.talk is not None
        or leg.ended_offer == offer
        or (leg.place is CallerPlace.RINGING and leg.offer == offer)
    )
    if landed:
        leg.sent_offer = None
    return landed
