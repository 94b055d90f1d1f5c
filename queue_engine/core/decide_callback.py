"""Decisions on contacts that are rung back.

The nurse's phone is rung as for any offer. Once she has answered, the caller's is: whoever takes
her out of work then waits for that, as for a talk; and if he is not reached she is free at once,
without work after it, for it was not her doing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.callback import CallbackState
from queue_engine.core.commands import (
    CallbackFailure,
    OfferFailure,
    ReportCallbackDialled,
    ReportCallbackFailed,
    RequestCallback,
)
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.decide_contacts import (
    RING_GRACE_MS,
    end,
    offer_failed,
    revoke,
    sign_off_if_free,
)
from queue_engine.core.errors import Refused
from queue_engine.core.promise import promise, require_promisable
from queue_engine.core.turn import Turn
from routing.order import EMERGENCY_TIER
from routing.vocabulary import ContactChannel, ContactId, LinkId, Outcome


def request_callback(turn: Turn, command: RequestCallback) -> None:
    """He may hang up and keeps his place; asked twice, nothing changes."""
    contact = turn.state.living(command.contact_id)
    if contact is None:
        raise Refused("unknown_contact", f"no contact {command.contact_id} in the queue")
    if contact.state is ContactState.CONNECTED:
        raise Refused("connected", f"contact {command.contact_id} is with an agent already")
    if contact.channel in (ContactChannel.CHAT, ContactChannel.VIDEO):
        raise Refused("bad_channel", f"contact {command.contact_id} does not wait on the phone")
    require_promisable(turn.state, contact.priority)
    if contact.callback is None:
        promise(turn, contact.contact_id)


# --- his own call ---------------------------------------------------------------------------


def caller_left(turn: Turn, contact: Contact) -> None:
    """One who has the promise has hung up; of one who is away already that is an old story."""
    if contact.callback is not CallbackState.PROMISED:
        return
    if contact.state is ContactState.OFFERED:
        revoke(turn, contact, ev.RevokeReason.CALLER_GONE)
    turn.emit(ev.CallbackAwaited(contact.contact_id))


def on_line(turn: Turn, contact: Contact, link_id: LinkId) -> None:
    """The switch shows one who was to be rung: he is answered there, and rests no longer."""
    turn.emit(ev.CallerOnLine(contact.contact_id, link_id))
    if contact.is_postponed:
        turn.emit(ev.PostponementEnded(contact.contact_id))


def caller_unseen(turn: Turn, contact: Contact, asked_ms: int) -> None:
    """The switch was asked at `asked_ms`, and shows no call of one who has the promise.

    He has hung up; or, if a phone was to ring for him, it does not.
    """
    caller_left(turn, contact)
    if contact.state is not ContactState.OFFERED:
        return
    assert contact.agent_id is not None, contact.contact_id
    held = turn.state.agents[contact.agent_id].assignments[contact.contact_id]
    if held.since_ms < asked_ms:
        revoke(turn, contact, ev.RevokeReason.UNSEEN)


# --- ringing him ----------------------------------------------------------------------------


def report_dialled(turn: Turn, command: ReportCallbackDialled) -> None:
    """The nurse has answered; of an offer that is over, or dialled already, it is only noted."""
    contact = turn.state.contacts.get(command.contact_id)
    if contact is None:
        return
    if contact.offer == command.offer and contact.callback is CallbackState.AWAITED:
        _dialled(turn, contact)
        return
    turn.emit(ev.LateReport(command.contact_id, type(command).__name__, command.offer))


def report_failed(turn: Turn, command: ReportCallbackFailed) -> None:
    """He was not reached. That the nurse had answered follows from it, if it was not reported."""
    contact = turn.state.contacts.get(command.contact_id)
    if contact is None:
        return
    if not (contact.offer == command.offer and contact.is_away):
        turn.emit(ev.LateReport(command.contact_id, type(command).__name__, command.offer))
        return
    if contact.callback is CallbackState.AWAITED:
        _dialled(turn, contact)
    _not_reached(turn, contact, command.failure)


def rang_long_enough(turn: Turn, contact_id: ContactId) -> None:
    """Nobody has answered an offer in its time: the nurse, or he whom she rings."""
    contact = turn.state.contacts[contact_id]
    if contact.callback is CallbackState.DIALLED:
        _not_reached(turn, contact, CallbackFailure.NO_ANSWER)
    else:
        offer_failed(turn, contact_id, OfferFailure.NO_ANSWER)


def rings_until_ms(turn: Turn, contact: Contact) -> int:
    """Until when an offer rings whose phone, the nurse's or the caller's, begins to ring now."""
    policy = turn.state.rules.policy
    is_dialled = contact.callback is CallbackState.DIALLED
    ring_ms = policy.callbacks.dial_ms if is_dialled else policy.ring_ms
    return turn.now_ms + ring_ms + RING_GRACE_MS


def _dialled(turn: Turn, contact: Contact) -> None:
    assert contact.agent_id is not None, contact.contact_id
    assert contact.offer is not None, contact.contact_id
    until_ms = turn.now_ms + turn.state.rules.policy.callbacks.dial_ms + RING_GRACE_MS
    turn.emit(ev.CallbackDialled(contact.contact_id, contact.agent_id, contact.offer, until_ms))


def _not_reached(turn: Turn, contact: Contact, failure: CallbackFailure) -> None:
    """He rests until the next time, or that was the last one."""
    agent_id, offer = contact.agent_id, contact.offer
    assert agent_id is not None, contact.contact_id
    assert offer is not None, contact.contact_id
    rest_ms = _rest_ms(turn, contact)
    turn.emit(
        ev.CallbackNotReached(
            contact_id=contact.contact_id,
            agent_id=agent_id,
            offer=offer,
            failure=failure,
            tries=contact.callback_tries + 1,
            not_before_ms=None if rest_ms is None else turn.now_ms + rest_ms,
        )
    )
    sign_off_if_free(turn, agent_id)
    if rest_ms is None:
        end(turn, contact, Outcome.NOT_REACHED)
        turn.emit(ev.CallbackTextAsked(contact.contact_id))


def _rest_ms(turn: Turn, contact: Contact) -> int | None:
    """How long he rests; what has become an emergency since it asked rests no longer than any.

    None: he has been rung as often as agreed.
    """
    policy = turn.state.rules.policy
    retry_after_ms = policy.callbacks.retry_after_ms
    if contact.callback_tries >= len(retry_after_ms):
        return None
    rest_ms = retry_after_ms[contact.callback_tries]
    if contact.contact_class.tier == EMERGENCY_TIER:
        rest_ms = min(rest_ms, policy.not_before_ms)
    return rest_ms


DECIDERS: Final[dict[type, Callable[[Turn, Any], None]]] = {
    RequestCallback: request_callback,
    ReportCallbackDialled: report_dialled,
    ReportCallbackFailed: report_failed,
}
