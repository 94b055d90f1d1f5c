"""Decisions on the work after a talk: more time for it, and what is said of the contact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import events as ev
from queue_engine.core.agent import Agent, AgentState
from queue_engine.core.codes import require_code
from queue_engine.core.commands import ProlongWrapUp, SetDisposition
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.errors import Refused
from queue_engine.core.turn import Turn
from routing.vocabulary import ContactId


def prolong_wrap_up(turn: Turn, command: ProlongWrapUp) -> None:
    """She gets more time, up to the limit that is counted from when her wrap-up began."""
    agent = turn.state.agents.get(command.agent_id)
    wrapping = wrap_up_of(agent, command.contact_id) if agent is not None else None
    if agent is None or wrapping is None:
        raise Refused("no_wrap_up", f"agent {command.agent_id} has no wrap-up to prolong")
    if command.by_ms <= 0:
        raise Refused("bad_time", "a wrap-up is prolonged by more than nothing")
    until_ms = turn.state.deadlines.at_ms(DeadlineKind.WRAP_UP, agent.agent_id, wrapping)
    assert until_ms is not None, agent.agent_id
    limit_ms = turn.state.rules.policy.talks.wrap_up_prolonged_ms_max
    last_ms = agent.assignments[wrapping].since_ms + limit_ms
    if last_ms <= until_ms:
        raise Refused("wrap_up_at_limit", f"agent {agent.agent_id} has all the time there is")
    until_ms = min(until_ms + command.by_ms, last_ms)
    turn.emit(ev.WrapUpProlonged(wrapping, agent.agent_id, until_ms))


def wrap_up_of(agent: Agent, contact_id: ContactId | None) -> ContactId | None:
    """The contact whose wrap-up is meant, if she has it; of one not named the first."""
    wrapping = agent.assignments_in(AgentState.WRAP_UP)
    return next((each for each in wrapping if contact_id in (None, each)), None)


def set_disposition(turn: Turn, command: SetDisposition) -> None:
    """Notes what the contact was about; said again it replaces what was said."""
    agent = turn.state.agents.get(command.agent_id)
    held = agent.assignments.get(command.contact_id) if agent is not None else None
    contact = turn.state.contacts.get(command.contact_id)
    is_asked = contact is not None and contact.consulted_agent == command.agent_id
    if held is None or is_asked or held.state is AgentState.RESERVED:
        sentence = f"agent {command.agent_id} has no talk or wrap-up of {command.contact_id}"
        raise Refused("not_talking", sentence)
    talks = turn.state.rules.policy.talks
    require_known("care level", command.care_level, talks.care_levels)
    require_known("urgency", command.urgency, talks.urgencies)
    require_known("cause", command.cause, talks.causes)
    require_known("referred unit", command.referred_unit, ())
    turn.emit(
        ev.DispositionSet(
            contact_id=command.contact_id,
            agent_id=command.agent_id,
            care_level=command.care_level,
            urgency=command.urgency,
            cause=command.cause,
            referred_unit=command.referred_unit,
        )
    )


def require_known(what: str, code: str, codes: tuple[str, ...]) -> None:
    """A code of the policy's, if it names any; what is empty is not said."""
    if not code:
        return
    require_code(code, what)
    if codes and code not in codes:
        raise Refused("unknown_code", f"{what}: no such code in the rules: {code}")


DECIDERS: Final[dict[type, Callable[[Turn, Any], None]]] = {
    ProlongWrapUp: prolong_wrap_up,
    SetDisposition: set_disposition,
}
