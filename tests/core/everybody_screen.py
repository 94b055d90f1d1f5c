"""What agents may ask of chats and calls at their screens; see `everybody`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from queue_engine.core import commands as cmd
from routing.vocabulary import AgentId, ContactId


def asked_at_screens(
    contacts: Sequence[str], agents: Sequence[str], offers: Sequence[int]
) -> Iterator[cmd.Command]:
    """By everybody and of everybody, sensible or not."""
    for agent_id in map(AgentId, agents):
        for contact_id in map(ContactId, (*contacts, "nobody_at_all")):
            yield cmd.EndContact(agent_id, contact_id)
            for offer in offers:
                yield cmd.AcceptOffer(agent_id, contact_id, offer)
                yield cmd.RejectOffer(agent_id, contact_id, offer)
        for contact_id in map(ContactId, contacts):
            yield cmd.EndWrapUp(agent_id, contact_id=contact_id)
