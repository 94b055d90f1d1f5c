"""Who can be offered, grouped by what decides who may answer them.

Only contacts that can be offered now stand here: seen waiting by a switch that is in reach,
and past their `not_before`. Within a class they stand in order of (due, sequence).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from sortedcontainers import SortedList

from routing.order import Place
from routing.policy import Ring
from routing.vocabulary import AgentId, ContactId, LinkId, RegionCode, Requirement, UnitId


@dataclass(frozen=True, slots=True)
class ContactClass:
    """What contacts have in common that the same agents may answer."""

    tier: int
    home_region: RegionCode
    needs: tuple[Requirement, ...]
    rings: tuple[Ring, ...]
    link_id: LinkId
    preferred_agent: AgentId | None = None
    """Apart from the others, so that the first of a class is also the least."""


class WaitingContact(Protocol):
    """What matching knows of a contact."""

    @property
    def contact_id(self) -> ContactId:
        """Which contact it is."""

    @property
    def contact_class(self) -> ContactClass:
        """What decides who may answer it."""

    @property
    def place(self) -> Place:
        """Its place in the national order."""

    @property
    def home_unit(self) -> UnitId | None:
        """The health centre that it belongs to, if any."""

    @property
    def tried(self) -> dict[AgentId, int]:
        """Who has just not answered it, and until when she is passed over."""


class WaitingContacts:
    """The contacts that can be offered. add, remove: O(log n)."""

    def __init__(self) -> None:
        self._ranks: dict[int, dict[ContactClass, Any]] = {}
        self._by_id: dict[ContactId, WaitingContact] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, contact_id: object) -> bool:
        return contact_id in self._by_id

    def add(self, contact: WaitingContact) -> None:
        """It can be offered; its class and place must not change until `remove`."""
        assert contact.contact_id not in self._by_id, contact.contact_id
        self._by_id[contact.contact_id] = contact
        classes = self._ranks.setdefault(contact.place.rank, {})
        row = classes.get(contact.contact_class)
        if row is None:
            row = classes[contact.contact_class] = SortedList()
        row.add((contact.place.due_ms, contact.place.sequence, contact))

    def remove(self, contact: WaitingContact) -> None:
        """It cannot be offered any more."""
        del self._by_id[contact.contact_id]
        classes = self._ranks[contact.place.rank]
        row = classes[contact.contact_class]
        row.remove((contact.place.due_ms, contact.place.sequence, contact))
        if not row:
            del classes[contact.contact_class]
            if not classes:
                del self._ranks[contact.place.rank]

    def ranks(self) -> list[int]:
        """The ranks that have contacts, first to be served first."""
        return sorted(self._ranks)

    def heads(self, rank: int) -> Iterator[tuple[ContactClass, WaitingContact]]:
        """The classes within a rank, each with its contact that is due first."""
        for contact_class, row in self._ranks.get(rank, {}).items():
            yield contact_class, row[0][2]

    def members(self, rank: int, contact_class: ContactClass) -> Iterator[WaitingContact]:
        """The contacts of a class, earliest due first."""
        for _, _, contact in self._ranks[rank][contact_class]:
            yield contact

    def ahead_in_region(self, place: Place, region: RegionCode) -> int:
        """How many contacts of this home region stand before `place` in the national order."""
        count = 0
        for rank, classes in self._ranks.items():
            if rank > place.rank:
                continue
            for kind, row in classes.items():
                if kind.home_region != region:
                    continue
                before = (place.due_ms, place.sequence)
                count += len(row) if rank < place.rank else row.bisect_left(before)
        return count
