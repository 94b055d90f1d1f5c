"""What must be true after every command, checked the slow and obvious way.

Run after each command in tests and simulations, and on a sample in production. Nothing here uses
the indexes it checks, but to compare them with what the rows say.
"""

from __future__ import annotations

from queue_engine.core import events as ev
from queue_engine.core.agent import AgentState
from queue_engine.core.contact import ContactState
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.state import State
from routing.matching import all_pairs, contact_key
from routing.may_answer import obstacle


def check(state: State) -> None:
    """Raises AssertionError, naming what is wrong, if any invariant does not hold."""
    assert not state.touched, "a command left something unsettled"
    _check_contacts(state)
    _check_agents(state)
    _check_indexes(state)
    _check_deadlines(state)
    _check_work_conserving(state)


def check_promise(state: State, event: ev.Event) -> None:
    """Called before an offer is applied: nobody whom she may answer stands before it.

    *When j is offered to a, no waiting i that a may answer has a smaller key_a* (DESIGN 2).
    """
    if not isinstance(event, ev.ContactOffered):
        return
    agent = state.agents[event.agent_id]
    offered = state.contacts[event.contact_id]
    assert state.is_offerable(offered), f"{event.contact_id} was offered and cannot be"
    assert agent.is_ready, f"{event.agent_id} was offered a contact and is not ready"
    why = obstacle(state.floor, agent, offered)
    assert why is None, f"{event.agent_id} may not answer {event.contact_id}: {why}"
    key = contact_key(state.floor, agent.agent_id, agent.region, offered)
    for other in state.contacts.values():
        if other is not offered and state.is_offerable(other):
            other_key = contact_key(state.floor, agent.agent_id, agent.region, other)
            assert other_key > key or obstacle(state.floor, agent, other) is not None, (
                f"{event.contact_id} {key} was offered to {event.agent_id}"
                f" before {other.contact_id} {other_key}"
            )


def _check_contacts(state: State) -> None:
    sequences = set()
    for contact_id, contact in state.contacts.items():
        assert contact.contact_id == contact_id, contact_id
        assert contact.state is not None, contact_id
        assert contact.sequence not in sequences, f"two contacts with sequence {contact.sequence}"
        assert contact.sequence < state.next_sequence, contact_id
        sequences.add(contact.sequence)
        holders = {
            agent.agent_id: agent.assignments[contact_id].state
            for agent in state.agents.values()
            if contact_id in agent.assignments
            and agent.assignments[contact_id].state is not AgentState.WRAP_UP
        }
        match contact.state:
            case ContactState.WAITING:
                assert not holders, f"{contact_id} waits and is held by {holders}"
                assert contact.offer is None, contact_id
            case ContactState.OFFERED:
                assert contact.agent_id is not None, contact_id
                assert holders == {contact.agent_id: AgentState.RESERVED}, (contact_id, holders)
                assert contact.offer is not None, contact_id
            case ContactState.CONNECTED:
                expected = {contact.agent_id: AgentState.TALKING} if contact.agent_id else {}
                assert holders == expected, (contact_id, holders)
                assert contact.phone_id is not None, contact_id
            case ContactState.ENDED:
                assert not holders, f"{contact_id} has ended and is held by {holders}"
                assert contact.outcome is not None, contact_id


def _check_agents(state: State) -> None:
    phones = set()
    for agent_id, agent in state.agents.items():
        assert agent.agent_id == agent_id, agent_id
        assert (agent.link_id, agent.phone_id) not in phones, f"two agents at {agent.phone_id}"
        phones.add((agent.link_id, agent.phone_id))
        calls = [
            contact_id
            for contact_id, held in agent.assignments.items()
            if held.state is not AgentState.WRAP_UP
        ]
        assert len(calls) <= 1, f"{agent_id} has two calls: {calls}"
        assert not agent.is_signing_off or agent.assignments, f"{agent_id} should be signed off"
    assert set(state.phones) == phones, "phones and agents differ"


def _check_indexes(state: State) -> None:
    offerable = {c.contact_id for c in state.contacts.values() if state.is_offerable(c)}
    assert offerable == set(state.waiting._by_id), "the waiting index differs from the rows"
    ready = {
        agent.agent_id
        for agent in state.agents.values()
        if agent.is_ready and state.is_link_up(agent.link_id)
    }
    assert ready == set(state.ready._by_id), "the ready index differs from the rows"
    tried = {c.contact_id for c in state.contacts.values() if state.is_offerable(c) and c.tried}
    assert tried == {c.contact_id for c in state.tried_waiting()}, "the tried index differs"
    for code in {agent.region for agent in state.agents.values()}:
        count = sum(agent.region == code for agent in state.agents.values())
        assert state.ready.signed_on_count(code, ()) == count, f"{code}: signed on differs"


def _check_deadlines(state: State) -> None:
    for row in state.deadlines.rows():
        assert row.at_ms >= 0, row
        if row.kind in (DeadlineKind.HEAL, DeadlineKind.WRAP_UP):
            assert row.subject in state.agents, f"{row}: no such agent"
        else:
            assert row.subject in state.contacts, f"{row}: no such contact"
    rows = {(row.kind, row.subject) for row in state.deadlines.rows()}
    for contact_id, contact in state.contacts.items():
        if contact.state is ContactState.OFFERED and state.is_link_up(contact.link_id):
            assert (DeadlineKind.RING, contact_id) in rows, f"{contact_id} could ring for ever"
        if contact.state is ContactState.ENDED:
            assert (DeadlineKind.FORGET, contact_id) in rows, f"{contact_id} is never forgotten"
    for agent in state.agents.values():
        for held in agent.assignments.values():
            if held.state is AgentState.WRAP_UP:
                assert (DeadlineKind.WRAP_UP, agent.agent_id) in rows, agent.agent_id


def _check_work_conserving(state: State) -> None:
    pairs = all_pairs(
        state.floor,
        [agent for agent in state.agents.values() if agent.agent_id in state.ready],
        [contact for contact in state.contacts.values() if contact.contact_id in state.waiting],
    )
    assert not pairs, (
        f"{pairs[0].agent.agent_id} is ready and may answer {pairs[0].contact.contact_id}"
    )
