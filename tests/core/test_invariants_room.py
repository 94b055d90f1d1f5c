"""What nobody may have at once is seen; planted by hand."""

from __future__ import annotations

import pytest

from queue_engine.core.agent import Agent, AgentState, Assignment
from queue_engine.core.invariants_room import check_room
from queue_engine.core.state import State
from routing.room_policy import Room
from routing.vocabulary import AgentId, ContactChannel, ContactId
from tests.core.world import World

C1, C2 = ContactId("c1"), ContactId("c2")


@pytest.fixture
def hall() -> tuple[State, Agent]:
    """A nurse has one chat, and room for another."""
    world = World()
    world.agent("a1")
    world.chat("c1")
    world.answer("c1")
    agent = world.state.agents[AgentId("a1")]
    assert agent.room == Room(chat=True, pressing_call=True)
    check_room(world.state, agent)
    return world.state, agent


def test_two_calls(hall: tuple[State, Agent]) -> None:
    state, agent = hall
    for contact_id in (C2, ContactId("c3")):
        agent.assignments[contact_id] = Assignment(AgentState.TALKING, 0)
    with pytest.raises(AssertionError, match="two calls"):
        check_room(state, agent)


def test_two_offers(hall: tuple[State, Agent]) -> None:
    state, agent = hall
    for contact_id in (C2, ContactId("c3")):
        agent.assignments[contact_id] = Assignment(
            AgentState.RESERVED, 0, channel=ContactChannel.CHAT
        )
    with pytest.raises(AssertionError, match="two offers"):
        check_room(state, agent)


def test_a_chat_that_is_none(hall: tuple[State, Agent]) -> None:
    state, agent = hall
    agent.assignments[C1].channel = ContactChannel.VIDEO
    with pytest.raises(AssertionError, match="has c1 as a video"):
        check_room(state, agent)


@pytest.mark.parametrize("room", [None, Room(True, False), Room(False, True)])
def test_room_that_is_not_what_the_table_says(hall: tuple[State, Agent], room: Room | None) -> None:
    state, agent = hall
    agent.room = room
    with pytest.raises(AssertionError, match="a1 has room"):
        check_room(state, agent)


def test_no_room_beside_a_call_or_an_offer(hall: tuple[State, Agent]) -> None:
    state, agent = hall
    agent.assignments[C2] = Assignment(AgentState.WRAP_UP, 0)
    with pytest.raises(AssertionError, match="should have None"):
        check_room(state, agent)
    agent.assignments[C2] = Assignment(AgentState.RESERVED, 0, channel=ContactChannel.CHAT)
    with pytest.raises(AssertionError, match="should have None"):
        check_room(state, agent)
