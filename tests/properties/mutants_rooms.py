"""Wrong versions of what one nurse may have at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from queue_engine.core import (
    apply_agents,
    decide as deciding,
    decide_contacts,
    decide_screen,
    events as ev,
    settle,
)
from queue_engine.core.agent import Agent, AgentState
from queue_engine.core.apply import WRITERS
from queue_engine.core.commands import RejectOffer
from queue_engine.core.contact import Contact
from queue_engine.core.state import State
from queue_engine.core.turn import Turn
from routing import may_answer
from routing.ready_agents import AgentClass, ReadyAgent
from routing.room_policy import Room, RoomPolicy, room_beside
from routing.vocabulary import ContactChannel, ContactId, Outcome
from routing.waiting import ContactClass, WaitingContact

Patch = pytest.MonkeyPatch


def any_call_on_top_of_chats(patch: Patch) -> None:
    def wrong(room: Room, contact: ContactClass) -> bool:
        return room.chat if contact.channel is ContactChannel.CHAT else room.pressing_call

    patch.setattr(may_answer, "has_room", wrong)


def chats_without_number(patch: Patch) -> None:
    has_room = may_answer.has_room

    def wrong(room: Room, contact: ContactClass) -> bool:
        return contact.channel is ContactChannel.CHAT or has_room(room, contact)

    patch.setattr(may_answer, "has_room", wrong)


def chats_beside_a_call(patch: Patch) -> None:
    def wrong(self: Agent, rooms: RoomPolicy, but: ContactId | None = None) -> Room | None:
        held = [each for name, each in self.assignments.items() if name != but]
        if not held or any(each.state is AgentState.RESERVED for each in held):
            return None
        return room_beside(rooms, len(held))

    patch.setattr(Agent, "room_left", wrong)


def wrap_up_of_a_chat_takes_no_room(patch: Patch) -> None:
    def wrong(self: Agent, rooms: RoomPolicy, but: ContactId | None = None) -> Room | None:
        held = [each for name, each in self.assignments.items() if name != but]
        is_other = any(each.channel is not ContactChannel.CHAT for each in held)
        if is_other or any(each.state is AgentState.RESERVED for each in held):
            return None
        chats = sum(each.state is AgentState.TALKING for each in held)
        return room_beside(rooms, chats) if held else None

    patch.setattr(Agent, "room_left", wrong)


def room_not_looked_at_again(patch: Patch) -> None:
    patch.setattr(State, "_fit_room", lambda self, agent: None)


def call_ends_her_chats(patch: Patch) -> None:
    def wrong(turn: Turn, agent_id: Any, contact_id: ContactId) -> None:
        for other in list(turn.state.agents[agent_id].assignments):
            row = turn.state.contacts.get(other)
            if row is not None and row.channel is ContactChannel.CHAT and row.agent_id == agent_id:
                decide_contacts.end(turn, row, Outcome.LOST)

    patch.setattr("queue_engine.core.decide_switch.free_for", wrong)


def nothing_withdrawn_beside_chats(patch: Patch) -> None:
    def wrong(self: Agent, contact_id: ContactId, rooms: RoomPolicy) -> AgentClass | None:
        return self.agent_class if len(self.assignments) == 1 else None

    patch.setattr(Agent, "class_without", wrong)


def given_back_to_her_who_gave_it_back(patch: Patch) -> None:
    def wrong(agent: ReadyAgent, contact: WaitingContact) -> bool:
        return False

    patch.setattr(may_answer, "is_busy_with", wrong)


def chats_wait_for_the_switch(patch: Patch) -> None:
    right = State.is_offerable

    def wrong(state: State, contact: Contact) -> bool:
        return contact.seen_waiting and right(state, contact)

    patch.setattr(State, "is_offerable", wrong)


def phone_rings_for_a_chat(patch: Patch) -> None:
    patch.setattr(settle, "NO_LINK", "ast1")


def rejecting_costs_nothing(patch: Patch) -> None:
    def wrong(turn: Turn, command: RejectOffer) -> None:
        contact = decide_screen._offer_of(turn, command)
        decide_contacts.revoke(turn, contact, ev.RevokeReason.SEEN_WAITING)

    patch.setitem(deciding._DECIDERS, RejectOffer, wrong)


def idle_from_the_end_of_the_talk(patch: Patch) -> None:
    def wrong(state: State, event: Any, now_ms: int, number: int) -> None:
        apply_agents._wrap_up_started(state, event, now_ms, number)
        apply_agents._idle_from_now(state, state.agents[event.agent_id], now_ms)

    patch.setitem(WRITERS, ev.WrapUpStarted, wrong)


MUTANTS: Final[dict[Callable[[Patch], None], str]] = {
    any_call_on_top_of_chats: "auditor with chats",
    chats_without_number: "auditor with chats",
    chats_beside_a_call: "auditor with chats",
    wrap_up_of_a_chat_takes_no_room: "auditor with chats",
    room_not_looked_at_again: "story rooms",
    call_ends_her_chats: "story rooms",
    nothing_withdrawn_beside_chats: "story rooms",
    given_back_to_her_who_gave_it_back: "story rooms",
    chats_wait_for_the_switch: "auditor with chats",
    phone_rings_for_a_chat: "auditor with chats",
    rejecting_costs_nothing: "story rooms",
    idle_from_the_end_of_the_talk: "story rooms",
}
