"""What an agent does with a chat or a video; see `chaos`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from queue_engine.core import commands as cmd
from queue_engine.core.contact import Contact, ContactState
from routing.vocabulary import AgentId

Pick = Callable[[Sequence[Any]], Any]


def screen_command(pick: Pick, contact: Contact) -> cmd.Command:
    """Mostly what makes sense for it as it is."""
    contact_id, agent_id = contact.contact_id, contact.agent_id or AgentId("a0")
    offer = contact.offer or 1
    accept = cmd.AcceptOffer(agent_id, contact_id, offer)
    choices: tuple[cmd.Command, ...]
    if contact.state is ContactState.OFFERED:
        reject = cmd.RejectOffer(agent_id, contact_id, offer)
        stale = cmd.AcceptOffer(agent_id, contact_id, offer - 1)
        choices = (accept, accept, accept, accept, accept, reject, stale)
    elif contact.state is ContactState.CONNECTED:
        over = cmd.EndContact(agent_id, contact_id)
        back = cmd.SendBack(agent_id, contact_id, "wrong_language")
        choices = (over, over, back, cmd.ReportCallerGone(contact_id), cmd.PassTime(), accept)
    else:
        choices = (cmd.PassTime(), cmd.PassTime(), accept, cmd.ReportCallerGone(contact_id))
    chosen: cmd.Command = pick(choices)
    return chosen
