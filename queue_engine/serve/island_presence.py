"""Who came to work and took a pause while an engine was alone: told to whoever decides.

Callers are found again by their calls. That a nurse signed on stands nowhere but in the records
that are set aside: without this she would be at work no more, and nobody would tell her. Whom the
others have heard since the engine parted from them is left as she is: she has said it later, or to
more. Who went home there is signed off with all else that the island did (`core.decide_merge`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
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
from queue_engine.core.errors import EngineStopped, JournalError, Refused
from queue_engine.core.gateways import seats_agreed
from queue_engine.core.state import State
from queue_engine.journal.redis_nodes import ClusterPicture
from queue_engine.runtime.running import RunningEngine
from routing.vocabulary import AgentId, GatewayId, LinkId, NotReadyReason, PhoneId

_log = logging.getLogger(__name__)

AGAIN_S: Final = 1.0
"""Between two tries."""
TRIED_S: Final = 120.0
"""So long all of it is tried. Later she has seen that it is not so, and said it herself."""
SAID_ON_ISLAND: Final = "said_on_island"
"""Why a gateway has so many seats."""
_SAID: Final = (
    NotReadyReason.BREAK,
    NotReadyReason.MEETING,
    NotReadyReason.OTHER,
    NotReadyReason.FORCED,
)
"""The others came of what her phone did, and are over when she is offered something again."""
_NOT_YET: Final = ("has_contact", "phone_in_use")
"""Refused as long as the others believe in a talk that ended on the island: until they have looked
at the switch, and have been told who went home there."""


@dataclass(frozen=True, slots=True)
class SaidByAgent:
    """What somebody has said while the engine was alone."""

    agent_id: AgentId
    at: tuple[LinkId, PhoneId]
    """Where she was at work when it ended."""
    parted: int
    """The next sequence when it began: whoever has a later one among the others has come since."""
    was_on: bool
    """Whether she was at work when it began ..."""
    reason: NotReadyReason | None
    """... and why she was not ready then; None: she was."""
    commands: tuple[Command, ...]
    """In their order."""

    def holds(self, now: State) -> bool:
        """Whether the others have heard nothing of her, or of her phone, since."""
        there = now.agent_at(*self.at)
        if there is not None and there.agent_id != self.agent_id and self._is_new(there):
            return False
        agent = now.agents.get(self.agent_id)
        if agent is None:
            return not self.was_on
        reason = self.reason
        if self._is_new(agent):
            if agent is not there:
                return False
            reason = NotReadyReason.SIGNED_ON
        return not _has_spoken(reason, agent.not_ready_reason)

    def _is_new(self, agent: Agent) -> bool:
        return agent.sequence >= self.parted


@dataclass(frozen=True, slots=True)
class SaidOfGateway:
    """How many seats somebody has said that a gateway has."""

    gateway_id: GatewayId
    former: int
    commands: tuple[Command, ...]

    def holds(self, now: State) -> bool:
        """Whether the others know of no other number than before."""
        gateway = now.rules.gateways.get(self.gateway_id)
        row = now.gateways.get(self.gateway_id)
        return gateway is not None and seats_agreed(gateway, row) == self.former


Said = SaidByAgent | SaidOfGateway


def presence_told(before: State, after: State) -> list[Said]:
    """What agents at the island's phones have said, in an order in which it can be said again.

    A gateway's seats come and go by what the switch says of the trunk; somebody may have said how
    many there are.

    Args:
        before: where the island began.
        after: where it ended.
    """
    people = [agent for agent in after.agents.values() if agent.gateway is None]
    here = [agent for agent in people if agent.link_id in after.island]
    here.sort(key=lambda agent: agent.sequence)
    told = (_said_by(before, agent) for agent in here)
    return [*(said for said in told if said.commands), *_seats_told(before, after)]


async def say_again(
    told: list[Said], engine: RunningEngine, look_around: Callable[[], Awaitable[ClusterPicture]]
) -> None:
    """Has it decided by whoever decides, once `engine` holds all that the others did meanwhile.

    Tried for `TRIED_S`; what is refused for what it is, or holds no more, is not.

    Args:
        look_around: see `Node`.
    """
    try:
        async with asyncio.timeout(TRIED_S):
            if told:
                await _follows(engine, look_around)
            left = told
            while left:
                left = [said for said in left if not await _say(said, engine)]
                await asyncio.sleep(AGAIN_S if left else 0)
    except TimeoutError:
        _log.error(
            "what was said on an island has not been taken in %g s: who signed on or took a break"
            " there says it again",
            TRIED_S,
        )


async def _follows(
    engine: RunningEngine, look_around: Callable[[], Awaitable[ClusterPicture]]
) -> None:
    last: int | None = None
    while last is None or engine.state.record_number < last:
        await asyncio.sleep(AGAIN_S / 10)
        try:
            last = (await look_around()).last_number if last is None else last
        except JournalError as fault:
            _log.info("what was said on an island waits: %s", fault)


async def _say(said: Said, engine: RunningEngine) -> bool:
    """Whether that is done; False: it is to be said again after all else."""
    is_begun = False
    for command in said.commands:
        while True:
            if not is_begun and not said.holds(engine.state):
                _log.info("said to an island, and the others know better: %s", command)
                return True
            try:
                await engine.submit(command)
                is_begun = True
                break
            except Refused as refused:
                if refused.code in _NOT_YET:
                    return False
                if refused.code != "overloaded":
                    _log.warning("said to an island, and not taken by who decides: %s", refused)
                    return True
            except EngineStopped as fault:
                _log.info("said to an island, and said again: %s: %s", command, fault)
            await asyncio.sleep(AGAIN_S)
    return True


def _seats_told(before: State, after: State) -> Iterator[SaidOfGateway]:
    for gateway in after.rules.gateways.values():
        gateway_id = gateway.gateway_id
        was = seats_agreed(gateway, before.gateways.get(gateway_id))
        now = seats_agreed(gateway, after.gateways.get(gateway_id))
        if now != was:
            said = SetGatewaySeats(gateway_id, now, SAID_ON_ISLAND)
            yield SaidOfGateway(gateway_id, was, (said,))


def _said_by(before: State, agent: Agent) -> SaidByAgent:
    former = before.agents.get(agent.agent_id)
    return SaidByAgent(
        agent.agent_id,
        (agent.link_id, agent.phone_id),
        before.next_sequence,
        former is not None,
        None if former is None else former.not_ready_reason,
        tuple(_told(former, agent)),
    )


def _told(former: Agent | None, agent: Agent) -> Iterator[Command]:
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


def _has_spoken(former: NotReadyReason | None, now: NotReadyReason | None) -> bool:
    """Whether she herself, or a supervisor, has said what is so now.

    Ready again comes of itself where she was not for what her phone did.
    """
    if now is former:
        return False
    return now in _SAID or (now is None and former in (*_SAID, NotReadyReason.SIGNED_ON))


def _place(agent: Agent) -> tuple[object, ...]:
    return agent.link_id, agent.phone_id, agent.region, agent.skills, agent.unit
