"""Who rings again: which contact a new one continues, and who rings so often that it tells.

House rules: only the caller's key tells that it is the same caller; one who withholds his number,
and a number that many share, is nobody's. A question of fees and one of health are two matters:
neither continues the other, and only calls about health are counted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from queue_engine.core.commands import EnqueueContact
from queue_engine.core.contact import Contact
from queue_engine.core.state import State
from routing.gateways import gateway_of
from routing.vocabulary import ON_SCREEN, AgentId, Priority

REPEAT_CALLER: Final = "repeat_caller"
"""Why the priority of one who rings again and again is raised."""
_NON_MEDICAL: Final = Priority.NON_MEDICAL
_NEED: Final = {priority: rank for rank, priority in enumerate(Priority)}


class TakenOver(NamedTuple):
    """What a new contact has of the one that it continues, or of itself if it continues none."""

    arrived_ms: int
    priority: Priority
    preferred_agent: AgentId | None
    is_misuse: bool = False


_taken_over: Final[Callable[[tuple[int, Priority, AgentId | None, bool]], TakenOver]] = partial(
    tuple.__new__, TakenOver
)
"""For every caller; see `routing.order`."""


def continued_by(state: State, command: EnqueueContact, now_ms: int) -> Contact | None:
    """The contact of this caller that is to be rung back, or else the latest that was lost.

    Whoever writes is still to be rung: what he was promised is a call.
    """
    if command.is_shared_number or not command.caller_key:
        return None
    known = [contact for key in _keys(command) for contact in state.returning.of(key)]
    if not known:
        return None
    within_ms = state.rules.policy.returns.redial_within_ms
    is_medical = command.priority is not _NON_MEDICAL
    is_call = command.channel not in ON_SCREEN
    found = [
        contact
        for contact in known
        if (is_call if contact.is_away else now_ms - (contact.ended_ms or 0) < within_ms)
        and (contact.priority is not _NON_MEDICAL) == is_medical
    ]
    return max(found, key=lambda one: (one.is_away, one.sequence)) if found else None


def taken_over(command: EnqueueContact, arrived_ms: int, earlier: Contact | None) -> TakenOver:
    """Arrival and priority of the earlier one, if they are better; an emergency as urgent.

    After a cut the nurse whom he talked with comes first, if she is one of ours: at a gateway's
    seat is somebody else by now. A key misused once is urgent at most.
    """
    if earlier is None:
        return _taken_over((arrived_ms, command.priority, command.preferred_agent, False))
    theirs, own = earlier.priority, command.priority
    if theirs is Priority.EMERGENCY:
        theirs = Priority.URGENT
    if own is Priority.EMERGENCY and earlier.is_misuse:
        own = Priority.URGENT
    is_known = earlier.was_cut and gateway_of(earlier.agent_id) is None
    return TakenOver(
        arrived_ms=min(arrived_ms, earlier.arrived_ms),
        priority=min(theirs, own, key=_NEED.__getitem__),
        preferred_agent=earlier.agent_id if is_known else command.preferred_agent,
        is_misuse=earlier.is_misuse,
    )


def is_counted(state: State, command: EnqueueContact) -> bool:
    """Whether the call is one of those that make a repeat caller."""
    return (
        bool(state.rules.policy.returns.repeat_calls)
        and bool(command.caller_key)
        and not command.is_shared_number
        and command.priority is not _NON_MEDICAL
    )


def is_repeat_caller(state: State, command: EnqueueContact, now_ms: int) -> bool:
    """Whether this call, which is counted, is one too many for things to be well."""
    returns = state.rules.policy.returns
    since_ms = now_ms - returns.repeat_within_ms
    keys = _keys(command)
    known = [calls[key] for calls in state.calls.values() for key in keys if key in calls]
    earlier = sum(at_ms > since_ms for times in known for at_ms in times) if known else 0
    return earlier + 1 >= returns.repeat_calls


def _keys(command: EnqueueContact) -> tuple[str, ...]:
    """The caller's keys, each once."""
    if not command.earlier_keys:  # as nearly always
        return (command.caller_key,)
    return tuple(dict.fromkeys((command.caller_key, *command.earlier_keys)))
