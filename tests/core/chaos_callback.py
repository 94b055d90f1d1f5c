"""What happens to contacts that are rung back, drawn at random; see `chaos`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from queue_engine.core import commands as cmd
from queue_engine.core.callback import CallbackState
from queue_engine.core.contact import Contact, ContactState

Pick = Callable[[Sequence[Any]], Any]


def callback_command(pick: Pick, contact: Contact, now_ms: int) -> cmd.Command:
    """What may come next of one that has been promised to be rung back, mostly sensible."""
    contact_id = contact.contact_id
    gone = cmd.ReportCallerGone(contact_id, pick([True, False]))
    if contact.callback is CallbackState.PROMISED:
        return gone
    if contact.state is not ContactState.OFFERED:
        caller = cmd.SeenCaller(contact_id, cmd.CallerPlace.WAITING, now_ms)
        seen = cmd.ReportCallerWaiting(contact.link_id, caller)
        idle: cmd.Command = pick(
            (gone, gone, cmd.PassTime(), cmd.RequestCallback(contact_id), seen)
        )
        return idle
    assert contact.offer is not None, contact_id
    assert contact.phone_id is not None, contact_id
    failed = cmd.ReportCallbackFailed(contact_id, contact.offer, pick(list(cmd.CallbackFailure)))
    dialled = cmd.ReportCallbackDialled(contact_id, contact.offer)
    phone_id, link_id, offer = contact.phone_id, contact.link_id, contact.offer
    accepted = cmd.ReportConnected(contact_id, link_id, phone_id, offer)
    unanswered = cmd.ReportOfferFailed(contact_id, offer, pick(list(cmd.OfferFailure)))
    left = cmd.ReportTalkEnded(contact_id, phone_id)
    if contact.callback is CallbackState.AWAITED:
        rung: cmd.Command = pick((dialled, dialled, dialled, dialled, failed, accepted, unanswered))
        return rung
    tried: cmd.Command = pick((failed,) * 6 + (accepted, left, unanswered, dialled))
    return tried
