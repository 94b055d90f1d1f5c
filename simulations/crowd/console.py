"""A nurse's screen, on the running engine."""

from __future__ import annotations

from collections.abc import Mapping

from queue_engine.core.agent import Agent
from queue_engine.core.commands import (
    EndWrapUp,
    SetAgentNotReady,
    SetAgentReady,
    SignOffAgent,
    SignOnAgent,
)
from queue_engine.runtime.driver import Driver
from routing.vocabulary import AgentId, LinkId, NotReadyReason
from simulations.crowd.seats import Seat


class EngineConsole:
    """The `Console` of a running engine.

    Args:
        driver: drives the engine.
        link_id: of the embedded network, where the nurses' phones are.
    """

    def __init__(self, driver: Driver, link_id: LinkId) -> None:
        self._driver = driver
        self._link_id = link_id

    @property
    def agents(self) -> Mapping[AgentId, Agent]:
        """See `Console`."""
        return self._driver.state.agents

    async def sign_on(self, seat: Seat) -> None:
        """See `Console`."""
        await self._driver.submit(
            SignOnAgent(seat.agent_id, self._link_id, seat.phone_id, seat.region, seat.skills)
        )

    async def sign_off(self, agent_id: AgentId) -> None:
        """See `Console`."""
        await self._driver.submit(SignOffAgent(agent_id))

    async def ready(self, agent_id: AgentId) -> None:
        """See `Console`."""
        await self._driver.submit(SetAgentReady(agent_id))

    async def not_ready(self, agent_id: AgentId, reason: NotReadyReason) -> None:
        """See `Console`."""
        await self._driver.submit(SetAgentNotReady(agent_id, reason))

    async def end_wrap_up(self, agent_id: AgentId) -> None:
        """See `Console`."""
        await self._driver.submit(EndWrapUp(agent_id))
