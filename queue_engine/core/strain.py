"""Decisions on what is too much for an agent, when she has just become free.

Nothing is decided while she works or idles: so a limit never takes a contact from her, and what
she may answer changes only by an event. An emergency ends a rest; it begins anew after it. Chats
that she has besides go on: she rests in that she is given nothing new.
"""

from __future__ import annotations

from queue_engine.core import events as ev
from queue_engine.core.agent import Agent
from queue_engine.core.turn import Turn
from routing.strain_policy import StrainPolicy
from routing.vocabulary import AgentId


def judge_strain(turn: Turn) -> None:
    """Gives a rest, or her own region's contacts alone, to those for whom it was too much."""
    state = turn.state
    for agent in list(state.touched.freed.values()):
        rules = state.rules.policy.strain
        if agent.agent_id not in state.agents or not agent.has_room:
            continue
        strain = too_much(agent, rules)
        if strain is not None and agent.rests is None:
            until_ms = turn.now_ms + rules.rest_ms
            turn.emit(ev.AgentStrained(agent.agent_id, strain, until_ms))
        if answers_too_many_others(agent, rules) and not agent.has_own_only:
            turn.emit(ev.AgentStrained(agent.agent_id, ev.Strain.OTHERS))
        elif agent.has_own_only and not answers_too_many_others(agent, rules):
            turn.emit(ev.StrainEased(agent.agent_id, ev.Strain.OTHERS))


def ease_by_rules(turn: Turn) -> None:
    """New rules are in force: whoever has not had too many others by these may have more."""
    rules = turn.state.rules.policy.strain
    for agent in list(turn.state.agents.values()):
        if agent.has_own_only and not answers_too_many_others(agent, rules):
            turn.emit(ev.StrainEased(agent.agent_id, ev.Strain.OTHERS))


def end_rest(turn: Turn, agent_id: AgentId) -> None:
    """She has rested."""
    rests = turn.state.agents[agent_id].rests
    assert rests is not None, agent_id
    turn.emit(ev.StrainEased(agent_id, rests))


def too_much(agent: Agent, rules: StrainPolicy) -> ev.Strain | None:
    """Why she is to have a rest before her next contact; None: she is not."""
    if agent.work_since_ms is None or agent.worked_until_ms is None:
        return None
    worked_ms = agent.worked_until_ms - agent.work_since_ms
    if rules.unbroken_work_ms_max and worked_ms >= rules.unbroken_work_ms_max:
        return ev.Strain.UNBROKEN_WORK
    if rules.emergencies_max and agent.emergencies_in_row >= rules.emergencies_max:
        return ev.Strain.EMERGENCIES
    return None


def answers_too_many_others(agent: Agent, rules: StrainPolicy) -> bool:
    """Whether too many of her last contacts were other regions'."""
    recent = agent.others_answered[-rules.others_of :]
    return (
        bool(rules.others_permille_max)
        and len(recent) == rules.others_of
        and sum(recent) * 1000 > rules.others_permille_max * rules.others_of
    )
