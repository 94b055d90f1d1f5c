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
    SetGatewaySeats,
    SignOffAgent,
    SignOnAgent,
)
from queue_engine.core.gateways import seats_agreed
from queue_engine.core.state import State
from routing.vocabulary import NotReadyReason

SAID_ON_ISLAND: Final = "said_on_island"
"""Why a gateway has so many seats."""
_SAID: Final = (
    NotReadyReason.BREAK,
    NotReadyReason.MEETING,
    NotReadyReason.OTHER,
    NotReadyReason.FORCED,
)
"""The others came of what her phone did, and are over when she is offered something again."""


def presence_told(before: State, after: State) -> list[Command]:
    """What agents at the island's phones have said, in an order in which it can be said again.

    A gateway's seats come and go by what the switch says of the trunk; somebody may have said how
    many there are.

    Args:
        before: where the island began.
        after: where it ended.
    """
    gone = [
        SignOffAgent(agent.agent_id)
        for agent in before.agents.values()
        if _is_person_on(agent, after) and agent.agent_id not in after.agents
    ]
    here = [agent for agent in after.agents.values() if _is_person_on(agent, after)]
    here.sort(key=lambda agent: agent.sequence)
    told = (each for agent in here for each in _told(before, agent))
    return [*gone, *told, *_seats_told(before, after)]


def _is_person_on(agent: Agent, island: State) -> bool:
    return agent.link_id in island.island and agent.gateway is None


def _seats_told(before: State, after: State) -> Iterator[Command]:
    for gateway in after.rules.gateways.values():
        gateway_id = gateway.gateway_id
        was = seats_agreed(gateway, before.gateways.get(gateway_id))
        now = seats_agreed(gateway, after.gateways.get(gateway_id))
        if now != was:
            yield SetGatewaySeats(gateway_id, now, SAID_ON_ISLAND)


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
