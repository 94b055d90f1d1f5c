"""What agents ask for while they talk, drawn at random; see `chaos`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from queue_engine.core import commands as cmd
from queue_engine.core.contact import Contact
from routing.vocabulary import AgentId, ContactId

Pick = Callable[[Sequence[Any]], Any]


def talk_command(pick: Pick, contact: Contact, agent_id: AgentId) -> cmd.Command:
    """What the agent who talks with the contact may ask for."""
    return any_talk_command(pick, contact.contact_id, agent_id)


def any_talk_command(pick: Pick, contact_id: ContactId, agent_id: AgentId) -> cmd.Command:
    """Anything that an agent can ask for in a talk, whether or not it makes sense."""
    return cmd.SendBack(agent_id, contact_id, pick(["misuse", "wrong_language", "No code"]))
