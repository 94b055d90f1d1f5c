"""Events on the trunks between switches. Part of `events`, where the house rules stand."""

from __future__ import annotations

from queue_engine.core.message import message
from routing.vocabulary import LinkId


@message
class TrunkFailed:
    """An offer could not reach a phone of another switch: nobody is offered there for a while."""

    link_id: LinkId
    """The callers' switch."""
    phone_link: LinkId
    """The phones'."""
    rests_until_ms: int
    emergencies_until_ms: int | None = None
    """For emergencies no longer than this; None: as long as for all others."""


@message
class TrunkRestEnded:
    """The callers of one switch may be offered at the phones of the other again."""

    link_id: LinkId
    phone_link: LinkId
    for_emergencies: bool = False
    """For them alone as yet."""
