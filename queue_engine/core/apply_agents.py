"""How events on agents are written into the rows; see `apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.agent import Agent, AgentState
from queue_engine.core.apply_strain import note_freed
from queue_engine.core.balance import Work
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.state import State
from routing.vocabulary import AgentId, ContactId

_WRAP_UP: Final = DeadlineKind.WRAP_UP


def free(state: State, agent_id: AgentId, contact_id: ContactId, event: type, now_ms: int) -> None:
    """She is done with the contact: idle from now, if nothing else keeps her."""
    agent = state.agents[agent_id]
    if state.rules.keeps_balances:
        book_work(state, agent, contact_id, now_ms)
    agent.step_assignment(contact_id, event, now_ms)
    note_freed(state, agent, now_ms)
    _idle_from_now(state, agent, now_ms)


def book_work(state: State, agent: Agent, contact_id: ContactId, now_ms: int) -> None:
    """A talk or a wrap-up that she has ends, or becomes the other: both regions' balances.

    Only where the rules keep any.
    """
    held = agent.assignments.get(contact_id)
    if held is None or held.state is AgentState.RESERVED:
        return
    home = state.lent_to(agent, contact_id)
    if home is not None:
        state.balances.book(agent.region, Work(given=1), held.since_ms, now_ms)
        state.balances.book(home, Work(taken=1), held.since_ms, now_ms)


def _idle_from_now(state: State, agent: Agent, now_ms: int) -> None:
    if agent.agent_id in state.ready:
        assert agent.room is not None, f"{agent.agent_id} was idle already"
        state.ready.remove(agent)
    agent.ready_since_ms = now_ms
    state.reindex_agent(agent)


def _agent_signed_on(state: State, event: ev.AgentSignedOn, now_ms: int, number: int) -> None:
    agent = Agent(
        agent_id=event.agent_id,
        sequence=event.sequence,
        link_id=event.link_id,
        phone_id=event.phone_id,
        region=event.region,
        skills=event.skills,
        unit=event.unit,
        signed_on_ms=now_ms,
    )
    state.next_sequence = max(state.next_sequence, event.sequence + 1)
    state.sign_on(agent)
    state.touched.staff = True


def _agent_signed_off(state: State, event: ev.AgentSignedOff, now_ms: int, number: int) -> None:
    agent = state.agents[event.agent_id]
    agent.step(type(event))
    assert not agent.assignments, (agent.agent_id, agent.assignments)
    if state.rules.keeps_balances:
        state.balances.book(agent.region, Work(staffed=1), agent.signed_on_ms, now_ms)
    state.sign_off(agent)
    state.touched.absent = True
    state.deadlines.clear_all(agent.agent_id, (DeadlineKind.HEAL, DeadlineKind.STRAIN))
    state.touched.signed_off[agent.region] = None
    state.touched.staff = True
    state.touch_lending(agent.region)


def _sign_off_awaited(state: State, event: ev.SignOffAwaited, now_ms: int, number: int) -> None:
    agent = state.agents[event.agent_id]
    agent.is_signing_off = True
    state.touched.absent = True
    state.reindex_agent(agent)


def _sign_off_taken_back(
    state: State, event: ev.SignOffTakenBack, now_ms: int, number: int
) -> None:
    agent = state.agents[event.agent_id]
    agent.is_signing_off = False
    state.reindex_agent(agent)


def _agent_became_ready(state: State, event: ev.AgentBecameReady, now_ms: int, number: int) -> None:
    agent = state.agents[event.agent_id]
    agent.step(type(event))
    agent.not_ready_reason = None
    state.deadlines.clear(DeadlineKind.HEAL, agent.agent_id)
    _idle_from_now(state, agent, now_ms)


def _agent_became_not_ready(
    state: State, event: ev.AgentBecameNotReady, now_ms: int, number: int
) -> None:
    agent = state.agents[event.agent_id]
    agent.step(type(event))
    agent.not_ready_reason = event.reason
    state.touched.absent = True
    state.deadlines.clear(DeadlineKind.HEAL, agent.agent_id)
    if event.heals_at_ms is not None:
        state.deadlines.set(event.heals_at_ms, DeadlineKind.HEAL, agent.agent_id)
    state.reindex_agent(agent)


def _wrap_up_started(state: State, event: ev.WrapUpStarted, now_ms: int, number: int) -> None:
    agent = state.agents[event.agent_id]
    if state.rules.keeps_balances:
        book_work(state, agent, event.contact_id, now_ms)
    agent.step_assignment(event.contact_id, type(event), now_ms)
    if event.wrap_up_until_ms > now_ms:  # else it ends with the next event, as none is allowed
        state.deadlines.set(event.wrap_up_until_ms, _WRAP_UP, event.agent_id, event.contact_id)
    state.reindex_agent(agent)


def _wrap_up_ended(state: State, event: ev.WrapUpEnded, now_ms: int, number: int) -> None:
    state.deadlines.clear(_WRAP_UP, event.agent_id, event.contact_id)
    free(state, event.agent_id, event.contact_id, type(event), now_ms)


WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.AgentSignedOn: _agent_signed_on,
    ev.AgentSignedOff: _agent_signed_off,
    ev.SignOffAwaited: _sign_off_awaited,
    ev.SignOffTakenBack: _sign_off_taken_back,
    ev.AgentBecameReady: _agent_became_ready,
    ev.AgentBecameNotReady: _agent_became_not_ready,
    ev.WrapUpStarted: _wrap_up_started,
    ev.WrapUpEnded: _wrap_up_ended,
}
