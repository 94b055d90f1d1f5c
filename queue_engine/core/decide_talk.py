"""Decisions on what an agent asks for while she talks with a caller."""

from __future__ import annotations

from queue_engine.core import events as ev
from queue_engine.core.codes import require_code
from queue_engine.core.commands import SendBack
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.decide_contacts import start_wrap_up
from queue_engine.core.errors import Refused
from queue_engine.core.turn import Turn
from routing.vocabulary import AgentId, ContactId


def send_back(turn: Turn, command: SendBack) -> None:
    """The caller waits again where he stood; she wraps up, and others are asked before her."""
    contact = talk_of(turn, command.agent_id, command.contact_id)
    require_code(command.reason, "SendBack.reason")
    turn.emit(ev.ContactSentBack(contact.contact_id, command.agent_id, command.reason))
    start_wrap_up(turn, command.agent_id, contact.contact_id)


def talk_of(turn: Turn, agent_id: AgentId, contact_id: ContactId) -> Contact:
    """The contact that this agent talks with.

    Raises:
        Refused: it is not in the queue, or not connected to her.
    """
    contact = turn.state.living(contact_id)
    if contact is None:
        raise Refused("unknown_contact", f"no contact {contact_id} in the queue")
    if contact.state is not ContactState.CONNECTED or contact.agent_id != agent_id:
        raise Refused("not_talking", f"agent {agent_id} does not talk with contact {contact_id}")
    return contact
