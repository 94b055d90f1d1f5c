"""The desk: all that a conversation may ask of the queue.

House rules: the conversation knows nothing else of the engine; a fake that keeps the same
contract (`tests/ivr/desk_contract.py`) stands in for it in tests. Whoever calls puts a deadline
of his own on every wait.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from queue_engine.core.commands import Alternative, CallTicket, EnqueueContact
from queue_engine.core.errors import SamkoError
from routing.vocabulary import (
    AgentId,
    ContactId,
    LinkId,
    NotReadyReason,
    PhoneId,
    Priority,
)


class AgentAction(StrEnum):
    """What an agent asks for from her phone; the words of the dialplan's feature codes."""

    SIGN_ON = "sign-on"
    SIGN_OFF = "sign-off"
    READY = "ready"
    NOT_READY = "not-ready"


class TurnedAway(SamkoError):
    """There are too many callers: this one gets no place, unless it becomes an emergency.

    Args:
        offered: what he may have instead.
    """

    def __init__(self, offered: tuple[Alternative, ...] = ()) -> None:
        super().__init__("turned away by the overload guard")
        self.offered = offered


class Desk(Protocol):
    """The queue, as seen from one caller's or one agent's conversation."""

    async def enqueue(self, command: EnqueueContact) -> CallTicket:
        """Gives the caller his place, or says which he has: twice is the same as once.

        Returns when it is journaled. The caller can be offered once the switch has shown him
        waiting, not before.

        Raises:
            TurnedAway: he gets none; asked for again, with what he says now, he may.
            Refused: he cannot have one; he goes to the fallback.
            EngineStopped: it takes none at all.
        """
        ...

    async def raise_priority(
        self, contact_id: ContactId, priority: Priority, reason: str
    ) -> Priority:
        """Raises a waiting contact to `priority`, or leaves it if it has that or a higher one.

        Args:
            reason: a short code, e.g. `emergency_key`.

        Returns:
            The priority it has now, which may be lower than asked for (a misused emergency
            comes back as `urgent`).

        Raises:
            Refused: no such contact waits.
        """
        ...

    def position(self, contact_id: ContactId) -> int | None:
        """1 for the next to be offered; None if the contact does not wait, or is not known."""
        ...

    def expected_wait_ms(self, contact_id: ContactId) -> int | None:
        """How much longer it probably waits; None if that cannot be said."""
        ...

    async def agent_action(
        self,
        action: AgentAction,
        agent_id: AgentId | None,
        phone_id: PhoneId,
        link_id: LinkId,
        reason: NotReadyReason = NotReadyReason.OTHER,
    ) -> None:
        """Signs an agent on or off, or makes her ready or not ready.

        Args:
            agent_id: who signs on; None for the other actions, which are those of the agent
                signed on at the phone.
            reason: for `not-ready`; not read for the others.

        Raises:
            Refused: it cannot be, e.g. nobody is signed on at that phone (`not_signed_on`).
        """
        ...
