"""Who can be offered, in rows that ask little of whoever looks for the first of them.

Only contacts that can be offered now stand here: seen waiting by a switch that is in reach, and
past their `not_before`. Within a rank each stands in up to three rows, always in order of (due,
sequence): with those of its home region that need the same, for the home's own agents; with those
of the nation that are shared in the same way, for everybody else's; and with those that prefer
the same agent. So an agent's best contact is found among the heads of few rows, however many wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from routing.alike import Alike, alike
from routing.order import EMERGENCY_TIER, Place
from routing.region_policy import Ring
from routing.rows import Head, Row, Rows
from routing.rules import Rules, Seller
from routing.vocabulary import (
    AgentId,
    ContactChannel,
    ContactId,
    LinkId,
    RegionCode,
    Requirement,
    UnitId,
)


@dataclass(frozen=True, slots=True, eq=False)
class ContactClass:
    """What contacts have in common that the same agents may answer. Made by `contact_class`."""

    tier: int
    home_region: RegionCode
    needs: tuple[Requirement, ...]
    rings: tuple[Ring, ...]
    link_id: LinkId
    """Its switch; NO_LINK: it has no call there, and is to be rung from any."""
    within: tuple[UnitId, ...] = ()
    """The units of its home that keep it to themselves; empty: any agent of its home may answer."""
    sellers: tuple[Seller, ...] = ()
    """To whose agents it is as their own region's, because its home buys the service."""
    channel: ContactChannel = ContactChannel.PHONE
    needed: Alike = field(init=False)
    """Its needs."""
    reach: Alike = field(init=False)
    """All but needs and switch."""
    at_home: Alike = field(init=False)
    """Its row for its home: the same agents of its home may answer those of a row."""
    abroad: Alike = field(init=False)
    """Its row for other regions: whom its home is does not matter, but for `lengths`."""
    goes_abroad: bool = field(init=False)
    """Whether agents of other regions may answer it, if its home takes part."""
    lengths: tuple[int, ...] = field(init=False)
    """So many of its home must wait for some of its rings to reach anybody; empty: for none."""

    def __post_init__(self) -> None:
        tier, channel = self.tier, self.channel
        channels = () if channel is ContactChannel.PHONE else (channel,)
        of_reach = (tier, self.home_region, self.rings, self.within, self.sellers, channel)
        lengths = tuple(sorted({ring.waiting_min for ring in self.rings if ring.waiting_min}))
        homes = (self.home_region,) if lengths else ()
        worked_out = {
            "needed": alike(self.needs),
            "reach": alike(of_reach),
            "at_home": alike((self.link_id, self.needs, self.within, tier, *channels)),
            "abroad": alike((self.link_id, self.needs, self.rings, tier, *channels, *homes)),
            "goes_abroad": tier == EMERGENCY_TIER or (bool(self.rings) and not self.within),
            "lengths": lengths,
        }
        for name, value in worked_out.items():
            object.__setattr__(self, name, value)


@lru_cache(maxsize=65_536)
def contact_class(
    tier: int,
    home_region: RegionCode,
    needs: tuple[Requirement, ...],
    rings: tuple[Ring, ...],
    link_id: LinkId,
    within: tuple[UnitId, ...] = (),
    sellers: tuple[Seller, ...] = (),
    channel: ContactChannel = ContactChannel.PHONE,
) -> ContactClass:
    """The class of these parts, the same object each time: it is a key, and never compared.

    (Two objects, if one was last asked for too long ago, are two classes: slower, not wrong.)
    """
    return ContactClass(tier, home_region, needs, rings, link_id, within, sellers, channel)


def is_answered_abroad(rules: Rules, kind: ContactClass) -> bool:
    """Whether agents of other regions than its home may ever answer it as it is."""
    home = kind.home_region
    return (kind.goes_abroad and home in rules.members) or home not in rules.homes


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
    def preferred_unit(self) -> UnitId | None:
        """The unit of its home that it prefers, if any."""

    @property
    def is_kept(self) -> bool:
        """Whether only those whom it prefers may answer it now."""

    @property
    def tried(self) -> dict[AgentId, int]:
        """Who has just not answered it, and until when she is passed over."""


ContactRow = Row[WaitingContact]
ContactHeads = list[Head[WaitingContact]]
_Rows = Rows[WaitingContact]


class _Rank:
    """The rows of one rank."""

    __slots__ = ("bought", "homes", "nobodys", "preferring", "shared")

    def __init__(self) -> None:
        self.homes: dict[RegionCode, _Rows] = {}
        self.bought: dict[RegionCode, _Rows] = {}
        """By seller."""
        self.shared: _Rows = Rows()
        self.nobodys: _Rows = Rows()
        self.preferring: dict[AgentId, _Rows] = {}


class WaitingContacts:
    """The contacts that can be offered. add, remove: O(log n).

    Args:
        rules: in force as long as this index lives.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._ranks: dict[int, _Rank] = {}
        """There are a few; one whose last contact leaves stays here, for the next."""
        self.by_id: dict[ContactId, WaitingContact] = {}
        """All of them. For reading."""
        self.lengths: dict[RegionCode, dict[int, int]] = {}
        """By home, from how many waiting on some ring reaches further, and of how many contacts;
        never an empty one. For reading."""

    def __len__(self) -> int:
        return len(self.by_id)

    def __contains__(self, contact_id: object) -> bool:
        return contact_id in self.by_id

    def add(self, contact: WaitingContact) -> None:
        """It can be offered; its class and place must not change until `remove`."""
        assert contact.contact_id not in self.by_id, contact.contact_id
        self.by_id[contact.contact_id] = contact
        place, kind = contact.place, contact.contact_class
        rank = self._ranks.get(place.rank)
        if rank is None:
            rank = self._ranks[place.rank] = _Rank()
        home = rank.homes.get(kind.home_region)
        if home is None:
            home = rank.homes[kind.home_region] = Rows()
        entry = (place.due_ms, place.sequence, contact)
        home.enter(kind.at_home, entry)
        abroad = self._rows_abroad(rank, kind)
        if abroad is not None:
            abroad.enter(kind.abroad, entry)
        if kind.sellers:
            _enter_bought(rank, kind, entry)
        if kind.lengths:
            self._note_lengths(kind, 1)
        if contact.preferred_agent is not None:
            rank.preferring.setdefault(contact.preferred_agent, Rows()).enter(None, entry)

    def remove(self, contact: WaitingContact) -> None:
        """It cannot be offered any more."""
        del self.by_id[contact.contact_id]
        place, kind = contact.place, contact.contact_class
        rank = self._ranks[place.rank]
        home = rank.homes[kind.home_region]
        entry = (place.due_ms, place.sequence, contact)
        home.leave(kind.at_home, entry)
        abroad = self._rows_abroad(rank, kind)
        if abroad is not None:
            abroad.leave(kind.abroad, entry)
        if kind.sellers:
            _leave_bought(rank, kind, entry)
        if kind.lengths:
            self._note_lengths(kind, -1)
        if contact.preferred_agent is not None:
            preferring = rank.preferring[contact.preferred_agent]
            preferring.leave(None, entry)
            if not preferring:
                del rank.preferring[contact.preferred_agent]
        if not home.heads:
            del rank.homes[kind.home_region]

    def share(self, contact: WaitingContact, wider: ContactClass) -> None:
        """Its class is about to be `wider`, which differs in what hangs on its rings alone."""
        place, kind = contact.place, contact.contact_class
        rank = self._ranks[place.rank]
        entry = (place.due_ms, place.sequence, contact)
        if kind.within != wider.within:
            home = rank.homes[kind.home_region]
            home.leave(kind.at_home, entry)
            home.enter(wider.at_home, entry)
        if kind.sellers:
            _leave_bought(rank, kind, entry)
        if wider.sellers:
            _enter_bought(rank, wider, entry)
        abroad = self._rows_abroad(rank, kind)
        if abroad is not None:
            abroad.leave(kind.abroad, entry)
        abroad = self._rows_abroad(rank, wider)
        if abroad is not None:
            abroad.enter(wider.abroad, entry)
        if kind.lengths != wider.lengths:
            self._note_lengths(kind, -1)
            self._note_lengths(wider, 1)

    def _note_lengths(self, kind: ContactClass, more: int) -> None:
        counts = self.lengths.setdefault(kind.home_region, {})
        for length in kind.lengths:
            counts[length] = counts.get(length, 0) + more
            if not counts[length]:
                del counts[length]
        if not counts:
            del self.lengths[kind.home_region]

    def _rows_abroad(self, rank: _Rank, kind: ContactClass) -> _Rows | None:
        """Where those of a class stand for other regions, if these may ever answer them."""
        home, rules = kind.home_region, self._rules
        if home not in rules.homes:
            return rank.nobodys
        return rank.shared if kind.goes_abroad and home in rules.members else None

    def ranks(self) -> list[int]:
        """The ranks that have contacts, first to be served first."""
        return sorted([number for number, rank in self._ranks.items() if rank.homes])

    def own(self, rank: int, region: RegionCode) -> ContactHeads:
        """The contacts of a home region, by what they need and their switch.

        With those for whom others pay it, and those that are nobody's and so everybody's.
        """
        rows = self._ranks[rank]
        home, nobodys = rows.homes.get(region), rows.nobodys
        if rows.bought and region in rows.bought:
            own = home.heads if home is not None else []
            return sorted(own + rows.bought[region].heads + nobodys.heads)
        if home is None:
            return nobodys.heads
        return sorted(home.heads + nobodys.heads) if nobodys.heads else home.heads

    def shared(self, rank: int) -> ContactHeads:
        """The contacts of all homes that others may answer, alike for every other region."""
        return self._ranks[rank].shared.heads

    def preferring(self, rank: int) -> dict[AgentId, Rows[WaitingContact]]:
        """The contacts that prefer an agent, by whom they prefer, in one row each."""
        return self._ranks[rank].preferring

    def needing(
        self, is_meant: Callable[[tuple[Requirement, ...]], object]
    ) -> Iterator[WaitingContact]:
        """The contacts whose needs are meant: those of a row are all or none."""
        for rank in self._ranks.values():
            for home in rank.homes.values():
                for _, _, row in home.heads:
                    if is_meant(row[0][2].contact_class.needs):
                        yield from (contact for _, _, contact in row)

    def ahead_in_region(self, place: Place, region: RegionCode) -> int:
        """How many contacts of this home region stand before `place` in the national order."""
        count = 0
        for rank, rows in self._ranks.items():
            if rank <= place.rank and region in rows.homes:
                home = rows.homes[region]
                is_same = rank == place.rank
                count += home.before(place.due_ms, place.sequence) if is_same else home.count()
        return count

    def count_in_region(self, region: RegionCode) -> int:
        """How many contacts of this home region can be offered."""
        homes = (rank.homes.get(region) for rank in self._ranks.values())
        return sum(home.count() for home in homes if home is not None)

    def regions(self) -> set[RegionCode]:
        """All home regions that have a contact that can be offered."""
        return {region for rank in self._ranks.values() for region in rank.homes}

    def has_reached_length(self, region: RegionCode) -> bool:
        """Whether, with the one of this home who came last, rings of some reach further."""
        lengths = self.lengths.get(region)
        return lengths is not None and self.count_in_region(region) in lengths

    def rows_of_region(self, region: RegionCode) -> Iterator[ContactRow]:
        """The contacts of a home region in rows; those of one row need the same."""
        for rank in self._ranks.values():
            home = rank.homes.get(region)
            for _, row in home.items() if home is not None else ():
                yield row

    def rows(self) -> Iterator[tuple[tuple[object, ...], list[ContactId]]]:
        """Every row with all who stand in it: for comparing two indexes."""
        for name, rows in self._all():
            for key, row in rows.items():
                parts = key.parts if isinstance(key, Alike) else key
                yield (*name, parts), [contact.contact_id for _, _, contact in row]

    def heads(self) -> Iterator[tuple[tuple[object, ...], list[ContactId]]]:
        """The first contacts of rows that stand together: for comparing two indexes."""
        for name, rows in self._all():
            if rows:
                yield name, [row[0][2].contact_id for _, _, row in rows.heads]

    def _all(self) -> Iterator[tuple[tuple[object, ...], _Rows]]:
        for number, rank in self._ranks.items():
            for region, home in rank.homes.items():
                yield ("home", number, region), home
            for region, bought in rank.bought.items():
                yield ("bought", number, region), bought
            for agent_id, preferring in rank.preferring.items():
                yield ("preferring", number, agent_id), preferring
            yield ("shared", number), rank.shared
            yield ("nobodys", number), rank.nobodys


def _enter_bought(rank: _Rank, kind: ContactClass, entry: tuple[int, int, WaitingContact]) -> None:
    for region in dict.fromkeys(seller.region for seller in kind.sellers):
        rank.bought.setdefault(region, Rows()).enter(kind, entry)


def _leave_bought(rank: _Rank, kind: ContactClass, entry: tuple[int, int, WaitingContact]) -> None:
    for region in dict.fromkeys(seller.region for seller in kind.sellers):
        bought = rank.bought[region]
        bought.leave(kind, entry)
        if not bought:
            del rank.bought[region]
