"""A trunk that carried no offer rests.

Nobody's phone has done anything, and the next caller would fare no better: so all callers of the
one switch are passed over for the other's phones, until it is tried again. The contact itself
does not rest for it; others may answer it at once.
"""

from __future__ import annotations

from queue_engine.core import events as ev
from queue_engine.core.contact import Contact
from queue_engine.core.turn import Turn
from routing.trunks import far_phone
from routing.vocabulary import LinkId


def rest_trunk(turn: Turn, contact: Contact, rest_ms: int) -> None:
    """The trunk by which it is offered rests, unless it does already or there is none."""
    far = far_phone(contact.phone_id)
    if far is None or (contact.link_id, far[0]) in turn.state.resting_trunks:
        return
    turn.emit(ev.TrunkFailed(contact.link_id, far[0], turn.now_ms + rest_ms))


def end_rest(turn: Turn, link_id: str, phone_link: str) -> None:
    """It is tried again."""
    turn.emit(ev.TrunkRestEnded(LinkId(link_id), LinkId(phone_link)))
