"""The engine's state as a link asks for it."""

from __future__ import annotations

from collections.abc import Callable

from queue_engine.core.agent import Presence
from queue_engine.core.commands import CallTicket
from queue_engine.core.contact import ContactState
from queue_engine.core.state import State
from queue_engine.telephony.ports import FallbackAgent
from routing.vocabulary import ContactId, LinkId


class StateView:
    """A `QueueView` over the core's state.

    Args:
        state: gives the state as it is now; it may be another object after a restart.
    """

    def __init__(self, state: Callable[[], State]) -> None:
        self._state = state

    def link_of(self, contact_id: ContactId) -> LinkId | None:
        """The link of a contact that has not ended; None if there is no such contact."""
        contact = self._state().living(contact_id)
        return contact.link_id if contact is not None else None

    def offer_of(self, contact_id: ContactId) -> int | None:
        """The offer that stands for the contact, if one does."""
        contact = self._state().living(contact_id)
        if contact is None or contact.state is not ContactState.OFFERED:
            return None
        return contact.offer

    def ticket_of(self, contact_id: ContactId) -> tuple[CallTicket, int] | None:
        """What its call is to carry, with the tier of its priority."""
        state = self._state()
        contact = state.living(contact_id)
        if contact is None:
            return None
        ticket = CallTicket(
            record=contact.record,
            contact_id=contact.contact_id,
            arrived_ms=contact.arrived_ms,
            sequence=contact.sequence,
            priority=contact.priority,
            home_region=contact.home_region,
            needs=contact.needs,
        )
        return ticket, state.rules.priorities[contact.priority].tier

    def fallback_agents(self, link_id: LinkId) -> tuple[FallbackAgent, ...]:
        """Who is signed on at the link's phones, in the order of their sign-on."""
        return tuple(
            FallbackAgent(
                agent.agent_id,
                agent.phone_id,
                is_paused=agent.presence is not Presence.READY or agent.is_signing_off,
            )
            for agent in self._state().agents.values()
            if agent.link_id == link_id
        )
