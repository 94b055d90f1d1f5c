"""Decisions on what agents ask for: work, pauses, and being done."""

from __future__ import annotations

from queue_engine.core import events as ev, making
from queue_engine.core.agent import Agent, AgentState, Presence
from queue_engine.core.callback import CallbackState
from queue_engine.core.codes import require_code
from queue_engine.core.commands import (
    EndWrapUp,
    ForceAgent,
    ForcedState,
    SetAgentNotReady,
    SetAgentReady,
    SignOffAgent,
    SignOnAgent,
)
from queue_engine.core.decide_contacts import end_consult, revoke, sign_off_if_free
from queue_engine.core.decide_wrap_up import require_known, wrap_up_of
from queue_engine.core.errors import Refused
from queue_engine.core.names import require_region
from queue_engine.core.turn import Turn
from routing.gateways import SEAT
from routing.trunks import FAR
from routing.vocabulary import SKILL_LEVEL_BEST, SKILL_LEVEL_MIN, AgentId, ContactId, NotReadyReason


def sign_on_agent(turn: Turn, command: SignOnAgent) -> None:
    """Puts her at a phone, not ready yet.

    She may move to another phone, and take over one that another has left without signing off,
    as long as nobody has a contact there. Asked twice for the same phone with the same profile,
    nothing changes, but for a sign-off that awaits the end of her talk: she stays.
    """
    state = turn.state
    if any(not SKILL_LEVEL_BEST <= skill.level <= SKILL_LEVEL_MIN for skill in command.skills):
        raise Refused("bad_skill_level", f"agent {command.agent_id}: skill levels go from 1 to 9")
    if len({skill.skill for skill in command.skills}) != len(command.skills):
        raise Refused("bad_skills", f"agent {command.agent_id}: a skill is given twice")
    if FAR in command.phone_id:
        raise Refused("bad_phone", f"{command.phone_id}: the name of a phone has no {FAR}")
    if SEAT in command.phone_id or SEAT in command.agent_id:
        raise Refused("bad_name", f"no agent's id and no phone's name has a {SEAT}")
    known = state.agents.get(command.agent_id)
    there = state.agent_at(command.link_id, command.phone_id)
    if known is not None and known is there and _has_profile(known, command):
        if known.is_signing_off:
            turn.emit(ev.SignOffTakenBack(known.agent_id))
        return
    require_region(state.rules, command.region, "SignOnAgent.region")
    if known is not None and known.assignments:
        raise Refused("has_contact", f"agent {command.agent_id} has a contact still")
    if there is not None and there.assignments:
        raise Refused("phone_in_use", f"phone {command.phone_id} is in use by another agent")
    if known is not None:
        turn.emit(ev.AgentSignedOff(known.agent_id))
    if there is not None and there is not known:
        turn.emit(ev.AgentSignedOff(there.agent_id))
    turn.emit(
        ev.AgentSignedOn(
            agent_id=command.agent_id,
            sequence=state.next_sequence,
            link_id=command.link_id,
            phone_id=command.phone_id,
            region=command.region,
            skills=tuple(sorted(command.skills)),
            unit=command.unit,
        )
    )


def _has_profile(agent: Agent, command: SignOnAgent) -> bool:
    wanted = (command.region, command.unit, tuple(sorted(command.skills)))
    return (agent.region, agent.unit, agent.skills) == wanted


def sign_off_agent(turn: Turn, command: SignOffAgent) -> None:
    """Takes her off now, or when the talk and wrap-up that she has are over."""
    agent = _signed_on(turn, command.agent_id)
    _stop_ringing(turn, agent, ev.RevokeReason.AGENT_SIGNED_OFF, ev.ConsultEnd.SIGNED_OFF)
    _end_all(turn, agent)
    if not agent.assignments:
        turn.emit(ev.AgentSignedOff(agent.agent_id))
    elif not agent.is_signing_off:
        turn.emit(ev.SignOffAwaited(agent.agent_id))


def set_agent_ready(turn: Turn, command: SetAgentReady) -> None:
    """Ready from now on; a wrap-up that she has is over with that, and so may be her day."""
    agent = _signed_on(turn, command.agent_id)
    _end_all(turn, agent)
    sign_off_if_free(turn, agent.agent_id)
    if agent.agent_id not in turn.state.agents:
        return
    if agent.presence is not Presence.READY:
        turn.emit(ev.AgentBecameReady(agent.agent_id))


def set_agent_not_ready(turn: Turn, command: SetAgentNotReady) -> None:
    """Not offered anything from now, or after the contact that she has."""
    agent = _signed_on(turn, command.agent_id)
    if agent.not_ready_reason is not command.reason:
        turn.emit(ev.AgentBecameNotReady(agent.agent_id, command.reason))


def force_agent(turn: Turn, command: ForceAgent) -> None:
    """A supervisor takes her out of work; a caller at her ringing phone goes to somebody else."""
    agent = _signed_on(turn, command.agent_id)
    require_code(command.reason, "ForceAgent.reason")
    is_so_already = (
        agent.not_ready_reason is NotReadyReason.FORCED
        if command.state is ForcedState.NOT_READY
        else agent.is_signing_off
    )
    if is_so_already:
        return
    turn.emit(ev.AgentForced(agent.agent_id, command.state, command.by, command.reason))
    if command.state is ForcedState.SIGNED_OFF:
        sign_off_agent(turn, SignOffAgent(agent.agent_id))
        return
    _stop_ringing(turn, agent, ev.RevokeReason.AGENT_FORCED, ev.ConsultEnd.FORCED)
    turn.emit(ev.AgentBecameNotReady(agent.agent_id, NotReadyReason.FORCED))


def _stop_ringing(
    turn: Turn, agent: Agent, revoked: ev.RevokeReason, unasked: ev.ConsultEnd
) -> None:
    """Her phone rings no more, be it for a caller of the queue or for a colleague who asks her.

    If she has answered, and a caller is rung whom she is to talk with, that goes on like a talk.
    """
    ringing = agent.assignment_in(AgentState.RESERVED)
    if ringing is None:
        return
    contact = turn.state.contacts[ringing]
    if contact.callback is CallbackState.DIALLED:
        return
    if contact.consulted_agent == agent.agent_id:
        end_consult(turn, contact, unasked)
    else:
        revoke(turn, contact, revoked)


def end_wrap_up_now(turn: Turn, command: EndWrapUp) -> None:
    """She is done with the work after her contact."""
    agent = _signed_on(turn, command.agent_id)
    wrapping = wrap_up_of(agent, command.contact_id)
    if wrapping is None:
        raise Refused("no_wrap_up", f"agent {command.agent_id} has no wrap-up to end")
    talks = turn.state.rules.policy.talks
    require_known("care level", command.disposition, talks.care_levels)
    end_wrap_up(turn, agent.agent_id, wrapping, command.disposition)


def end_wrap_up(turn: Turn, agent_id: AgentId, contact_id: ContactId, disposition: str) -> None:
    """Ends a wrap-up, and her day if she asked for that."""
    _end(turn, turn.state.agents[agent_id], contact_id, disposition)
    sign_off_if_free(turn, agent_id)


def _end_all(turn: Turn, agent: Agent) -> None:
    """Every wrap-up that she has is over."""
    for wrapping in list(agent.assignments_in(AgentState.WRAP_UP)):
        _end(turn, agent, wrapping, "")


def _end(turn: Turn, agent: Agent, contact_id: ContactId, disposition: str) -> None:
    wrap_up_ms = turn.now_ms - agent.assignments[contact_id].since_ms
    turn.emit(making.wrap_up_ended(agent.agent_id, contact_id, disposition, wrap_up_ms))


def _signed_on(turn: Turn, agent_id: AgentId) -> Agent:
    agent = turn.state.agents.get(agent_id)
    if agent is None:
        raise Refused("not_signed_on", f"agent {agent_id} is not signed on")
    if agent.gateway is not None:
        raise Refused("gateway_seat", f"{agent_id} is a gateway's: say how many seats it has")
    return agent
