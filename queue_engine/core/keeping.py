"""Decisions on contacts that are kept for the agent or the unit that they prefer.

A caller is kept for her only while she can be expected: at work, ready or busy with somebody, not
leaving, and not the one who has just sent him on. He is never kept longer than he has been promised
an answer, and an emergency not at all. Once anybody may answer him that stays so, until somebody
sends him on to whom she chooses.
"""

from __future__ import annotations

from collections.abc import Iterator

from queue_engine.core import events as ev
from queue_engine.core.agent import Agent, Presence
from queue_engine.core.contact import Contact
from queue_engine.core.placing import priority_rule
from queue_engine.core.sharing import share_by_facts
from queue_engine.core.state import State
from queue_engine.core.turn import Turn
from routing.may_answer import PASSING, is_preferred
from routing.order import EMERGENCY_TIER
from routing.vocabulary import ContactId


def keep(turn: Turn, contact: Contact, promised_from_ms: int) -> None:
    """Whoever is to wait from now on waits for those whom it prefers, if the rules say so.

    What shares it at once does so before: they may be another region's.

    Args:
        promised_from_ms: since when the promised answer is counted: its arrival; or now, if it
            has been answered and is sent on.
    """
    wait_ms = turn.state.rules.policy.preferred_wait_ms
    if not wait_ms or (contact.preferred_agent is None and contact.preferred_unit is None):
        return
    share_by_facts(turn, contact)
    if why_not_kept(turn.state, contact) is not None:
        return
    promised_ms = promised_from_ms + priority_rule(turn.state.rules, contact).answer_within_ms
    until_ms = min(turn.now_ms + wait_ms, promised_ms)
    if until_ms > turn.now_ms:
        turn.emit(ev.ContactKept(contact.contact_id, until_ms))


def end_keeping_by_time(turn: Turn, contact_id: ContactId) -> None:
    """It has waited for them long enough."""
    turn.emit(ev.KeepingEnded(contact_id, ev.KeptReason.TIME_UP))


def end_keeping(turn: Turn) -> None:
    """Gives free those that wait for nobody any more, after agents or they themselves changed."""
    state = turn.state
    touched = state.touched
    contacts = state.kept if touched.absent else touched.contacts
    kept = [contact for contact in contacts.values() if contact.is_kept]
    for contact in sorted(kept, key=lambda contact: contact.sequence):
        reason = why_not_kept(state, contact)
        if reason is not None:
            turn.emit(ev.KeepingEnded(contact.contact_id, reason))


def why_not_kept(state: State, contact: Contact) -> ev.KeptReason | None:
    """Why the contact is not to be kept for anybody; None: it may be."""
    if contact.contact_class.tier == EMERGENCY_TIER:
        return ev.KeptReason.EMERGENCY
    if any(_is_expected(state, agent, contact) for agent in _preferred(state, contact)):
        return None
    return ev.KeptReason.NOBODY_THERE


def _preferred(state: State, contact: Contact) -> Iterator[Agent]:
    agent_id = contact.preferred_agent
    if agent_id is not None and agent_id in state.agents:
        yield state.agents[agent_id]
    for agent in state.agents_of(contact.preferred_unit):
        if is_preferred(agent, contact):
            yield agent


def _is_expected(state: State, agent: Agent, contact: Contact) -> bool:
    """Whether she can be expected to answer it, now or after what she does."""
    if agent.presence is not Presence.READY or agent.is_signing_off:
        return False
    if agent.agent_id in contact.tried:
        return False
    standing = state.floor.standing(agent.agent_class, contact.contact_class)
    return standing in PASSING
