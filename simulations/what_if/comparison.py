"""What would have been beside what was: waits per region and priority, and who by whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from routing.vocabulary import AgentId, ContactId, Priority, RegionCode
from simulations.what_if.books import Story

Group = TypeVar("Group", bound=str)
Stories = Mapping[ContactId, Story]
SECOND_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Waits:
    """How a group of contacts fared."""

    contacts: int = 0
    answered: int = 0
    in_vain: int = 0
    """Over, and nobody has answered them."""
    wait_ms_total: int = 0
    """Of the answered ones."""
    wait_ms_max: int = 0

    @property
    def mean_wait_ms(self) -> int | None:
        """Of the answered ones; None: there are none."""
        return self.wait_ms_total // self.answered if self.answered else None


@dataclass(frozen=True, slots=True)
class FirstDifference:
    """The earliest offer that is not the same in both."""

    contact_id: ContactId
    before: tuple[int, AgentId] | None
    """When it was first offered, and to whom; None: never."""
    after: tuple[int, AgentId] | None


@dataclass(frozen=True, slots=True)
class Changes:
    """How the contacts of one telling fared in another."""

    contacts: int
    other_agent: int
    """Answered in both, by somebody else."""
    other_region: int
    """Of these, in another region."""
    answered_only_after: int
    answered_only_before: int
    sooner: int
    """Answered in both, sooner by a second or more."""
    later: int
    first: FirstDifference | None


def waits_by_region(stories: Stories) -> dict[RegionCode, Waits]:
    """By home region, in the order of their codes."""
    return _grouped(stories, lambda story: story.home_region)


def waits_by_priority(stories: Stories) -> dict[Priority, Waits]:
    """By priority, most pressing first."""
    found = _grouped(stories, lambda story: story.priority)
    return {priority: found[priority] for priority in Priority if priority in found}


def waits_of_all(stories: Stories) -> Waits:
    """Of the whole country."""
    return _grouped(stories, lambda story: "").get("", Waits())


def _grouped(stories: Stories, group_of: Callable[[Story], Group]) -> dict[Group, Waits]:
    groups: dict[Group, list[Story]] = {}
    for story in stories.values():
        groups.setdefault(group_of(story), []).append(story)
    return {group: _waits(groups[group]) for group in sorted(groups)}


def _waits(stories: Sequence[Story]) -> Waits:
    waits = [one.wait_ms or 0 for one in stories if one.answered_by is not None]
    return Waits(
        contacts=len(stories),
        answered=len(waits),
        in_vain=sum(one.has_waited_in_vain for one in stories),
        wait_ms_total=sum(waits),
        wait_ms_max=max(waits, default=0),
    )


def changes(before: Stories, after: Stories) -> Changes:
    """How those who are told of in both fared in the second."""
    both = [(one, after[contact_id]) for contact_id, one in before.items() if contact_id in after]
    answered = [(one, two) for one, two in both if one.answered_by and two.answered_by]
    moved = [(one, two) for one, two in answered if one.answered_by != two.answered_by]
    longer = [(two.wait_ms or 0) - (one.wait_ms or 0) for one, two in answered]
    return Changes(
        contacts=len(both),
        other_agent=len(moved),
        other_region=sum(one.answered_in != two.answered_in for one, two in moved),
        answered_only_after=sum(not one.answered_by and bool(two.answered_by) for one, two in both),
        answered_only_before=sum(
            bool(one.answered_by) and not two.answered_by for one, two in both
        ),
        sooner=sum(ms <= -SECOND_MS for ms in longer),
        later=sum(ms >= SECOND_MS for ms in longer),
        first=_first_difference(before, after),
    )


def _first_difference(before: Stories, after: Stories) -> FirstDifference | None:
    found: list[tuple[int, ContactId, FirstDifference]] = []
    for contact_id, one in before.items():
        two = after.get(contact_id)
        offers = _first_offer(one), None if two is None else _first_offer(two)
        if offers[0] != offers[1]:
            at_ms = min(offer[0] for offer in offers if offer is not None)
            found.append((at_ms, contact_id, FirstDifference(contact_id, *offers)))
    return min(found, key=lambda each: each[:2])[2] if found else None


def _first_offer(story: Story) -> tuple[int, AgentId] | None:
    if story.offered_ms is None or story.offered_to is None:
        return None
    return story.offered_ms, story.offered_to
