"""Wrong versions of choosing the agent; see `mutants`."""

from __future__ import annotations

from typing import Any, Final

import pytest

from routing import matching
from routing.ready_agents import ReadyAgents
from routing.rules import Rules

Patch = pytest.MonkeyPatch


def _rank(patch: Patch, *dropped: int) -> None:
    """These parts of the rank, counted from its end, do not count."""
    rank = matching.agent_rank

    def wrong(*args: Any) -> tuple[object, ...]:
        parts = rank(*args)
        return tuple(0 if n - len(parts) in dropped else part for n, part in enumerate(parts))

    patch.setattr(matching, "agent_rank", wrong)


def last_free_first_chosen(patch: Patch) -> None:
    rank: Any = matching.agent_rank

    def wrong(*args: Any) -> tuple[object, ...]:
        *parts, idle_since_ms, sequence = rank(*args)
        return (*parts, -idle_since_ms, sequence)

    patch.setattr(matching, "agent_rank", wrong)


def many_skills_as_good_as_few(patch: Patch) -> None:
    _rank(patch, -3)


def idle_who_cannot_help_are_counted(patch: Patch) -> None:
    count = ReadyAgents.ready_count
    patch.setattr(ReadyAgents, "ready_count", lambda self, region, needs: count(self, region, ()))


def idlest_region_the_last_of_equals(patch: Patch) -> None:
    place = Rules.region_place
    patch.setattr(Rules, "region_place", lambda self, code: -place(self, code))


MUTANTS: Final = {
    last_free_first_chosen: "auditor",
    many_skills_as_good_as_few: "auditor",
    idle_who_cannot_help_are_counted: "story agent_choice",
    idlest_region_the_last_of_equals: "story agent_choice",
}
