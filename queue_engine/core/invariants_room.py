"""What must be true of the contacts that one agent has at once; part of `invariants`."""

from __future__ import annotations

from queue_engine.core.agent import Agent, AgentState
from queue_engine.core.state import State
from routing.room_policy import Room
from routing.vocabulary import ContactChannel


def check_room(state: State, agent: Agent) -> None:
    """One call at most, one offer at a time, and the room that is left as the table says it.

    What she has may be more than the table allows: the table may have changed, and a call that
    the switch itself brought her is a fact.
    """
    agent_id, held = agent.agent_id, agent.assignments
    chats = [each for each in held if held[each].channel is ContactChannel.CHAT]
    calls = [
        each for each in held if each not in chats and held[each].state is not AgentState.WRAP_UP
    ]
    assert len(calls) <= 1, f"{agent_id} has two calls: {calls}"
    rings = [each for each in held if held[each].state is AgentState.RESERVED]
    assert len(rings) <= 1, f"{agent_id} has two offers: {rings}"
    for contact_id, assignment in held.items():
        contact = state.contacts.get(contact_id)
        if contact is None or contact.channel is assignment.channel:
            continue
        are_calls = not (contact.channel.is_on_screen or assignment.channel.is_on_screen)
        assert are_calls, f"{agent_id} has {contact_id} as a {assignment.channel}"
    rooms = state.rules.policy.rooms
    room = None
    if chats and len(chats) == len(held) and not rings:
        room = Room(len(chats) < rooms.chats_max, rooms.pressing_calls_on_chats)
    room = room if room is not None and any(room) else None
    assert agent.room == room, f"{agent_id} has room {agent.room}, should have {room}"
