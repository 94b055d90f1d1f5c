"""What is known of islands: how far each has told what it did, and what waits for its contact.

An island tells in parts and in order, so that one number says what counts already. A contact that
is not over is left alone; what was done with it on the island waits here until it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from queue_engine.core.island_reports import Island, IslandContact
from routing.vocabulary import ContactId, IslandId


@dataclass(slots=True)
class IslandRow:
    """One island that has told something; written by `apply` alone."""

    island_id: IslandId
    number: int
    """Up to this record of its own all counts."""


@dataclass(frozen=True, slots=True)
class AwaitedContact:
    """What an island did with a contact that is not over."""

    island: Island
    fact: IslandContact


class ToldIslands:
    """The rows."""

    def __init__(self) -> None:
        self.rows: dict[IslandId, IslandRow] = {}
        self.awaited: dict[ContactId, tuple[AwaitedContact, ...]] = {}
        """By contact, none of which is over; never an empty tuple."""

    def number_of(self, island: Island) -> int:
        """Up to which record of its own an island has told what it did."""
        row = self.rows.get(island.island_id)
        return island.after if row is None else row.number

    def all_awaited(self) -> list[AwaitedContact]:
        """In the order in which they were told."""
        return [one for found in self.awaited.values() for one in found]

    def await_contact(self, found: AwaitedContact) -> None:
        """One more."""
        contact_id = found.fact.contact_id
        self.awaited[contact_id] = (*self.awaited.get(contact_id, ()), found)
