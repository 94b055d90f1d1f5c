"""The auditor's books on callers who are rung back.

House rules: those of `auditor`, whose part this is.
"""

from __future__ import annotations

from collections.abc import Iterable

from queue_engine.core import events as ev
from queue_engine.core.commands import Command, EnqueueContact
from routing.policy import Policy
from routing.vocabulary import ContactChannel, Outcome, Priority
from tests.properties.books import Caller

GRACE_MS = 3_000


def book(
    caller: Caller, event: ev.CallbackEvent, command: Command, rules: Policy, now_ms: int
) -> None:
    """What became of the promise, and whether it could."""
    match event:
        case ev.CallbackPromised():
            _promise(caller, event, command, rules, now_ms)
        case ev.CallbackAwaited():
            assert caller.promised_ms is not None, event
            assert not caller.is_away, event
            assert caller.place == "waiting", caller
            caller.is_away, caller.is_seen = True, False
        case ev.CallerOnLine():
            assert caller.is_away, event
            assert caller.place == "waiting", caller
            caller.is_away, caller.link = False, event.link_id
        case ev.CallbackDialled():
            assert (caller.place, caller.agent) == ("ringing", event.agent_id), caller
            assert caller.is_away, caller
            assert not caller.is_dialled, f"{caller} is rung twice"
            assert event.dial_until_ms == now_ms + rules.callbacks.dial_ms + GRACE_MS, event
            caller.is_dialled, caller.ring_until_ms = True, event.dial_until_ms
        case ev.CallbackNotReached():
            _not_reached(caller, event, rules, now_ms)
        case ev.CallbackOverdue():
            assert caller.promise_due_ms is not None, event
            assert caller.promise_due_ms <= now_ms, f"{event}: too early"
            caller.promise_due_ms = None
        case ev.CallbackTextAsked():
            assert caller.place == "over", caller
            assert caller.is_given_up, f"{caller} gets a text"
            caller.is_given_up = False


def _promise(
    caller: Caller, event: ev.CallbackPromised, command: Command, rules: Policy, now_ms: int
) -> None:
    assert caller.place in ("waiting", "ringing"), caller
    assert caller.promised_ms is None, f"{caller} is promised it twice"
    wanted_ms = caller.owed_ms
    if wanted_ms is None:
        tier = dict(rules.priorities)[caller.priority].tier
        assert tier > 0, f"{caller} is an emergency"
        assert rules.callbacks.within_ms, "nobody is rung back"
        wanted_ms = now_ms + rules.callbacks.within_ms
    elif isinstance(command, EnqueueContact) and command.channel is not ContactChannel.CALLBACK:
        assert caller.name == command.contact_id, event
    assert event.promised_until_ms == wanted_ms, event
    caller.promised_ms, caller.promise_due_ms = wanted_ms, max(wanted_ms, now_ms)
    caller.owed_ms = None


def _not_reached(caller: Caller, event: ev.CallbackNotReached, rules: Policy, now_ms: int) -> None:
    assert caller.is_dialled, f"{caller} was not rung"
    assert event.tries == caller.tries + 1, event
    rests = rules.callbacks.retry_after_ms
    rest_ms = rests[caller.tries] if caller.tries < len(rests) else None
    if rest_ms is not None and dict(rules.priorities)[caller.priority].tier == 0:
        rest_ms = min(rest_ms, rules.not_before_ms)
    wanted_ms = None if rest_ms is None else now_ms + rest_ms
    assert event.not_before_ms == wanted_ms, event
    caller.tries = event.tries
    caller.rests_until_ms = wanted_ms or 0
    caller.is_given_up = wanted_ms is None


def keep(caller: Caller) -> None:
    """He has been answered."""
    caller.promised_ms = caller.promise_due_ms = None
    caller.is_away = caller.is_dialled = False
    caller.tries = 0


def end(caller: Caller, event: ev.ContactEnded) -> None:
    """A promise ends with an answer, with the last try, or in another contact of the caller's."""
    if caller.promised_ms is None:
        assert event.outcome not in (Outcome.NOT_REACHED, Outcome.CONTINUED), event
        return
    assert caller.is_away, f"{caller} was promised to be rung back: {event}"
    assert event.outcome in (Outcome.NOT_REACHED, Outcome.CONTINUED), f"{caller}: {event}"
    assert caller.is_given_up == (event.outcome is Outcome.NOT_REACHED), f"{caller}: {event}"
    if event.outcome is Outcome.CONTINUED:
        caller.gives_way_ms = caller.promised_ms
    keep(caller)


def given_way(
    books: Iterable[Caller], keys: list[str], is_fees: bool, is_call: bool
) -> Caller | None:
    """The same caller's contact that has just ended for his new one, which is his latest.

    Only a call takes the place of a call.
    """
    his = [
        one
        for one in books
        if one.key in keys and (one.priority is Priority.NON_MEDICAL) == is_fees
    ]
    found = [one for one in his if one.gives_way_ms is not None]
    awaited = [one.sequence for one in his if one.is_away]
    assert len(found) <= 1, found
    assert is_call or not found, f"was promised a call, and writes: {found}"
    assert found or not awaited or not is_call, f"to be rung back, and has rung again: {awaited}"
    assert not found or found[0].sequence > max(awaited, default=0), f"{found}: {awaited}"
    return found[0] if found else None


def hand_on(caller: Caller, earlier: Caller) -> None:
    """The new contact is owed what the earlier one was promised."""
    caller.owed_ms, earlier.gives_way_ms = earlier.gives_way_ms, None


def check_settled(callers: Iterable[Caller]) -> None:
    """At the end of a record: nobody is owed anything, and nobody was given up without a word."""
    for caller in callers:
        assert caller.owed_ms is None, f"{caller} is owed a promise"
        assert caller.gives_way_ms is None, f"{caller} gave way to nobody"
        assert not caller.is_given_up, f"{caller} has had no text"
