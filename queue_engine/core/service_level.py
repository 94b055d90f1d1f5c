"""The service level: how many callers were connected in the time promised, of all who should be.

    within / (within + late + abandoned + refused + timed out + lost + not reached)

Short abandons are apart; who was rung back in vain is not, or putting off would hide a failure.

A pure fold over records. A chain of redials is one caller, who waits from his first arrival: what
ended without help is booked only when nobody can continue it any more (the engine forgets it then),
and never if somebody has; what continues a talk that was cut has been booked with that talk. Each
caller is booked once, on the home region that he has then, so that neither sharing nor refusing
hides a failure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

from queue_engine.core import events as ev
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.record import Record
from routing.rules import Rules
from routing.vocabulary import Outcome, Priority, RegionCode, Requirement

SHORT_ABANDON_MS: Final = 5_000
"""Who leaves the queue sooner, and does not come back, has waited for nobody. An assumption."""


class Result(StrEnum):
    """What became of a caller; the words are labels of metrics."""

    WITHIN = "within"
    """Connected in the time promised."""
    LATE = "late"
    ABANDONED = "abandoned"
    SHORT_ABANDONED = "short_abandoned"
    LOST = "lost"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    NOT_REACHED = "not_reached"
    """Was rung back, as often as agreed."""


class Cell(NamedTuple):
    """Where callers are counted."""

    region: RegionCode
    priority: Priority
    result: Result


@dataclass(slots=True)
class _Caller:
    """One contact, until it is forgotten."""

    home: RegionCode
    priority: Priority
    needs: tuple[Requirement, ...]
    arrived_ms: int
    """Of his chain's first contact."""
    enqueued_ms: int
    is_booked: bool = False
    continues: bool = False
    left: Result | None = None
    """Ended without help; not booked as long as it may be continued."""


class ServiceLevel:
    """Counts callers by what became of them.

    Args:
        rules: those in force.
        contacts: the engine's rows before the first record that is followed.
    """

    def __init__(self, rules: Callable[[], Rules], contacts: Iterable[Contact] = ()) -> None:
        self.counts: Counter[Cell] = Counter()
        self._rules = rules
        self._now_ms = 0
        self._callers = {contact.contact_id: _caller_of(contact) for contact in contacts}

    def follow(self, record: Record) -> None:
        """One more record."""
        self._now_ms = record.at_ms
        for event in record.events:
            note = _NOTES.get(type(event))
            if note is not None:
                note(self, event)

    def permille(self, region: RegionCode) -> int | None:
        """The service level of a region, in thousandths; None: there was nobody."""
        results: Counter[Result] = Counter()
        for cell, count in self.counts.items():
            if cell.region == region:
                results[cell.result] += count
        callers = results.total() - results[Result.SHORT_ABANDONED]
        return results[Result.WITHIN] * 1000 // callers if callers else None

    def _enqueue(self, event: ev.ContactEnqueued) -> None:
        caller = self._enter(event)
        if event.continues is not None:
            caller.continues = True
            earlier = self._callers.get(event.continues)
            if earlier is not None:
                caller.is_booked, earlier.is_booked = earlier.is_booked, True

    def _restore(self, event: ev.ContactRestored) -> None:
        known = self._callers.get(event.contact_id)
        caller = self._enter(event)
        if known is not None:
            caller.is_booked, caller.continues = known.is_booked, known.continues

    def _enter(self, event: ev.ContactEnqueued | ev.ContactRestored | ev.ContactRefused) -> _Caller:
        caller = _Caller(
            event.home_region, event.priority, event.needs, event.arrived_ms, self._now_ms
        )
        self._callers[event.contact_id] = caller
        return caller

    def _refuse(self, event: ev.ContactRefused) -> None:
        self._enter(event).left = Result.REFUSED

    def _change_priority(self, event: ev.ContactPriorityChanged) -> None:
        if caller := self._callers.get(event.contact_id):
            caller.priority = event.priority
            caller.needs = caller.needs if event.needs is None else event.needs

    def _correct_home(self, event: ev.HomeRegionCorrected) -> None:
        if caller := self._callers.get(event.contact_id):
            caller.home = event.home_region

    def _connect(self, event: ev.ContactConnected | ev.ConnectedUnknownPhone) -> None:
        caller = self._callers.get(event.contact_id)
        if caller is None or caller.is_booked:
            return
        promise_ms = self._rules().priority_rule(caller.priority, caller.needs).answer_within_ms
        is_within = self._now_ms - caller.arrived_ms <= promise_ms
        self._book(caller, Result.WITHIN if is_within else Result.LATE)

    def _end(self, event: ev.ContactEnded) -> None:
        caller = self._callers.get(event.contact_id)
        if caller is None or caller.is_booked or event.outcome in _NO_RESULT:
            return
        ended_ms = self._now_ms if event.ended_ms is None else event.ended_ms
        caller.left = _without_help(caller, event.outcome, ended_ms)

    def _forget(self, event: ev.ContactForgotten) -> None:
        caller = self._callers.pop(event.contact_id, None)
        if caller is not None and caller.left is not None and not caller.is_booked:
            self._book(caller, caller.left)

    def _book(self, caller: _Caller, result: Result) -> None:
        caller.is_booked = True
        self.counts[Cell(caller.home, caller.priority, result)] += 1


def _caller_of(contact: Contact) -> _Caller:
    """As it would be known had all records been followed."""
    caller = _Caller(
        contact.home_region,
        contact.priority,
        contact.asked or contact.needs,
        contact.arrived_ms,
        contact.enqueued_ms,
        continues=contact.continues is not None,
    )
    has_ended = contact.state is ContactState.ENDED
    if not has_ended:
        caller.is_booked = contact.wait_ms is not None
    elif contact.outcome is not None:
        was_helped = contact.outcome is Outcome.HANDLED or contact.talk_ms > 0
        caller.is_booked = was_helped or contact.is_continued
        if not caller.is_booked:
            caller.left = _without_help(caller, contact.outcome, contact.ended_ms or 0)
    return caller


_NO_RESULT: Final = (Outcome.HANDLED, Outcome.CONTINUED)
"""Of a caller: he was booked when he was connected, or waits as another contact."""


def _without_help(caller: _Caller, outcome: Outcome, ended_ms: int) -> Result:
    is_short = not caller.continues and ended_ms - caller.enqueued_ms < SHORT_ABANDON_MS
    if is_short and outcome is Outcome.ABANDONED:
        return Result.SHORT_ABANDONED
    return Result(outcome.value)


_NOTES: Final[dict[type, Callable[[ServiceLevel, Any], None]]] = {
    ev.ContactEnqueued: ServiceLevel._enqueue,
    ev.ContactRestored: ServiceLevel._restore,
    ev.ContactRefused: ServiceLevel._refuse,
    ev.ContactPriorityChanged: ServiceLevel._change_priority,
    ev.HomeRegionCorrected: ServiceLevel._correct_home,
    ev.ContactConnected: ServiceLevel._connect,
    ev.ConnectedUnknownPhone: ServiceLevel._connect,
    ev.ContactEnded: ServiceLevel._end,
    ev.ContactForgotten: ServiceLevel._forget,
}
"""What the other events say changes nobody's count."""
