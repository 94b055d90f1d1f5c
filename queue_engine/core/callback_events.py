"""Events on contacts that are rung back: the promise, the tries, and what came of them.

Part of `events`, where the house rules stand.
"""

from __future__ import annotations

from queue_engine.core.commands import CallbackFailure
from queue_engine.core.message import message
from routing.vocabulary import AgentId, ContactId, LinkId


@message
class CallbackPromised:
    """The caller may hang up: he keeps his place and is rung, by `promised_until_ms`.

    That moment is what he is told.
    """

    contact_id: ContactId
    promised_until_ms: int


@message
class CallbackAwaited:
    """The caller is not on the line any more: from now on he can be rung."""

    contact_id: ContactId


@message
class CallerOnLine:
    """The switch shows a caller on the line who was to be rung: he is answered there."""

    contact_id: ContactId
    link_id: LinkId


@message
class CallbackDialled:
    """The nurse has answered: the caller's phone is rung now."""

    contact_id: ContactId
    agent_id: AgentId
    offer: int
    dial_until_ms: int


@message
class CallbackNotReached:
    """He was rung in vain; the contact keeps its place, and the nurse is free at once.

    It has cost her nothing: she stays as long idle as she was, and no work follows it.
    """

    contact_id: ContactId
    agent_id: AgentId
    offer: int
    failure: CallbackFailure
    tries: int
    """So often he has been rung."""
    not_before_ms: int | None
    """When he may be rung again; None: that was the last time."""


@message
class CallbackTextAsked:
    """He could not be reached: a text message is to tell him so, and how he gets help."""

    contact_id: ContactId


@message
class CallbackOverdue:
    """The promised moment is past and he has not been answered. An alarm."""

    contact_id: ContactId


CallbackEvent = (
    CallbackPromised
    | CallbackAwaited
    | CallerOnLine
    | CallbackDialled
    | CallbackNotReached
    | CallbackTextAsked
    | CallbackOverdue
)
