"""What else a conversation needs from outside: the vault, links by text message, the staff list.

House rules: small protocols; nothing that identifies a person leaves a conversation but through
the vault and the link sender, and neither ever tells it to a log.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from routing.vocabulary import AgentId, ContactId


class Vault(Protocol):
    """Keeps what identifies a caller, encrypted, apart from the journal."""

    async def keep(
        self, contact_id: ContactId, personal_number: str | None, phone_number: str | None
    ) -> None:
        """Keeps what is not None for this contact; what was kept before under it is replaced.

        Args:
            personal_number: of the person the matter concerns; 12 digits.
            phone_number: the caller's; E.164.
        """
        ...


class CallerKeys(Protocol):
    """By what a caller is known who rings again, without keeping who it is."""

    async def of(self, contact_id: ContactId, phone_number: str) -> tuple[str, ...]:
        """The keys of this call's caller: today's first, then those that he may have had before.

        Args:
            phone_number: the caller's; E.164.
        """
        ...


class NoCallerKeys:
    """Knows nobody again."""

    async def of(self, contact_id: ContactId, phone_number: str) -> tuple[str, ...]:
        """None at all."""
        return ()


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """A caller who wants to go on in 1177 direkt, without losing his place in the queue."""

    contact_id: ContactId
    mobile_number: str = field(repr=False)
    """E.164; where the text message goes."""
    language: str
    """Of the message."""
    at_ms: int
    """When it was asked for."""


class LinkSender(Protocol):
    """Sends one-time links to 1177 direkt by text message."""

    async def send(self, request: LinkRequest) -> None:
        """Takes the request over; returns when it can no longer be lost.

        Raises:
            OSError: it could not be taken over.
        """
        ...


class Identified(Protocol):
    """Somebody of the staff."""

    @property
    def agent_id(self) -> AgentId:
        """Who it is."""
        ...


class StaffDirectory(Protocol):
    """Who may sign on from a phone."""

    def authenticate(self, agent_number: str, pin: str) -> Identified | None:
        """Who has this number, if the PIN is hers too; else None.

        As slow for a number that nobody has as for a wrong PIN. It is called in a thread.
        """
        ...
