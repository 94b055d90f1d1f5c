"""Who is ready, grouped by what decides whom they may answer.

Agents of one class are alike to all contacts but those that tried or prefer one of them, so
matching looks at classes first and at persons last. Within a class the longest idle comes first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from sortedcontainers import SortedList

from routing.skills import meets
from routing.vocabulary import AgentId, LinkId, RegionCode, Requirement, SkillLevel, UnitId


@dataclass(frozen=True, slots=True)
class AgentClass:
    """What agents have in common to whom the same contacts may be offered."""

    region: RegionCode
    unit: UnitId | None
    skills: tuple[SkillLevel, ...]
    link_id: LinkId


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


class ReadyAgents:
    """The ready agents and, per class, how many are signed on.

    add, remove: O(log n). All else is linear in the classes of a region, not in agents.
    """

    def __init__(self) -> None:
        self._rows: dict[RegionCode, dict[AgentClass, Any]] = {}
        self._by_id: dict[AgentId, ReadyAgent] = {}
        self._signed_on: dict[RegionCode, dict[AgentClass, int]] = {}
        self._changes: dict[RegionCode, int] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, agent_id: object) -> bool:
        return agent_id in self._by_id

    def add(self, agent: ReadyAgent) -> None:
        """She is ready since `ready_since_ms`, which must not change until `remove`."""
        assert agent.agent_id not in self._by_id, agent.agent_id
        self._by_id[agent.agent_id] = agent
        rows = self._rows.setdefault(agent.agent_class.region, {})
        row = rows.get(agent.agent_class)
        if row is None:
            row = rows[agent.agent_class] = SortedList()
        row.add((agent.ready_since_ms, agent.sequence, agent))
        self._changed(agent.agent_class.region)

    def remove(self, agent: ReadyAgent) -> None:
        """She is not ready any more."""
        del self._by_id[agent.agent_id]
        rows = self._rows[agent.agent_class.region]
        row = rows[agent.agent_class]
        row.remove((agent.ready_since_ms, agent.sequence, agent))
        if not row:
            del rows[agent.agent_class]
        self._changed(agent.agent_class.region)

    def sign_on(self, agent_class: AgentClass) -> None:
        """One more of this class is at work."""
        counts = self._signed_on.setdefault(agent_class.region, {})
        counts[agent_class] = counts.get(agent_class, 0) + 1
        self._changed(agent_class.region)

    def sign_off(self, agent_class: AgentClass) -> None:
        """One less of this class is at work."""
        counts = self._signed_on[agent_class.region]
        counts[agent_class] -= 1
        if not counts[agent_class]:
            del counts[agent_class]
        self._changed(agent_class.region)

    def classes(self) -> Iterator[AgentClass]:
        """Every class that has a ready agent, in the order of their first."""
        for rows in self._rows.values():
            yield from rows

    def classes_in(self, region: RegionCode) -> tuple[AgentClass, ...]:
        """The classes of one region that have a ready agent."""
        return tuple(self._rows.get(region, ()))

    def classes_count(self) -> int:
        """How many classes have a ready agent."""
        return sum(len(rows) for rows in self._rows.values())

    def changes(self, region: RegionCode) -> int:
        """A number that changes whenever somebody of the region comes, goes, or is (un)ready."""
        return self._changes.get(region, 0)

    def _changed(self, region: RegionCode) -> None:
        self._changes[region] = self._changes.get(region, 0) + 1

    def has(self, agent_class: AgentClass) -> bool:
        """Whether the class has a ready agent."""
        return agent_class in self._rows.get(agent_class.region, ())

    def members(self, agent_class: AgentClass) -> Iterator[ReadyAgent]:
        """The ready agents of a class, longest idle first."""
        for _, _, agent in self._rows.get(agent_class.region, {}).get(agent_class, ()):
            yield agent

    def ready_count(self, region: RegionCode, needs: tuple[Requirement, ...]) -> int:
        """How many ready agents of the region meet the needs."""
        rows = self._rows.get(region, {})
        return sum(len(row) for kind, row in rows.items() if meets(kind.skills, needs))

    def signed_on_count(self, region: RegionCode, needs: tuple[Requirement, ...]) -> int:
        """How many signed-on agents of the region meet the needs."""
        counts = self._signed_on.get(region, {})
        return sum(count for kind, count in counts.items() if meets(kind.skills, needs))
