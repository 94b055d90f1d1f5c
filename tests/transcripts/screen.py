"""The stories' sentences about chats and videos, which agents answer on their screens."""

from __future__ import annotations

from typing import Final

from queue_engine.core import commands as cmd
from queue_engine.core.state import State
from routing.vocabulary import AgentId, ContactChannel, ContactId
from tests.transcripts.talk import Ask
from tests.transcripts.words import Words

CHANNELS: Final = {
    "caller": ContactChannel.PHONE,
    "chat": ContactChannel.CHAT,
    "video": ContactChannel.VIDEO,
}
"""What a contact is called in the stories."""


def _accepts(state: State, words: Words) -> cmd.Command:
    return cmd.AcceptOffer(*_offer(state, words))


def _rejects(state: State, words: Words) -> cmd.Command:
    return cmd.RejectOffer(*_offer(state, words))


def _offer(state: State, words: Words) -> tuple[AgentId, ContactId, int]:
    contact_id = ContactId(words["contact"])
    known = state.contacts.get(contact_id)
    offer = int(words["offer"]) if "offer" in words else known.offer if known else None
    return AgentId(words["agent"]), contact_id, offer or 0


def _ends(state: State, words: Words) -> cmd.Command:
    return cmd.EndContact(AgentId(words["agent"]), ContactId(words["contact"]))


def _leaves(state: State, words: Words) -> cmd.Command:
    return cmd.ReportCallerGone(ContactId(words["contact"]))


_OFFER: Final = r"(?: offer (?P<offer>[0-9]+) of)? (?P<contact>\w+)"

SCREEN: Final[tuple[tuple[str, Ask], ...]] = (
    (rf"(?P<agent>\w+) accepts{_OFFER}", _accepts),
    (rf"(?P<agent>\w+) rejects{_OFFER}", _rejects),
    (r"(?P<agent>\w+) closes (?P<contact>\w+)", _ends),
    (r"(?P<contact>\w+) leaves", _leaves),
)
"""Each sentence, and the command that it is."""
