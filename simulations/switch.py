"""A telephone switch that behaves: it does what the core decides, and reports what it sees.

Its own view is what is true: an offer is acted on, and a report arrives, a few milliseconds
late, so a withdraw can cross an answer here as it can on a real switch. All acts take equally
long, and so do all reports: neither overtakes its like.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from queue_engine.core import commands as cmd, events as ev, making
from queue_engine.core.commands import CallbackFailure, CallerPlace, OfferFailure
from queue_engine.core.errors import Refused
from queue_engine.core.message import message
from routing.vocabulary import (
    ContactChannel,
    ContactId,
    HomeRegionSource,
    LineId,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
)
from simulations.world import LINK, First, World

LINE: Final = LineId("national")
NEEDS: Final = (Requirement(Skill("advice")),)

_MENU, _WAITING = CallerPlace.MENU, CallerPlace.WAITING
_RINGING, _TALKING = CallerPlace.RINGING, CallerPlace.TALKING
_NETWORK: Final = HomeRegionSource.NETWORK
_PHONE: Final = ContactChannel.PHONE
_TALKS_END: Final = First.TALKS_END
"""For what is asked with every call; see `queue_engine.core.contact.WAITING`."""

PicksUp = Callable[[PhoneId], int | None]
"""After how many milliseconds of ringing a phone is picked up; None: never."""
HangsUp = Callable[[PhoneId], None]
"""A talk at this phone is about to end."""
TalkMs = Callable[[PhoneId, int], int]
"""How long a talk takes at this phone that usually takes so long."""
Accepts = Callable[[], int | None]
"""After how many milliseconds of ringing one who is rung back has pressed the key; None: never."""


@dataclass(frozen=True, slots=True)
class Delays:
    """How long the switch takes."""

    act_ms: int = 15
    """From a decision until the switch does it (about what a Redirect takes)."""
    report_ms: int = 5
    """From what happens until the core hears of it."""


@message
class Caller:
    """One person who calls, with all that will be so of the call."""

    contact_id: ContactId
    region: RegionCode
    priority: Priority
    arrived_ms: int
    talk_ms: int
    hangs_up_first: bool
    """The caller ends the talk, not the nurse."""
    needs: tuple[Requirement, ...] = NEEDS
    caller_key: str = ""


def enqueued(caller: Caller, channel: ContactChannel) -> cmd.EnqueueContact:
    """What asks for the caller's place."""
    return making.enqueue_contact(
        contact_id=caller.contact_id,
        link_id=LINK,
        line_id=LINE,
        arrived_ms=caller.arrived_ms,
        priority=caller.priority,
        needs=caller.needs,
        home_region=caller.region,
        home_region_source=_NETWORK,
        channel=channel,
        caller_key=caller.caller_key,
    )


@dataclass(slots=True, eq=False)
class _Call:
    caller: Caller
    place: CallerPlace = _WAITING
    """Of one who has hung up and is to be rung back: MENU, for he is nowhere."""
    phone_id: PhoneId | None = None
    offer: int | None = None
    accepts: Accepts | None = None
    """Of one who is to be rung back; None: he is on the line."""
    was_rung_back: bool = False
    """And has talked with a nurse."""


@dataclass(frozen=True, slots=True)
class Disturbed:
    """How a report reaches the core: so late, and so often."""

    late_ms: int
    times: int
    """0: never."""


class Switch:
    """The calls that have been through the menu, and the phones that they occupy.

    Args:
        picks_up: asked at each ring of a nurse's phone.
        hangs_up: told before a talk ends.
        talk_ms: asked when a talk begins; None: as long as the caller says.
        disturbs: asked of each report; None: all are heard once, and in time.
        rang_in_vain: told before a nurse is free again who has rung back one who did not answer.
    """

    def __init__(
        self,
        world: World,
        picks_up: PicksUp,
        delays: Delays,
        hangs_up: HangsUp | None = None,
        talk_ms: TalkMs | None = None,
        disturbs: Callable[[], Disturbed] | None = None,
        rang_in_vain: HangsUp | None = None,
    ) -> None:
        self._world = world
        self._picks_up = picks_up
        self._hangs_up = hangs_up
        self._talk_ms = talk_ms
        self._disturbs = disturbs
        self._rang_in_vain = rang_in_vain
        self._heard_ms = 0
        """When the last report is heard; none overtakes another."""
        self._unheard = 0
        """Reports that are late and on their way."""
        self._delays = delays
        self._calls: dict[ContactId, _Call] = {}
        self._helped: dict[ContactId, Caller] = {}
        """Who was rung back and has talked; the core may not have heard of it."""
        self._in_use: dict[PhoneId, ContactId] = {}
        world.hear(
            {
                ev.ContactOffered: partial(self._act_on, self._ring),
                ev.OfferRevoked: partial(self._act_on, self._withdraw),
                ev.CallbackTextAsked: partial(self._act_on, self._give_up),
            }
        )

    def enter(self, caller: Caller) -> None:
        """Out of the menu: the caller gets a place and stands in the waiting context."""
        call = self._calls[caller.contact_id] = _Call(caller)
        self._world.do(enqueued(caller, _PHONE))
        self._to_waiting(call)

    @property
    def calls_count(self) -> int:
        """How many wait, on the line or to be rung back, or talk, or have left without the core
        having heard of it."""
        return len(self._calls) + self._unheard

    def hang_up(self, contact_id: ContactId) -> bool:
        """The caller has had enough, unless somebody talks with him; whether he is gone by it."""
        call = self._calls.get(contact_id)
        if call is None or call.accepts is not None or call.place is _TALKING:
            return False
        self._end(call)
        return True

    def ask_callback(self, contact_id: ContactId, accepts: Accepts) -> None:
        """Who waits on the line asks to be rung back: if it is promised to him, he hangs up."""
        call = self._calls.get(contact_id)
        if call is None or call.place is not _WAITING:
            return
        try:
            self._world.do(cmd.RequestCallback(contact_id))
        except Refused:
            return
        call.place, call.accepts = _MENU, accepts
        self._report(cmd.ReportCallerGone(contact_id))

    # --- what the core decided --------------------------------------------------------------

    def _act_on(self, act: Callable[[Any], None], event: ev.Event, at_ms: int) -> None:
        """It does what follows a little later."""
        self._world.after(self._delays.act_ms, partial(act, event))

    def _ring(self, offered: ev.ContactOffered) -> None:
        call = self._calls.get(offered.contact_id)
        if offered.is_callback and offered.contact_id in self._helped:
            call = self._calls.setdefault(offered.contact_id, self._rung_again(offered.contact_id))
        if call is None or (self._disturbs and call.place not in _UNRUNG):
            return  # hung up or answered in the meantime, as the core will hear
        assert call.place in _UNRUNG, offered
        if offered.phone_id in self._in_use:
            self._fail(call, offered.offer, OfferFailure.REJECTED)
            return
        call.place, call.phone_id, call.offer = _RINGING, offered.phone_id, offered.offer
        self._in_use[offered.phone_id] = offered.contact_id
        ring_ms = self._world.state.rules.policy.ring_ms
        answer_ms = self._picks_up(offered.phone_id)
        if answer_ms is None or answer_ms >= ring_ms:
            self._world.after(ring_ms, partial(self._ring_out, call, offered.offer))
        else:
            self._world.after(answer_ms, partial(self._answer, call, offered.offer))

    def _rung_again(self, contact_id: ContactId) -> _Call:
        """One who has been helped: he does not accept another call."""
        return _Call(self._helped[contact_id], _MENU, accepts=_never)

    def _withdraw(self, revoked: ev.OfferRevoked) -> None:
        call = self._calls.get(revoked.contact_id)
        if call is not None and _rings(call, revoked.offer):
            self._to_waiting(call)

    def _give_up(self, asked: ev.CallbackTextAsked) -> None:
        """He has been rung back for the last time, and has a text message, which always arrives."""
        for text in list(self._world.state.texts.values()):
            if text.contact_id == asked.contact_id:
                self._world.do(cmd.ReportTextSent(text.text_id))
        call = self._calls.get(asked.contact_id)
        if call is not None and call.accepts is not None:
            self._leave_phone(call)
            call.place = _MENU
            del self._calls[asked.contact_id]

    # --- what happens at the phones ---------------------------------------------------------

    def _answer(self, call: _Call, offer: int) -> None:
        if not _rings(call, offer):
            return
        if call.accepts is None:
            self._connect(call, offer)
            return
        self._report(cmd.ReportCallbackDialled(call.caller.contact_id, offer))
        dial_ms = self._world.state.rules.policy.callbacks.dial_ms
        accept_ms = call.accepts()
        if accept_ms is None or accept_ms >= dial_ms:
            self._world.after(dial_ms, partial(self._dial_out, call, offer))
        else:
            self._world.after(accept_ms, partial(self._connect, call, offer))

    def _connect(self, call: _Call, offer: int) -> None:
        if not _rings(call, offer):
            return
        assert call.phone_id is not None, call
        call.was_rung_back = call.accepts is not None
        call.place, call.accepts = _TALKING, None
        self._report(making.report_connected(call.caller.contact_id, LINK, call.phone_id, offer))
        talk_ms = call.caller.talk_ms
        if self._talk_ms is not None:
            talk_ms = self._talk_ms(call.phone_id, talk_ms)
        ends_ms = self._world.now_ms + talk_ms
        self._world.at(ends_ms, partial(self._end_talk, call), _TALKS_END)

    def _ring_out(self, call: _Call, offer: int) -> None:
        if _rings(call, offer):
            self._fail(call, offer, OfferFailure.NO_ANSWER)

    def _dial_out(self, call: _Call, offer: int) -> None:
        """He was rung back and has not answered."""
        if not _rings(call, offer):
            return
        assert call.phone_id is not None, call
        if self._rang_in_vain is not None:
            self._rang_in_vain(call.phone_id)
        failure = CallbackFailure.NO_ANSWER
        self._report(cmd.ReportCallbackFailed(call.caller.contact_id, offer, failure))
        self._to_waiting(call)

    def _end_talk(self, call: _Call) -> None:
        assert call.phone_id is not None, call
        if self._hangs_up is not None:
            self._hangs_up(call.phone_id)
        if not call.caller.hangs_up_first:
            self._report(cmd.ReportTalkEnded(call.caller.contact_id, call.phone_id))
        self._end(call)

    def _fail(self, call: _Call, offer: int, failure: OfferFailure) -> None:
        self._report(cmd.ReportOfferFailed(call.caller.contact_id, offer, failure))
        self._to_waiting(call)

    def _to_waiting(self, call: _Call) -> None:
        self._leave_phone(call)
        if call.accepts is not None:
            call.place = _MENU
            if call.caller.contact_id in self._helped:
                del self._calls[call.caller.contact_id]
            return
        call.place = _WAITING
        seen = making.seen_caller(call.caller.contact_id, call.place, call.caller.arrived_ms)
        self._report(making.report_caller_waiting(LINK, seen))

    def _end(self, call: _Call) -> None:
        self._leave_phone(call)
        call.place = _MENU  # nowhere: late acts on this call find nothing to do
        del self._calls[call.caller.contact_id]
        if call.was_rung_back and self._disturbs is not None:
            self._helped[call.caller.contact_id] = call.caller
        self._report(making.report_caller_gone(call.caller.contact_id))

    def _leave_phone(self, call: _Call) -> None:
        if call.phone_id is not None:
            del self._in_use[call.phone_id]
            call.phone_id = call.offer = None

    def callers(self) -> tuple[cmd.SeenCaller, ...]:
        """Everybody who waits, is rung for or talks, as the switch shows them now."""
        return tuple(
            cmd.SeenCaller(
                contact_id,
                call.place,
                call.caller.arrived_ms,
                phone_id=call.phone_id,
                offer=call.offer,
            )
            for contact_id, call in self._calls.items()
            if call.place is not _MENU
        )

    def show(self) -> None:
        """Everybody whom it has is shown to the core, behind what it has been told before."""
        picture = cmd.ReportSwitch(LINK, self._world.now_ms, self.callers())
        self._heard_ms = max(self._world.now_ms + self._delays.report_ms, self._heard_ms)
        self._world.at(self._heard_ms, partial(self._world.do, picture))

    def _report(self, report: cmd.Report) -> None:
        if self._disturbs is None:
            self._world.after(self._delays.report_ms, partial(self._world.do, report))
            return
        disturbed = self._disturbs()
        heard_ms = self._world.now_ms + self._delays.report_ms + disturbed.late_ms
        self._heard_ms = max(heard_ms, self._heard_ms)
        for _ in range(disturbed.times):
            self._unheard += 1
            self._world.at(self._heard_ms, partial(self._hear, report))

    def _hear(self, report: cmd.Report) -> None:
        self._unheard -= 1
        self._world.do(report)


_UNRUNG: Final = (_WAITING, _MENU)
"""No phone rings for one who is there, nor has he been answered."""


def _never() -> None:
    return None


def _rings(call: _Call, offer: int) -> bool:
    return call.place is _RINGING and call.offer == offer
