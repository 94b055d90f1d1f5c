"""What is newer than what a switch showed.

A picture may come seconds after it was asked for, when the engine that asked was held up.
"""

from __future__ import annotations

from typing import Final

from queue_engine.core.agent import Agent, AgentState
from queue_engine.core.commands import CallerPlace, ReportSwitch, SeenCaller
from queue_engine.core.contact import ENDED, OFFERED, Contact
from queue_engine.core.state import State
from routing.vocabulary import ContactChannel, Outcome


def is_known_since(state: State, picture: ReportSwitch, caller: SeenCaller) -> bool:
    """Whether we know what is newer of the caller: that he talks, or no longer does, or that a
    phone is to ring for him.

    Of one who was missed (`LOST`) nobody has heard that he is gone: who shows him is right.
    """
    known, asked_ms = state.contacts.get(caller.contact_id), picture.asked_ms
    if known is None:
        return False
    if known.state is ENDED:
        assert known.ended_ms is not None, known.contact_id
        return known.ended_ms > asked_ms and known.outcome is not Outcome.LOST
    if is_connected_since(known, asked_ms):
        return True
    if caller.place in _NO_TALK:
        return known.state is OFFERED and _is_offered_since(state, known, asked_ms)
    agent = state.agent_at(picture.link_id, caller.phone_id)
    return agent is not None and _has_left_since(agent, known, asked_ms)


def is_connected_since(contact: Contact, asked_ms: int) -> bool:
    """Whether his talk began after the picture was asked for; he may have been rung for it."""
    return contact.connected_ms is not None and contact.connected_ms > asked_ms


def _is_offered_since(state: State, contact: Contact, asked_ms: int) -> bool:
    """Whether the offer is newer than the picture, which cannot show that its phone rings."""
    assert contact.agent_id is not None, contact.contact_id
    return state.agents[contact.agent_id].assignments[contact.contact_id].since_ms > asked_ms


def _has_left_since(agent: Agent, contact: Contact, asked_ms: int) -> bool:
    """Whether her talk with him is over since: she works after it, or talks with another."""
    return any(
        held.since_ms > asked_ms
        and held.channel is not ContactChannel.CHAT
        and held.state is (AgentState.WRAP_UP if contact_id == contact.contact_id else _TALKING)
        for contact_id, held in agent.assignments.items()
    )


_NO_TALK: Final = (CallerPlace.WAITING, CallerPlace.RINGING)
_TALKING: Final = AgentState.TALKING
