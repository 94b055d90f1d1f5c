"""What a link needs from the rest of the engine, as small protocols that tests can fake."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from queue_engine.core.commands import CallTicket, Command
from queue_engine.core.record import Record
from queue_engine.telephony.ami_connection import StreamItem
from queue_engine.telephony.ami_message import Action, AmiResponse
from routing.vocabulary import AgentId, ContactId, GatewayId, LinkId, PhoneId

Submit = Callable[[Command], Awaitable[Record | None]]
"""Decides on a command; done when its record is journaled. Calls are decided in the order in
which their awaitables are first run."""
Follow = Callable[[], AsyncIterable[Record]]
"""Records from now on, in order; ends when the reader fell behind or the engine stops."""


@dataclass(frozen=True, slots=True)
class FallbackAgent:
    """An agent as the switch's own queue shall know her."""

    agent_id: AgentId
    phone_id: PhoneId
    is_paused: bool
    """Signed on and not ready: the fallback does not ring her."""


class QueueView(Protocol):
    """What the engine holds now, as far as telephony asks."""

    def link_of(self, contact_id: ContactId) -> LinkId | None:
        """The link of a contact that has not ended; None if there is no such contact."""
        ...

    def offer_of(self, contact_id: ContactId) -> int | None:
        """The offer that stands for the contact, if one does."""
        ...

    def last_offer(self) -> int:
        """The number of the latest offer of all."""
        ...

    def ticket_of(self, contact_id: ContactId) -> tuple[CallTicket, int] | None:
        """What its call is to carry, with the tier of its priority."""
        ...

    async def journaled(self, record: int) -> bool:
        """Waits until the journal has that record; False: not in time."""
        ...

    def fallback_agents(self, link_id: LinkId) -> tuple[FallbackAgent, ...]:
        """Who is signed on at the link's phones, in the order of their sign-on."""
        ...

    def gateways(self, link_id: LinkId) -> tuple[GatewayId, ...]:
        """To which contact centres elsewhere trunks lead from there, by the rules in force."""
        ...


class SwitchConnection(Protocol):
    """The part of `AmiConnection` that a link uses."""

    @property
    def place(self) -> str:
        """For people: which switch, and where."""
        ...

    @property
    def attempts(self) -> int:
        """How many connections were tried; actions are sent on the last of them."""
        ...

    def start(self) -> None:
        """Begin to connect, and keep connecting."""
        ...

    async def close(self) -> None:
        """End it all; `messages()` ends."""
        ...

    def drop(self, reason: str) -> None:
        """Cut the present connection; another one is made."""
        ...

    async def action(self, action: Action, timeout_s: float | None = None) -> AmiResponse:
        """Send once; the whole answer. Raises `TelephonyError`."""
        ...

    def mark(self, number: int) -> None:
        """Put `Mark(number)` behind all that has been received so far."""
        ...

    def messages(self) -> AsyncIterator[StreamItem]:
        """All that happens, in order."""
        ...
