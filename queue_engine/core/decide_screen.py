"""Decisions on contacts whom agents meet on their screens: a chat, a video.

There is no switch that could report: the screen asks for what its agent wants, and is refused what
can no longer be had. An offer that nobody answers ends by its deadline, as any other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.commands import AcceptOffer, EndContact, OfferFailure, RejectOffer, Report
from queue_engine.core.contact import Contact
from queue_engine.core.decide_contacts import end, offer_failed
from queue_engine.core.decide_talk import talk_of
from queue_engine.core.errors import Refused
from queue_engine.core.turn import Turn
from routing.vocabulary import ON_SCREEN, ContactId, Outcome


def accept_offer(turn: Turn, command: AcceptOffer) -> None:
    """Agent and caller are connected."""
    contact = _offer_of(turn, command)
    assert contact.phone_id is not None, contact.contact_id
    wait_ms = contact.waited_ms(turn.now_ms)
    turn.emit(ev.ContactConnected(contact.contact_id, command.agent_id, contact.phone_id, wait_ms))


def reject_offer(turn: Turn, command: RejectOffer) -> None:
    """The contact keeps its place for somebody else, and she is not ready."""
    offer_failed(turn, _offer_of(turn, command).contact_id, OfferFailure.REJECTED)


def end_contact(turn: Turn, command: EndContact) -> None:
    """She has ended it: her wrap-up begins."""
    contact = _on_screen(turn, command.contact_id)
    end(turn, talk_of(turn, command.agent_id, contact.contact_id), Outcome.HANDLED)


def _offer_of(turn: Turn, command: AcceptOffer | RejectOffer) -> Contact:
    """The contact that is offered to her under this number.

    Raises:
        Refused: it is not, or no longer.
    """
    contact = _on_screen(turn, command.contact_id)
    if (contact.agent_id, contact.offer) != (command.agent_id, command.offer):
        sentence = f"contact {command.contact_id} is not offered to agent {command.agent_id}"
        raise Refused("no_offer", sentence)
    return contact


def _on_screen(turn: Turn, contact_id: ContactId) -> Contact:
    contact = turn.state.living(contact_id)
    if contact is None:
        raise Refused("unknown_contact", f"no contact {contact_id} in the queue")
    if not contact.channel.is_on_screen:
        raise Refused("is_call", f"contact {contact_id} is a call: the phone answers and ends it")
    return contact


def is_on_screen(turn: Turn, contact_id: ContactId, command: Report) -> bool:
    """Whether no switch can know of the contact: that is noted, and nothing more."""
    contact = turn.state.contacts.get(contact_id)
    if contact is None or contact.channel not in ON_SCREEN:
        return False
    turn.emit(ev.LateReport(contact_id, type(command).__name__))
    return True


DECIDERS: Final[dict[type, Callable[[Turn, Any], None]]] = {
    AcceptOffer: accept_offer,
    RejectOffer: reject_offer,
    EndContact: end_contact,
}
