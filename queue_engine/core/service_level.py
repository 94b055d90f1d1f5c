"""The service level: how many callers were connected in the time promised, of all who should be.

    within / (within + late + abandoned + refused + timed out + lost + not reached - corrected)

Short abandons are apart; who was rung back in vain is not, or putting off would hide a failure.
Who was booked and turns out to have been on an island is booked once more, as what became of him
there, and among the corrected where he was booked before: so that no count ever falls. Of those who
are forgotten the latest of whom an island may yet tell are remembered.

A pure fold over records. A chain of redials is one caller, who waits from his first arrival: what
ended without help is booked only when nobody can continue it any more (the engine forgets it then),
and never if somebody has; what continues a talk that was cut has been booked with that talk. Each
caller is booked once, on the home region that he has then, so that neither sharing nor refusing
hides a failure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

from queue_engine.core import events as ev
from queue_engine.core.commands import IslandContact
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.record import Record
from routing.rules import Rules
from routing.vocabulary import ContactId, Outcome, Priority, RegionCode, Requirement

FORGOTTEN_MAX: Final = 5_000
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
    CORRECTED = "corrected"
    """Is counted twice, the first time as something that he was not."""


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
    booked: Cell | None = None
    """Where, if that is known."""
    continues: bool = False
    by_ticket: bool = field(default=False, compare=False)
    """Nobody here had heard of him when the switch showed him."""
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
        self._forgotten: dict[ContactId, _Caller] = {}

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
        callers -= 2 * results[Result.CORRECTED]
        return results[Result.WITHIN] * 1000 // callers if callers else None

    def remembers(self, contact_id: ContactId) -> bool:
        """Whether he has been counted, though the engine has forgotten him."""
        return contact_id in self._forgotten

    def _enqueue(self, event: ev.ContactEnqueued) -> None:
        caller = self._enter(event)
        if event.continues is not None:
            self._continue(caller, event.continues)

    def _continue(self, caller: _Caller, earlier_id: ContactId) -> None:
        caller.continues = True
        earlier = self._callers.get(earlier_id)
        if earlier is not None:
            caller.is_booked, earlier.is_booked = caller.is_booked or earlier.is_booked, True

    def _restore(self, event: ev.ContactRestored) -> None:
        known = self._callers.get(event.contact_id)
        caller = self._enter(event)
        caller.by_ticket = known is None
        if known is not None:
            caller.is_booked, caller.continues = known.is_booked, known.continues
            caller.booked, caller.by_ticket = known.booked, known.by_ticket

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
        if caller is not None and not caller.is_booked:
            self._book(caller, self._answered(caller, self._now_ms))

    def _answered(self, caller: _Caller, at_ms: int) -> Result:
        promise_ms = self._rules().priority_rule(caller.priority, caller.needs).answer_within_ms
        return Result.WITHIN if at_ms - caller.arrived_ms <= promise_ms else Result.LATE

    def _end(self, event: ev.ContactEnded) -> None:
        caller = self._callers.get(event.contact_id)
        if caller is None or caller.is_booked or event.outcome in _NO_RESULT:
            return
        ended_ms = self._now_ms if event.ended_ms is None else event.ended_ms
        caller.left = _without_help(caller, event.outcome, ended_ms)

    def _forget(self, event: ev.ContactForgotten) -> None:
        caller = self._callers.pop(event.contact_id, None)
        if caller is None:
            return
        if caller.left is not None and not caller.is_booked:
            self._book(caller, caller.left)
        if caller.by_ticket or caller.left is Result.LOST:
            self._forgotten[event.contact_id] = caller
            if len(self._forgotten) > FORGOTTEN_MAX:
                del self._forgotten[next(iter(self._forgotten))]

    def _take(self, event: ev.IslandContactTaken) -> None:
        known = self._callers.get(event.contact_id)
        caller = self._callers[event.contact_id] = _caller_told(event.fact)
        if known is not None:
            caller.is_booked, caller.continues = known.is_booked, known.continues

    def _await(self, event: ev.IslandContactAwaited) -> None:
        """He is here by his ticket, and had rung before: both calls are one caller."""
        caller = self._callers.get(event.contact_id)
        if caller is not None and event.continues is not None and not caller.continues:
            self._continue(caller, event.continues)

    def _merge(self, event: ev.IslandContactMerged) -> None:
        """He was on an island: from now on he counts as what became of him there."""
        fact = event.fact
        caller = self._callers.get(event.contact_id) or self._forgotten.get(event.contact_id)
        is_unknown = caller is None and not fact.came_there
        if caller is None:
            caller = self._callers[event.contact_id] = _caller_told(fact)
        if event.continues is not None and not caller.continues:
            self._continue(caller, event.continues)
        caller.continues = caller.continues or fact.continues is not None
        if fact.answer is None and (event.outcome is Outcome.HANDLED or fact.talk_ms):
            caller.is_booked = True  # as one who was answered before the island parted
            return
        result, former = self._told(caller, event), caller.booked
        if is_unknown:  # and has been booked as one whom nobody has helped
            former = Cell(caller.home, caller.priority, Result.LOST)
        if former is not None and (fact.answer is not None or former.result is Result.LOST):
            self._correct(caller, former, result)
        elif result is not None and fact.answer is not None and not caller.is_booked:
            self._book(caller, result)
        elif not caller.is_booked:
            caller.left = result

    def _told(self, caller: _Caller, event: ev.IslandContactMerged) -> Result | None:
        """What he is to count as; None: whoever continues him counts for both."""
        fact, answer = event.fact, event.fact.answer
        if answer is not None:
            caller.home, caller.priority = answer.home_region, answer.priority
            caller.needs = answer.needs
            return self._answered(caller, answer.at_ms)
        if fact.is_continued or event.outcome is Outcome.CONTINUED:
            return None
        if event.ended_ms == fact.until_ms:
            caller.home, caller.priority = fact.home_region, fact.priority
        return _without_help(caller, event.outcome, event.ended_ms)

    def _correct(self, caller: _Caller, former: Cell, result: Result | None) -> None:
        caller.left, caller.is_booked = None, result is not None
        if result is not None and former == Cell(caller.home, caller.priority, result):
            return
        if former.result is not Result.SHORT_ABANDONED:  # that counts for nothing anyway
            self.counts[former._replace(result=Result.CORRECTED)] += 1
        if result is not None:
            self._book(caller, result)

    def _book(self, caller: _Caller, result: Result) -> None:
        caller.is_booked, caller.booked = True, Cell(caller.home, caller.priority, result)
        self.counts[caller.booked] += 1


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


def _caller_told(fact: IslandContact) -> _Caller:
    """As the island knew him; whom he continues is told besides."""
    times = (fact.arrived_ms, fact.enqueued_ms)
    return _Caller(fact.home_region, fact.priority, fact.needs, *times)


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
    ev.IslandContactAwaited: ServiceLevel._await,
    ev.IslandContactMerged: ServiceLevel._merge,
    ev.IslandContactTaken: ServiceLevel._take,
}
"""What the other events say changes nobody's count."""
