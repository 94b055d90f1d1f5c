"""How what an agent has had to do is written into her row; see `apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.agent import WRAP_UP, Agent
from queue_engine.core.contact import Contact
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.state import State
from routing.may_answer import is_others
from routing.strain_policy import OTHERS_OF_MAX
from routing.vocabulary import Priority


def note_connected(state: State, agent: Agent, contact: Contact, now_ms: int) -> None:
    """One more contact, without a rest before it or after one.

    One who was not gone after all, and whose talk she was wrapping up, is the same contact.
    """
    held = agent.assignments.get(contact.contact_id)
    if held is not None and held.state is WRAP_UP:
        return
    note_begun(state, agent, contact, now_ms)
    note_answered(state, agent, contact)


def note_begun(state: State, agent: Agent, contact: Contact, now_ms: int) -> None:
    """She works from now on, answering the contact or asked about it by a colleague.

    A rest is over with it, also where the rules know no rests any more. Where they know no limits
    nobody takes note of what she does: what she did before is forgotten, for it would count on
    from then, idle hours and all, if there were limits again.
    """
    if agent.rests is not None:
        agent.rests = None
        state.deadlines.clear(DeadlineKind.STRAIN, agent.agent_id)
        state.reclass_agent(agent)
    if not _is_limited(state, agent):
        agent.work_since_ms, agent.others_answered = None, ()
        return
    rest_ms, idle_since_ms = state.rules.policy.strain.rest_ms, agent.worked_until_ms
    has_rested = idle_since_ms is None or now_ms - idle_since_ms >= rest_ms
    is_alone = all(each == contact.contact_id for each in agent.assignments)
    if agent.work_since_ms is None or (has_rested and is_alone):
        agent.work_since_ms, agent.emergencies_in_row = now_ms, 0


def note_answered(state: State, agent: Agent, contact: Contact) -> None:
    """The contact is hers, by an answer of hers or because she takes it over from a colleague."""
    if not _is_limited(state, agent):
        return
    is_emergency = contact.priority is Priority.EMERGENCY
    agent.emergencies_in_row = agent.emergencies_in_row + 1 if is_emergency else 0
    is_anothers = is_others(state.rules, agent.agent_class, contact.contact_class)
    agent.others_answered = (*agent.others_answered, is_anothers)[-OTHERS_OF_MAX:]


def _is_limited(state: State, agent: Agent) -> bool:
    """Whether anything can be too much for her: at a gateway's seat sits whoever is rested."""
    return state.rules.policy.strain.has_limits and agent.gateway is None


def note_freed(state: State, agent: Agent, now_ms: int) -> None:
    """She is done with a contact: whether it was too much is to be decided."""
    if agent.work_since_ms is not None or _is_limited(state, agent):
        agent.worked_until_ms = now_ms
        state.touched.freed[agent.agent_id] = agent


def _strained(state: State, event: ev.AgentStrained, now_ms: int, number: int) -> None:
    agent = state.agents[event.agent_id]
    if event.until_ms is None:
        agent.has_own_only = True
    else:
        agent.rests = event.strain
        state.deadlines.set(event.until_ms, DeadlineKind.STRAIN, agent.agent_id)
    state.touched.absent = True
    state.reclass_agent(agent)


def _eased(state: State, event: ev.StrainEased, now_ms: int, number: int) -> None:
    agent = state.agents[event.agent_id]
    if event.strain is ev.Strain.OTHERS:
        agent.has_own_only = False
    else:
        agent.rests = agent.work_since_ms = agent.worked_until_ms = None
        agent.emergencies_in_row = 0
        state.deadlines.clear(DeadlineKind.STRAIN, agent.agent_id)
    state.reclass_agent(agent)


WRITERS: Final[dict[type, Callable[[State, Any, int, int], None]]] = {
    ev.AgentStrained: _strained,
    ev.StrainEased: _eased,
}
