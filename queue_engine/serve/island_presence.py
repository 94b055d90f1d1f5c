"""Who came to work, went, and took a pause while an engine was alone: told to whoever decides.

Callers are found again by their calls. That a nurse signed on stands nowhere but in the records
that are set aside: without this she would be at work no more, and nobody would tell her.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from queue_engine.core.agent import Agent, Presence
from queue_engine.core.commands import (
    Command,
    SetAgentNotReady,
    SetAgentReady,
    SignOffAgent,
    SignOnAgent,
)
from queue_engine.core.state import State
from routing.vocabulary import NotReadyReason

_SAID: Final = (
    NotReadyReason.BREAK,
    NotReadyReason.MEETING,
    NotReadyReason.OTHER,
    NotReadyReason.FORCED,
)
"""The others came of what her phone did, and are over when she is offered something again."""


def presence_told(before: State, after: State) -> list[Command]:
    """What agents at the island's phones have said, in an order in which it can be said again.

    Args:
        before: where the island began.
        after: where it ended.
    """
    gone = [
        SignOffAgent(agent.agent_id)
        for agent in before.agents.values()
        if agent.link_id in after.island and agent.agent_id not in after.agents
    ]
    here = [agent for agent in after.agents.values() if agent.link_id in after.island]
    here.sort(key=lambda agent: agent.sequence)
    return [*gone, *(each for agent in here for each in _told(before, agent))]


def _told(before: State, agent: Agent) -> Iterator[Command]:
    former = before.agents.get(agent.agent_id)
    if former is None or _place(former) != _place(agent):
        former = None
        yield SignOnAgent(
            agent.agent_id, agent.link_id, agent.phone_id, agent.region, agent.skills, agent.unit
        )
    was_ready = former is not None and former.presence is Presence.READY
    reason = agent.not_ready_reason
    if agent.presence is Presence.READY:
        if not was_ready:
            yield SetAgentReady(agent.agent_id)
    elif reason in _SAID and (former is None or former.not_ready_reason is not reason):
        yield SetAgentNotReady(agent.agent_id, reason)
    if agent.is_signing_off and not (former is not None and former.is_signing_off):
        yield SignOffAgent(agent.agent_id)


def _place(agent: Agent) -> tuple[object, ...]:
    return agent.link_id, agent.phone_id, agent.region, agent.skills, agent.unit
