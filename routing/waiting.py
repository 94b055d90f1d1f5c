"""Who can be offered, in rows that ask little of whoever looks for the first of them.

Only contacts that can be offered now stand here: seen waiting by a switch that is in reach, and
past their `not_before`. Within a rank each stands in up to three rows, always in order of (due,
sequence): with those of its home region that need the same, for the home's own agents; with those
of the nation that are shared in the same way, for everybody else's; and with those that prefer
the same agent. So an agent's best contact is found among the heads of few rows, however many wait.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Protocol

from sortedcontainers import SortedList

from routing.order import EMERGENCY_TIER, Place
from routing.region_policy import Ring
from routing.rules import Rules
from routing.vocabulary import AgentId, ContactId, LinkId, RegionCode, Requirement, UnitId


@dataclass(frozen=True, slots=True, eq=False)
class ContactClass:
    """What contacts have in common that the same agents may answer. Made by `contact_class`."""

    tier: int
    home_region: RegionCode
    needs: tuple[Requirement, ...]
    rings: tuple[Ring, ...]
    link_id: LinkId


@lru_cache(maxsize=65_536)
def contact_class(
    tier: int,
    home_region: RegionCode,
    needs: tuple[Requirement, ...],
    rings: tuple[Ring, ...],
    link_id: LinkId,
) -> ContactClass:
    """The class of these parts, the same object each time: it is a key, and never compared.

    (Two objects, if one was last asked for too long ago, are two classes: slower, not wrong.)
    """
    return ContactClass(tier, home_region, needs, rings, link_id)


def is_answered_abroad(rules: Rules, kind: ContactClass) -> bool:
    """Whether agents of other regions than its home may ever answer it as it is."""
    if rules.is_nobodys(kind.home_region):
        return True
    is_shared = bool(kind.rings) or kind.tier == EMERGENCY_TIER
    return is_shared and rules.takes_part(kind.home_region)


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
    def preferred_agent(self) -> AgentId | None:
        """To whom it is as her own region's."""

    @property
    def tried(self) -> dict[AgentId, int]:
        """Who has just not answered it, and until when she is passed over."""


Row = Iterable[tuple[int, int, WaitingContact]]
"""(due, sequence, contact) in order; never empty."""
_Rows = dict[Any, Any]
"""By what the contacts of a row have in common; its values are sorted lists."""


class _Rank:
    """The rows of one rank."""

    __slots__ = ("homes", "nobodys", "preferring", "shared")

    def __init__(self) -> None:
        self.homes: dict[RegionCode, _Rows] = {}
        self.shared: _Rows = {}
        self.nobodys: _Rows = {}
        self.preferring: dict[AgentId, Any] = {}


class WaitingContacts:
    """The contacts that can be offered. add, remove: O(log n).

    Args:
        rules: in force as long as this index lives.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._ranks: dict[int, _Rank] = {}
        self._by_id: dict[ContactId, WaitingContact] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, contact_id: object) -> bool:
        return contact_id in self._by_id

    def add(self, contact: WaitingContact) -> None:
        """It can be offered; its class and place must not change until `remove`."""
        assert contact.contact_id not in self._by_id, contact.contact_id
        self._by_id[contact.contact_id] = contact
        place, kind = contact.place, contact.contact_class
        rank = self._ranks.get(place.rank)
        if rank is None:
            rank = self._ranks[place.rank] = _Rank()
        home = rank.homes.get(kind.home_region)
        if home is None:
            home = rank.homes[kind.home_region] = {}
        entry = (place.due_ms, place.sequence, contact)
        _enter(home, (kind.link_id, kind.needs), entry)
        if is_answered_abroad(self._rules, kind):
            _enter(*self._row_abroad(rank, kind), entry)
        if contact.preferred_agent is not None:
            _enter(rank.preferring, contact.preferred_agent, entry)

    def remove(self, contact: WaitingContact) -> None:
        """It cannot be offered any more."""
        del self._by_id[contact.contact_id]
        place, kind = contact.place, contact.contact_class
        rank = self._ranks[place.rank]
        home = rank.homes[kind.home_region]
        entry = (place.due_ms, place.sequence, contact)
        _leave(home, (kind.link_id, kind.needs), entry)
        if is_answered_abroad(self._rules, kind):
            _leave(*self._row_abroad(rank, kind), entry)
        if contact.preferred_agent is not None:
            _leave(rank.preferring, contact.preferred_agent, entry)
        if not home:
            del rank.homes[kind.home_region]
            if not rank.homes:
                del self._ranks[place.rank]

    def share(self, contact: WaitingContact, wider: ContactClass) -> None:
        """Its class is about to be `wider`, which differs from what it is in its rings alone."""
        place, kind = contact.place, contact.contact_class
        rank = self._ranks[place.rank]
        entry = (place.due_ms, place.sequence, contact)
        if is_answered_abroad(self._rules, kind):
            _leave(*self._row_abroad(rank, kind), entry)
        if is_answered_abroad(self._rules, wider):
            _enter(*self._row_abroad(rank, wider), entry)

    def _row_abroad(self, rank: _Rank, kind: ContactClass) -> tuple[_Rows, object]:
        """Where those of a class stand for other regions.

        Whom its home is does not matter there, but for whether it is anybody's.
        """
        key = (kind.link_id, kind.needs, kind.rings, kind.tier)
        return (rank.nobodys if self._rules.is_nobodys(kind.home_region) else rank.shared), key

    def ranks(self) -> list[int]:
        """The ranks that have contacts, first to be served first."""
        return sorted(self._ranks)

    def own(self, rank: int, region: RegionCode) -> Collection[Row]:
        """The contacts of a home region, by what they need and their switch.

        With those that are nobody's and so everybody's, alike for every region.
        """
        rows = self._ranks[rank]
        of_home = rows.homes.get(region, _NONE).values()
        return [*of_home, *rows.nobodys.values()] if rows.nobodys else of_home

    def shared(self, rank: int) -> Collection[Row]:
        """The contacts of all homes that others may answer, alike for every other region."""
        return self._ranks[rank].shared.values()

    def preferring(self, rank: int) -> dict[AgentId, Row]:
        """The contacts that prefer an agent, by whom they prefer."""
        return self._ranks[rank].preferring

    def ahead_in_region(self, place: Place, region: RegionCode) -> int:
        """How many contacts of this home region stand before `place` in the national order."""
        count = 0
        for rank, rows in self._ranks.items():
            if rank <= place.rank:
                before = (place.due_ms, place.sequence)
                for row in rows.homes.get(region, _NONE).values():
                    count += len(row) if rank < place.rank else row.bisect_left(before)
        return count

    def count_in_region(self, region: RegionCode) -> int:
        """How many contacts of this home region can be offered."""
        return sum(
            len(row)
            for rank in self._ranks.values()
            for row in rank.homes.get(region, _NONE).values()
        )

    def rows(self) -> Iterator[tuple[tuple[object, ...], list[ContactId]]]:
        """Every row with all who stand in it: for comparing two indexes."""
        for number, rank in self._ranks.items():
            for region, home in rank.homes.items():
                for key, row in home.items():
                    yield ("home", number, region, key), _ids(row)
            for name in ("shared", "nobodys", "preferring"):
                for key, row in getattr(rank, name).items():
                    yield (name, number, key), _ids(row)


_NONE: Final[_Rows] = {}


_Entry = tuple[int, int, WaitingContact]


def _enter(rows: _Rows, key: object, entry: _Entry) -> None:
    row = rows.get(key)
    if row is None:
        rows[key] = SortedList((entry,))
    else:
        row.add(entry)


def _leave(rows: _Rows, key: object, entry: _Entry) -> None:
    row = rows[key]
    row.remove(entry)
    if not row:
        del rows[key]


def _ids(row: Row) -> list[ContactId]:
    return [contact.contact_id for _, _, contact in row]
