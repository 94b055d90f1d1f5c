"""What one command has changed, so that only that need be looked at again."""

from __future__ import annotations

from queue_engine.core.agent import Agent
from queue_engine.core.contact import Contact
from routing.ready_agents import AgentClass
from routing.vocabulary import AgentId, ContactId, RegionCode


class Touched:
    """What a command has changed that may make new pairs."""

    __slots__ = ("absent", "classes", "contacts", "freed", "signed_off", "staff")

    def __init__(self) -> None:
        self.contacts: dict[ContactId, Contact] = {}
        self.classes: dict[AgentClass, None] = {}
        self.signed_off: dict[RegionCode, None] = {}
        """Regions that lost an agent: their callers may now be unstaffed."""
        self.staff = False
        """Somebody came to work or went home."""
        self.freed: dict[AgentId, Agent] = {}
        """Who is done with a contact."""
        self.absent = False
        """Somebody is not to be waited for any more: not ready, leaving, gone, or given a rest.

        Or one who waits for her has become another, be it while her phone rings for him.
        """

    def __bool__(self) -> bool:
        return bool(
            self.contacts
            or self.classes
            or self.freed
            or self.absent
            or self.staff
            or self.signed_off
        )

    def clear(self) -> None:
        """Forgets it all."""
        self.staff = self.absent = False
        if self.contacts:
            self.contacts.clear()
        if self.classes:
            self.classes.clear()
        if self.signed_off:
            self.signed_off.clear()
        if self.freed:
            self.freed.clear()
