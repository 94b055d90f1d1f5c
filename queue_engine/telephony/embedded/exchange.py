"""The exchange of the embedded network: the dialplan's contexts as methods.

House rules:

1. It keeps to `deploy/asterisk/extensions.conf`, context by context: a menu that ends without
   `SAMKO_IVR=done` does not cost the caller his call, an offer rings its time and then the caller
   waits on, who leaves stops the ringing, too short a talk was none.
2. There is no fallback queue in it, since there is no engine that could be gone while it lives:
   both are one process. Who would go there (his menu broke off) stands in that place until the
   engine, which is told of him as always, takes him back to waiting.
3. Every change is made whole before anybody is told; reports leave in the order of what happened.
4. Nothing is kept of a call that is over.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from queue_engine.core.commands import (
    CallbackFailure,
    CallerPlace,
    CallTicket,
    Command,
    OfferFailure,
    ReportCallbackDialled,
    ReportCallbackFailed,
    ReportCallerGone,
    ReportCallerWaiting,
    ReportConnected,
    ReportOfferFailed,
    ReportTalkEnded,
    SeenCaller,
)
from queue_engine.core.ticket import TICKET_VARIABLE, write_ticket
from queue_engine.telephony.dialplan import TIER
from queue_engine.telephony.embedded.alarms import Alarms, call_off
from queue_engine.telephony.embedded.call import EmbeddedCall, seen
from queue_engine.telephony.embedded.call_news import (
    Ended,
    EndReason,
    Ringing as CallRings,
    Talking as CallTalks,
    Waiting,
)
from queue_engine.telephony.embedded.phone import EmbeddedPhone
from queue_engine.telephony.embedded.phone_news import (
    Dialling,
    Idle,
    IdleReason,
    Ringing as PhoneRings,
    Talking as PhoneTalks,
)
from queue_engine.telephony.embedded.post import Post
from queue_engine.telephony.embedded.times import NetworkTimes
from queue_engine.telephony.embedded.visits import RunsVisit, Visits
from routing.vocabulary import ContactId, LinkId, PhoneId

CALL: Final = "call"
ANNOUNCE: Final = "announce"
KEY: Final = "key"
IVR_VARIABLE: Final = "SAMKO_IVR"
DONE: Final = "done"
ENDED: Final = "ended"


class Exchange:
    """Moves the calls and phones of one network; the owner of both.

    Args:
        link_id: the network's link.
        alarms: on the engine's clock, for what bounds rings and talks.
        visit: runs a script on a call.
        times: how long things take.
    """

    def __init__(
        self, link_id: LinkId, alarms: Alarms, visit: RunsVisit, times: NetworkTimes
    ) -> None:
        self.times = times
        self.calls: Final[dict[ContactId, EmbeddedCall]] = {}
        """Those that are not over."""
        self.on_ring_back: Callable[[EmbeddedCall], None] | None = None
        """Is told of each caller whose phone begins to ring; None: nobody can be rung."""
        self.phones: Final[dict[PhoneId, EmbeddedPhone]] = {}
        self._link_id = link_id
        self._alarms = alarms
        self._post = Post()
        self._visits = Visits(visit, self._post, self._visit_ended)
        self._report: Callable[[Command], None] = _lost

    def report_to(self, take: Callable[[Command], None] | None) -> None:
        """Whom reports are given to from now on; None: nobody, they are lost. Must not wait."""
        self._report = take or _lost

    def phone(self, phone_id: PhoneId) -> EmbeddedPhone:
        """The phone of that name, which is new and unplugged when first asked for."""
        found = self.phones.get(phone_id)
        if found is None:
            found = self.phones[phone_id] = EmbeddedPhone(self, phone_id)
        return found

    def picture(self) -> tuple[SeenCaller, ...]:
        """Where every caller is now, in the order of their calls."""
        return tuple(seen(call) for call in self.calls.values())

    async def close(self) -> None:
        """Ends all visits; nobody is told, as when the power goes."""
        self.report_to(None)
        await self._visits.close()

    # --- what the engine wants --------------------------------------------------------------

    def ring(self, contact_id: ContactId, offer: int, phone_id: PhoneId) -> None:
        """Rings the phone for the caller, wherever he is; not for one who talks or is gone."""
        call = self.calls.get(contact_id)
        if call is None or call.place is CallerPlace.TALKING:
            return
        with self._post:
            self._leave_place(call, IdleReason.WITHDRAWN)
            call.place, call.offer = CallerPlace.RINGING, offer
            call.keys_ahead.clear()
            phone = self.phone(phone_id)
            if not phone.is_plugged_in:
                self._offer_failed(call, OfferFailure.UNREACHABLE)
            elif phone.call is not None:
                self._offer_failed(call, OfferFailure.REJECTED)
            else:
                phone.call, call.phone = call, phone
                call.alarm = self._alarms.after(self.times.ring_ms, partial(self._rang_out, call))
                self._post.send(phone.listener, PhoneRings(offer, contact_id))
                self._post.send(call.listener, CallRings())

    def ring_back(self, call: EmbeddedCall, offer: int, phone_id: PhoneId) -> None:
        """Rings the phone, and once she has answered the caller's own; `call` is to be his.

        One who is in a call still is busy.
        """
        if call.contact_id in self.calls:
            self._report(ReportCallbackFailed(call.contact_id, offer, CallbackFailure.BUSY))
            return
        self.calls[call.contact_id] = call
        self.ring(call.contact_id, offer, phone_id)

    def not_rung(self, contact_id: ContactId, offer: int) -> None:
        """The offer was over before it rang; that it is taken back is still to be heard."""
        call = self.calls.get(contact_id)
        if call is not None:
            call.unrung_offer = offer

    def take_back(self, contact_id: ContactId, offer: int) -> None:
        """The offer is over: if it rings still, the caller goes back to waiting.

        One whose offer was `not_rung` has been waiting all along, and the engine is told so.
        """
        call = self.calls.get(contact_id)
        if call is None:
            return
        if call.place is CallerPlace.RINGING and call.offer == offer:
            with self._post:
                self._leave_place(call, IdleReason.WITHDRAWN)
                self._to_waiting(call)
        elif call.place is CallerPlace.WAITING and call.unrung_offer == offer:
            call.unrung_offer = None
            self._report(ReportCallerWaiting(self._link_id, seen(call)))

    def fetch(self, contact_id: ContactId) -> None:
        """Out of the place of a broken menu, to waiting."""
        call = self.calls.get(contact_id)
        if call is not None and call.place is CallerPlace.FALLBACK:
            with self._post:
                self._to_waiting(call)

    def carry(self, ticket: CallTicket, tier: int) -> None:
        """The call carries its ticket from now on, and the tier of its priority."""
        call = self.calls.get(ticket.contact_id)
        if call is not None:
            call.variables[TICKET_VARIABLE] = write_ticket(ticket)
            call.variables[TIER] = str(tier)

    # --- callers ----------------------------------------------------------------------------

    def begin(self, call: EmbeddedCall) -> None:
        """A new call: it is answered by the menu."""
        self.calls[call.contact_id] = call
        self._visits.begin(call, CALL)

    def place_again(self, call: EmbeddedCall, phone_id: PhoneId | None) -> None:
        """A call of a former process: it waits, or talks at that phone if this is free."""
        self.calls[call.contact_id] = call
        call.place = CallerPlace.WAITING
        phone = self.phone(phone_id) if phone_id is not None else None
        if phone is None or phone.call is not None:
            # All at once they would all hear their announcements at once, for ever.
            period_ms = self.times.announce_rounds * self.times.round_ms
            self._listen(call, (self._alarms.now_ms() - call.arrived_ms) % period_ms)
            return
        phone.is_plugged_in = phone.is_answered = True
        phone.call, call.phone = call, phone
        call.place = CallerPlace.TALKING  # for how long is not known: long enough

    def key_pressed(self, call: EmbeddedCall, key: str) -> None:
        """See `CallOwner`."""
        if call.visit is not None:
            call.visit.press(key)
        elif call.place is CallerPlace.WAITING:
            self._stop_listening(call)
            self._visits.begin(call, KEY, key)

    def caller_hung_up(self, call: EmbeddedCall) -> None:
        """See `CallOwner`."""
        if call.is_rung_back:
            self._not_reached(call, CallbackFailure.DECLINED)
        else:
            self.end(call, EndReason.CALLER_HUNG_UP)

    def end(self, call: EmbeddedCall, reason: EndReason) -> None:
        """The call is over, wherever it is."""
        with self._post:
            self._leave_place(call, IdleReason.CALLER_LEFT)
            call.is_over = True
            del self.calls[call.contact_id]
            self._report(ReportCallerGone(call.contact_id))
            self._post.send(call.listener, Ended(reason))

    # --- phones -----------------------------------------------------------------------------

    def phone_answered(self, phone: EmbeddedPhone) -> None:
        """See `PhoneOwner`."""
        call = phone.call
        assert call is not None, phone
        with self._post:
            call_off(call.alarm)
            phone.is_answered = True
            if call.is_rung_back:
                self._dial(call, phone)
                return
            self._talk(call, phone)

    def call_accepted(self, call: EmbeddedCall) -> None:
        """See `CallOwner`."""
        phone = call.phone
        if call.is_rung_back and phone is not None and phone.is_answered:
            with self._post:
                call_off(call.alarm)
                call.is_rung_back = False
                self._talk(call, phone)

    def _talk(self, call: EmbeddedCall, phone: EmbeddedPhone) -> None:
        """Both are in one bridge."""
        call.place, call.talks_since_ms = CallerPlace.TALKING, self._alarms.now_ms()
        self._report(ReportConnected(call.contact_id, self._link_id, phone.phone_id, call.offer))
        self._post.send(phone.listener, PhoneTalks(call.contact_id))
        self._post.send(call.listener, CallTalks(phone.phone_id))

    def _dial(self, call: EmbeddedCall, phone: EmbeddedPhone) -> None:
        """The agent has answered: the caller's own phone rings, if anybody has it."""
        assert call.offer is not None, call
        self._report(ReportCallbackDialled(call.contact_id, call.offer))
        self._post.send(phone.listener, Dialling(call.contact_id))
        self._post.send(self.on_ring_back, call)
        failure = CallbackFailure.NO_ANSWER
        if self.on_ring_back is None:
            failure = CallbackFailure.UNREACHABLE
        wait_ms = self.times.dial_ms if self.on_ring_back is not None else 0
        call.alarm = self._alarms.after(wait_ms, partial(self._not_reached, call, failure))

    def _not_reached(self, call: EmbeddedCall, failure: CallbackFailure) -> None:
        """She is free, and he is rung again when the engine says so."""
        assert call.offer is not None, call
        with self._post:
            self._report(ReportCallbackFailed(call.contact_id, call.offer, failure))
            self._leave_place(call, IdleReason.NOT_REACHED)
            self._to_waiting(call)

    def phone_rejected(self, phone: EmbeddedPhone) -> None:
        """See `PhoneOwner`."""
        assert phone.call is not None, phone
        with self._post:
            self._offer_failed(phone.call, OfferFailure.REJECTED)

    def phone_hung_up(self, phone: EmbeddedPhone) -> None:
        """See `PhoneOwner`."""
        self._talk_ended(phone, IdleReason.HUNG_UP)

    def phone_moved(self, phone: EmbeddedPhone) -> None:
        """See `PhoneOwner`."""
        call_off(phone.silence)
        phone.silence = None
        if not phone.is_plugged_in and phone.is_answered:
            lost = partial(self._talk_ended, phone, IdleReason.LOST)
            phone.silence = self._alarms.after(self.times.silence_ms, lost)

    def _talk_ended(self, phone: EmbeddedPhone, reason: IdleReason) -> None:
        """The agent's side of the talk is gone: the call is over, if that was a talk at all."""
        call = phone.call
        assert call is not None, phone
        with self._post:
            talked_ms = self._alarms.now_ms() - call.talks_since_ms
            self._report(ReportTalkEnded(call.contact_id, phone.phone_id))
            self._leave_place(call, reason)
            if talked_ms < self.times.talk_ms_min:
                self._to_waiting(call)
                return
            call.is_over = True
            del self.calls[call.contact_id]
            self._post.send(call.listener, Ended(EndReason.AGENT_HUNG_UP))

    def _rang_out(self, call: EmbeddedCall) -> None:
        with self._post:
            self._offer_failed(call, OfferFailure.NO_ANSWER)

    def _offer_failed(self, call: EmbeddedCall, failure: OfferFailure) -> None:
        assert call.offer is not None, call
        self._report(ReportOfferFailed(call.contact_id, call.offer, failure))
        is_reject = failure is OfferFailure.REJECTED
        self._leave_place(call, IdleReason.REJECTED if is_reject else IdleReason.RANG_OUT)
        self._to_waiting(call)

    # --- waiting ----------------------------------------------------------------------------

    def _to_waiting(self, call: EmbeddedCall) -> None:
        """To the music; of one who was rung back nothing is left here."""
        if call.is_rung_back:
            call.is_over = True
            del self.calls[call.contact_id]
            self._post.send(call.listener, Ended(EndReason.NOT_REACHED))
            return
        call.place = CallerPlace.WAITING
        self._report(ReportCallerWaiting(self._link_id, seen(call)))
        self._post.send(call.listener, Waiting())
        self._listen(call)

    def _listen(self, call: EmbeddedCall, heard_ms: int = 0) -> None:
        """Music that hears keys, until it is time for an announcement."""
        if call.keys_ahead:
            self._visits.begin(call, KEY, call.keys_ahead.popleft())
            return
        call.listens_since_ms = call.alarms.now_ms() - heard_ms
        wait_ms = (self.times.announce_rounds - call.rounds) * self.times.round_ms
        call.alarm = call.alarms.after(wait_ms - heard_ms, partial(self._announce, call))

    def _stop_listening(self, call: EmbeddedCall) -> None:
        """Whole rounds heard so far count; they are kept over visits and offers."""
        if call.listens_since_ms is not None:
            rounds = (call.alarms.now_ms() - call.listens_since_ms) // self.times.round_ms
            call.rounds = min(call.rounds + rounds, self.times.announce_rounds - 1)
            call.listens_since_ms = None
        call_off(call.alarm)

    def _announce(self, call: EmbeddedCall) -> None:
        call.alarm = call.listens_since_ms = None
        call.rounds = 0
        self._visits.begin(call, ANNOUNCE)

    # --- leaving a place --------------------------------------------------------------------

    def _leave_place(self, call: EmbeddedCall, reason: IdleReason) -> None:
        """Out of wherever he is: visit, music, a ringing phone or a talk."""
        self._stop_listening(call)
        if call.visit is not None:
            call.visit.leave()
            call.visit = None
        phone, call.phone, call.offer = call.phone, None, None
        call.unrung_offer = None
        if phone is not None:
            phone.call, phone.is_answered = None, False
            call_off(phone.silence)
            phone.silence = None
            self._post.send(phone.listener, Idle(reason))

    # --- visits -----------------------------------------------------------------------------

    def _visit_ended(self, call: EmbeddedCall, script: str, has_left: bool) -> None:
        if not has_left:
            call.visit = None
            with self._post:
                self._after_visit(call, script)
        elif script == CALL and call.is_over:
            # When he hung up the menu may have been about to enqueue him, and now it has.
            self._report(ReportCallerGone(call.contact_id))

    def _after_visit(self, call: EmbeddedCall, script: str) -> None:
        if script != CALL:
            self._listen(call)
            return
        end = call.variables.get(IVR_VARIABLE)
        if end == DONE:
            self._to_waiting(call)
        elif end == ENDED:
            self.end(call, EndReason.GOODBYE)
        else:
            call.place = CallerPlace.FALLBACK
            self._report(ReportCallerWaiting(self._link_id, seen(call)))


def _lost(_report: Command) -> None:
    """Where a report goes while nobody takes any."""
