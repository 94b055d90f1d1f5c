"""The auditor's rules on callers who come back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.commands import Actor, EnqueueContact
from routing.guard_policy import GuardRule
from routing.return_policy import ReturnPolicy
from routing.vocabulary import ON_SCREEN, Outcome, Priority
from tests.properties import audit_callbacks
from tests.properties.books import Caller

REPEAT_CALLER: Final = "repeat_caller"
NEED: Final = list(Priority)


class Returns:
    """Who rang when, and whom a new call continues, worked out a second time."""

    def __init__(self) -> None:
        self._calls: list[tuple[str, int]] = []
        self._to_raise: str | None = None

    def enter(
        self,
        caller: Caller,
        event: ev.ContactEnqueued,
        command: EnqueueContact,
        books: Iterable[Caller],
        rules: ReturnPolicy,
        now_ms: int,
    ) -> None:
        """A new contact has the place that it is entitled to."""
        keys = [] if command.is_shared_number else [command.caller_key, *command.earlier_keys]
        keys = [key for key in keys if key and command.caller_key]
        caller.key = keys[0] if keys else ""
        assert event.caller_key == caller.key, event
        is_fees = command.priority is Priority.NON_MEDICAL
        lost = [
            one
            for one in books
            if one.key in keys
            and one.was_lost
            and not one.is_continued
            and now_ms - (one.ended_ms or 0) < rules.redial_within_ms
            and (one.priority is Priority.NON_MEDICAL) == is_fees
        ]
        earlier = max(lost, key=lambda one: one.sequence) if lost else None
        is_call = command.channel not in ON_SCREEN
        earlier = audit_callbacks.given_way(books, keys, is_fees, is_call) or earlier
        assert event.continues == (earlier.name if earlier else None), f"{event} and {earlier}"
        if earlier is None:
            assert event.priority is command.priority, event
            self._count(caller, keys, rules, now_ms)
            return
        earlier.is_continued = True
        audit_callbacks.hand_on(caller, earlier)
        caller.is_misuse = earlier.is_misuse
        least = 1 if earlier.priority is Priority.EMERGENCY else NEED.index(earlier.priority)
        own = NEED.index(command.priority)
        own = max(own, 1) if earlier.is_misuse else own
        assert NEED.index(event.priority) == min(least, own), f"{event} continues {earlier}"
        assert event.arrived_ms <= earlier.arrived_ms, f"{event} continues {earlier}"

    def count_there(self, event: ev.IslandContactMerged) -> None:
        """A call that an island has counted, and nobody else had heard of."""
        fact = event.fact
        if fact.is_counted and fact.caller_key and event.former is None:
            self._calls.append((fact.caller_key, fact.enqueued_ms))

    def _count(self, caller: Caller, keys: list[str], rules: ReturnPolicy, now_ms: int) -> None:
        if not keys or not rules.repeat_calls or caller.priority is Priority.NON_MEDICAL:
            return
        since_ms = now_ms - rules.repeat_within_ms
        before = sum(key in keys and at_ms > since_ms for key, at_ms in self._calls)
        self._calls.append((caller.key, now_ms))
        if before + 1 >= rules.repeat_calls and caller.priority is Priority.STANDARD:
            self._to_raise = caller.name

    def check_raised(self, events: Iterable[ev.Event]) -> None:
        """At the end of a record: a repeat caller was raised, and nobody else."""
        raised = [
            event.contact_id
            for event in events
            if isinstance(event, ev.ContactPriorityChanged) and event.reason == REPEAT_CALLER
        ]
        assert raised == ([self._to_raise] if self._to_raise else []), raised
        self._to_raise = None


def check_refused(
    event: ev.ContactRefused, command: EnqueueContact, guard: GuardRule, is_long: bool, waiting: int
) -> None:
    """Only one without a claim to a place, and only when there is reason to."""
    assert command.has_chosen, event
    assert not command.is_shared_number, event
    assert command.priority in (Priority.STANDARD, Priority.NON_MEDICAL), event
    if event.reason is ev.RefusalReason.TOO_MANY:
        assert 0 < guard.waiting_max <= waiting, f"{event}: {waiting} wait"
    else:
        assert is_long, event
        assert command.priority is Priority.NON_MEDICAL, event


def end(caller: Caller, event: ev.ContactEnded, now_ms: int) -> None:
    """Whether it may be continued hangs on how it ended."""
    caller.ended_ms = now_ms if event.ended_ms is None else event.ended_ms
    caller.outcome = event.outcome
    without_help = (Outcome.ABANDONED, Outcome.LOST, Outcome.NOT_REACHED)
    caller.was_lost = event.was_cut or event.outcome in without_help


def mark_misuse(caller: Caller, event: ev.MisuseMarked) -> None:
    """Only an emergency, and only by her who talks with it."""
    assert (caller.place, caller.agent) == ("talking", event.agent_id), event
    assert caller.priority is Priority.EMERGENCY, event
    caller.is_misuse, caller.told_112 = True, False


def press_again(caller: Caller) -> None:
    """Once, by one who misused the key."""
    assert caller.is_misuse, caller
    assert not caller.told_112, caller
    caller.told_112 = True


def check_key(caller: Caller, event: ev.ContactPriorityChanged) -> None:
    """No emergency by the key of one who has misused it."""
    is_key = event.actor is Actor.CALLER and event.priority is Priority.EMERGENCY
    assert not (caller.is_misuse and is_key), f"{caller} misused it before"
