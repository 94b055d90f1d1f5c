"""What the engine holds, as far as telephony asks."""

from __future__ import annotations

from queue_engine.core.agent import Agent, Presence
from queue_engine.core.commands import CallTicket
from queue_engine.runtime.running import RunningEngine
from queue_engine.telephony.ports import FallbackAgent
from routing.vocabulary import ContactId, GatewayId, LinkId


class EngineView:
    """The `telephony.ports.QueueView` of a running engine."""

    def __init__(self, driver: RunningEngine) -> None:
        self._driver = driver

    def link_of(self, contact_id: ContactId) -> LinkId | None:
        """See `QueueView`."""
        contact = self._driver.state.living(contact_id)
        return contact.link_id if contact else None

    def offer_of(self, contact_id: ContactId) -> int | None:
        """See `QueueView`."""
        contact = self._driver.state.living(contact_id)
        return contact.offer if contact else None

    def last_offer(self) -> int:
        """See `QueueView`."""
        return self._driver.state.next_offer - 1

    def ticket_of(self, contact_id: ContactId) -> tuple[CallTicket, int] | None:
        """See `QueueView`."""
        contact = self._driver.state.living(contact_id)
        return (contact.ticket(), contact.contact_class.tier) if contact else None

    async def journaled(self, record: int) -> bool:
        """See `QueueView`."""
        return await self._driver.journaled(record)

    def fallback_agents(self, link_id: LinkId) -> tuple[FallbackAgent, ...]:
        """See `QueueView`."""
        return tuple(
            FallbackAgent(agent.agent_id, agent.phone_id, not _takes_calls(agent))
            for agent in self._driver.state.agents.values()
            if agent.link_id == link_id
        )

    def gateways(self, link_id: LinkId) -> tuple[GatewayId, ...]:
        """See `QueueView`."""
        gateways = self._driver.state.rules.gateways.values()
        return tuple(each.gateway_id for each in gateways if each.link_id == link_id)


def _takes_calls(agent: Agent) -> bool:
    """A gateway's seat that rests now would soon not rest any more."""
    is_ready = agent.presence is Presence.READY or agent.gateway is not None
    return is_ready and not agent.is_signing_off
