"""Who is ready, and how many are signed on, by what decides whom they may answer."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Protocol

from routing.room_policy import Room
from routing.skills import meets
from routing.strain_policy import Spared
from routing.vocabulary import (
    UNKNOWN_REGION,
    AgentId,
    ContactId,
    LinkId,
    RegionCode,
    Requirement,
    SkillLevel,
    UnitId,
)

_FED_MAX: Final = 4_096
"""Of so many classes of a region it is remembered in which counts they are."""
COUNTS_MAX: Final = 500
"""Of so many different needs a region's agents are counted; of others anew whenever asked."""


@dataclass(frozen=True, slots=True, eq=False)
class AgentClass:
    """What agents have in common to whom the same contacts may be offered.

    Made by `agent_class`.
    """

    region: RegionCode
    unit: UnitId | None
    skills: tuple[SkillLevel, ...]
    link_id: LinkId
    spared: Spared | None = None
    room: Room | None = None
    """Beside the chats that they have; None: they have no contact, and room for any."""
    is_seat: bool = False
    """Of a gateway, which can be put through to a caller on the line and to nobody else."""
    counts_as_ready: bool = field(init=False)
    """Whether one of them who is ready could take any caller: she neither rests nor has chats."""

    def __post_init__(self) -> None:
        is_free = self.spared is not Spared.ALL and self.room is None
        object.__setattr__(self, "counts_as_ready", is_free)


@lru_cache(maxsize=65_536)
def agent_class(
    region: RegionCode,
    unit: UnitId | None,
    skills: tuple[SkillLevel, ...],
    link_id: LinkId,
    spared: Spared | None = None,
    room: Room | None = None,
    is_seat: bool = False,
) -> AgentClass:
    """The class of these parts, the same object each time: it is a key, and never compared.

    (Two objects, if one was last asked for too long ago, are two classes: slower, not wrong.)
    """
    return AgentClass(region, unit, skills, link_id, spared, room, is_seat)


def works_for(agent: AgentClass, unit: UnitId | None, home: RegionCode) -> bool:
    """Whether these agents are of this unit of a home region.

    Another region may have a unit of the same name; of an unknown home any may be meant.
    """
    return unit is not None and unit == agent.unit and home in (agent.region, UNKNOWN_REGION)


class ReadyAgent(Protocol):
    """What matching knows of an agent."""

    @property
    def agent_id(self) -> AgentId:
        """Who she is."""

    @property
    def agent_class(self) -> AgentClass:
        """What decides whom she may answer."""

    @property
    def ready_since_ms(self) -> int:
        """Since when she could have been offered a contact."""

    @property
    def sequence(self) -> int:
        """Settles ties: that of her sign-on."""

    def is_busy_with(self, contact_id: ContactId) -> bool:
        """Whether she has not finished her work after an earlier talk with this contact."""


_Needs = tuple[Requirement, ...]
ReserveOf = Callable[[RegionCode, _Needs, int], int]


class Count:
    """How many agents of a region meet certain needs. For reading."""

    __slots__ = ("needs", "ready", "reserve", "signed_on")

    def __init__(self, needs: _Needs, ready: int, signed_on: int, reserve: int) -> None:
        self.needs = needs
        self.ready = ready
        self.signed_on = signed_on
        self.reserve = reserve
        """So many of those who are ready stay at home."""


def _keeps_nobody(region: RegionCode, needs: _Needs, signed_on: int) -> int:
    return 0


_ClassRows = dict[AgentClass, list[tuple[int, int, ReadyAgent]]]
_NO_ROWS: Final[_ClassRows] = {}


class ReadyAgents:
    """The ready agents and, per class, how many are signed on.

    What is counted once stays counted: each coming and going changes the few counts of the needs
    that the agent's class meets, and asking is a look-up.
    """

    def __init__(self) -> None:
        self._rows: dict[RegionCode, _ClassRows] = {}
        """Never an empty row, nor an empty region."""
        self._rows_count = 0
        self.by_id: dict[AgentId, ReadyAgent] = {}
        """All of them. For reading."""
        self._signed_on: dict[RegionCode, dict[AgentClass, int]] = {}
        self._counts: dict[RegionCode, dict[_Needs, Count]] = {}
        self._fed: dict[RegionCode, dict[AgentClass, list[Count]]] = {}
        """The counts of its region in which a class is counted; made when first needed."""
        self._reserve_of: ReserveOf = _keeps_nobody

    def keep_back(self, reserve_of: ReserveOf) -> None:
        """Other rules are in force.

        Args:
            reserve_of: how many of a region stay at home, by the needs and how many of those who
                meet them are signed on.
        """
        self._reserve_of = reserve_of
        for region, counts in self._counts.items():
            for count in counts.values():
                count.reserve = reserve_of(region, count.needs, count.signed_on)

    def __len__(self) -> int:
        return len(self.by_id)

    def __contains__(self, agent_id: object) -> bool:
        return agent_id in self.by_id

    def get(self, agent_id: AgentId) -> ReadyAgent | None:
        """The agent, if she is ready."""
        return self.by_id.get(agent_id)

    def add(self, agent: ReadyAgent) -> None:
        """She is ready since `ready_since_ms`, which must not change until `remove`."""
        assert agent.agent_id not in self.by_id, agent.agent_id
        self.by_id[agent.agent_id] = agent
        kind = agent.agent_class
        rows = self._rows.get(kind.region)
        if rows is None:
            rows = self._rows[kind.region] = {}
        row = rows.get(kind)
        if row is None:
            row = rows[kind] = []
            self._rows_count += 1
        insort(row, (agent.ready_since_ms, agent.sequence, agent))
        if kind.counts_as_ready:
            for count in self._counts_of(kind):
                count.ready += 1

    def remove(self, agent: ReadyAgent) -> None:
        """She is not ready any more."""
        del self.by_id[agent.agent_id]
        kind = agent.agent_class
        rows = self._rows[kind.region]
        row = rows[kind]
        at = bisect_left(row, (agent.ready_since_ms, agent.sequence))
        assert row[at][2] is agent, agent.agent_id
        del row[at]
        if not row:
            del rows[kind]
            self._rows_count -= 1
            if not rows:
                del self._rows[kind.region]
        if kind.counts_as_ready:
            for count in self._counts_of(kind):
                count.ready -= 1

    def sign_on(self, agent_class: AgentClass) -> None:
        """One more of this class is at work."""
        staff = self._signed_on.setdefault(agent_class.region, {})
        staff[agent_class] = staff.get(agent_class, 0) + 1
        self._count_staff(agent_class, 1)

    def sign_off(self, agent_class: AgentClass) -> None:
        """One less of this class is at work."""
        staff = self._signed_on[agent_class.region]
        staff[agent_class] -= 1
        if not staff[agent_class]:
            del staff[agent_class]
        self._count_staff(agent_class, -1)

    def classes(self) -> Iterator[AgentClass]:
        """Every class that has a ready agent, region by region."""
        for rows in self._rows.values():
            yield from rows

    def classes_in(self, region: RegionCode) -> Collection[AgentClass]:
        """The classes of one region that have a ready agent."""
        return self._rows.get(region, _NO_ROWS)

    def classes_outside(self, region: RegionCode) -> list[AgentClass]:
        """The classes of all other regions that have a ready agent."""
        return [kind for code, rows in self._rows.items() if code != region for kind in rows]

    def classes_count(self) -> int:
        """How many classes have a ready agent."""
        return self._rows_count

    def has(self, agent_class: AgentClass) -> bool:
        """Whether the class has a ready agent."""
        return agent_class in self._rows.get(agent_class.region, ())

    def first(self, agent_class: AgentClass) -> ReadyAgent | None:
        """The longest idle of a class; None: none of it is ready."""
        row = self._rows.get(agent_class.region, _NO_ROWS).get(agent_class)
        return None if row is None else row[0][2]

    def members(self, agent_class: AgentClass) -> Iterator[ReadyAgent]:
        """The ready agents of a class, longest idle first."""
        for _, _, agent in self._rows.get(agent_class.region, _NO_ROWS).get(agent_class, ()):
            yield agent

    def members_count(self, agent_class: AgentClass) -> int:
        """How many of the class are ready."""
        return len(self._rows.get(agent_class.region, _NO_ROWS).get(agent_class, ()))

    def ready_count(self, region: RegionCode, needs: tuple[Requirement, ...]) -> int:
        """How many ready agents of the region meet the needs.

        One who rests is not counted, nor one who has chats: neither could take any caller.
        """
        return self.count(region, needs).ready

    def signed_on_count(self, region: RegionCode, needs: tuple[Requirement, ...]) -> int:
        """How many signed-on agents of the region meet the needs."""
        return self.count(region, needs).signed_on

    def count(self, region: RegionCode, needs: tuple[Requirement, ...]) -> Count:
        """Both, by one look-up."""
        counts = self._counts.get(region)
        found = None if counts is None else counts.get(needs)
        return self._count_first(region, needs) if found is None else found

    def signed_on_in(self, region: RegionCode) -> Collection[AgentClass]:
        """The classes of one region of which somebody is at work."""
        return self._signed_on.get(region, {})

    def is_unit_staffed(
        self, region: RegionCode, unit: UnitId, needs: tuple[Requirement, ...]
    ) -> bool:
        """Whether an agent of this unit of the region who meets the needs is signed on."""
        staff = self._signed_on.get(region, {})
        return any(kind.unit == unit and meets(kind.skills, needs) for kind in staff)

    def may_lend_more(self, agent_class: AgentClass) -> bool:
        """Whether with one who has just become ready her region may lend what it did not before.

        It does once more of them are ready than the reserve, for any needs that she meets.
        """
        if len(self._counts.get(agent_class.region, ())) >= COUNTS_MAX:
            return True
        return any(count.ready == count.reserve + 1 for count in self._counts_of(agent_class))

    # --- counting -------------------------------------------------------------------------

    def counted(self) -> Iterator[tuple[RegionCode, _Needs, int, int]]:
        """What is counted: region, needs, how many are ready and signed on. For checking."""
        for region, counts in self._counts.items():
            for needs, count in counts.items():
                yield region, needs, count.ready, count.signed_on

    def _count_first(self, region: RegionCode, needs: _Needs) -> Count:
        counts = self._counts.setdefault(region, {})
        rows, staff = self._rows.get(region, _NO_ROWS), self._signed_on.get(region, {})
        fed = self._fed.get(region, {})
        kinds = dict.fromkeys((*staff, *rows, *fed))
        able = {kind for kind in kinds if meets(kind.skills, needs)}
        ready = sum(len(row) for kind, row in rows.items() if kind.counts_as_ready and kind in able)
        signed_on = sum(n for kind, n in staff.items() if kind in able)
        count = Count(needs, ready, signed_on, self._reserve_of(region, needs, signed_on))
        if len(counts) < COUNTS_MAX:
            counts[needs] = count
            for kind, its_counts in fed.items():
                if kind in able:
                    its_counts.append(count)
        return count

    def _count_staff(self, kind: AgentClass, more: int) -> None:
        for count in self._counts_of(kind):
            count.signed_on += more
            count.reserve = self._reserve_of(kind.region, count.needs, count.signed_on)

    def _counts_of(self, kind: AgentClass) -> list[Count]:
        """The counts of its region in which an agent of this class is counted."""
        fed = self._fed.get(kind.region)
        if fed is None:
            fed = self._fed[kind.region] = {}
        counts = fed.get(kind)
        if counts is None:
            if len(fed) >= _FED_MAX:
                fed.clear()
            of_region = self._counts.get(kind.region, {})
            counts = [count for needs, count in of_region.items() if meets(kind.skills, needs)]
            fed[kind] = counts
        return counts
