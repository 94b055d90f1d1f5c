"""Why this contact, why this agent: what the match saw when it took a pair. Pure.

Asked of the state as it was just before the offer. It walks over all who wait and all who are
ready, which the match itself never does: for people who want to know, not for the hot path.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from routing.advantages import ADVANTAGES, Advantage
from routing.matching import agent_rank, contact_key
from routing.may_answer import Floor, Obstacle, obstacle
from routing.order import Key
from routing.ready_agents import ReadyAgent
from routing.vocabulary import ContactId
from routing.waiting import WaitingContact


class Standing(StrEnum):
    """What sets one contact before another at an agent, in the order in which it counts."""

    TIER = "tier"
    """It is more pressing."""
    OWN_REGION = "own_region"
    """It is her own region's, and the other is not."""
    DUE = "due"
    """It is due earlier."""
    SEQUENCE = "sequence"
    """Both are due at once; it came first."""


_STANDINGS: Final = tuple(zip(Key._fields, Standing, strict=True))


def standing(first: Key, second: Key) -> Standing:
    """Why the one key comes before the other."""
    for name, found in _STANDINGS:
        if getattr(first, name) != getattr(second, name):
            return found
    raise AssertionError((first, second))


@dataclass(frozen=True, slots=True)
class WhyContact:
    """Why an agent was offered this contact and none of the others that waited."""

    key: Key
    """Its place as she sees it."""
    waiting: int
    """Contacts that could be offered then, itself among them."""
    answerable: int
    """Those of them that she might answer: it stood first."""
    kept_from_her: tuple[tuple[Obstacle, int], ...]
    """Stood before it in the national order, and she might not answer them: why, and how many."""
    passed: tuple[tuple[Standing, int], ...]
    """Stood before it in the national order and yet behind it at her."""
    next_contact: ContactId | None
    """Who would have been next at her."""
    next_standing: Standing | None
    """Why that one stood behind."""


def why_contact(
    floor: Floor, agent: ReadyAgent, chosen: WaitingContact, waiting: Iterable[WaitingContact]
) -> WhyContact:
    """Why this contact, of all that could be offered when she took it."""
    kind = agent.agent_class
    own_key = contact_key(floor, agent.agent_id, kind, chosen)
    kept: Counter[Obstacle] = Counter()
    passed: Counter[Standing] = Counter()
    count, answerable = 1, 1
    following: tuple[Key, ContactId] | None = None
    for other in waiting:
        if other.contact_id == chosen.contact_id:
            continue
        count += 1
        is_before = other.place < chosen.place
        found = obstacle(floor, agent, other)
        if found is not None:
            kept[found] += is_before
            continue
        answerable += 1
        key = contact_key(floor, agent.agent_id, kind, other)
        if is_before:
            passed[standing(own_key, key)] += 1
        if following is None or key < following[0]:
            following = key, other.contact_id
    return WhyContact(
        key=own_key,
        waiting=count,
        answerable=answerable,
        kept_from_her=_counts(kept, Obstacle),
        passed=_counts(passed, Standing),
        next_contact=following[1] if following else None,
        next_standing=standing(own_key, following[0]) if following else None,
    )


@dataclass(frozen=True, slots=True)
class WhyAgent:
    """Why this agent of all who were ready and might have answered the contact."""

    candidates: int
    """How many might have, herself among them."""
    advantage: Advantage | None
    """What set her before the next best; None: she was the only one."""
    next_best: ReadyAgent | None


def why_agent(
    floor: Floor, contact: WaitingContact, chosen: ReadyAgent, candidates: Iterable[ReadyAgent]
) -> WhyAgent:
    """Why this agent, of the ready ones whom nothing kept from the contact."""
    ranked = sorted(candidates, key=lambda agent: agent_rank(floor, contact, agent))
    others = [agent for agent in ranked if agent.agent_id != chosen.agent_id]
    if not others:
        return WhyAgent(1, None, None)
    return WhyAgent(len(others) + 1, advantage(floor, contact, chosen, others[0]), others[0])


_Kind = TypeVar("_Kind", Obstacle, Standing)


def _counts(found: Counter[_Kind], kinds: Iterable[_Kind]) -> tuple[tuple[_Kind, int], ...]:
    return tuple((kind, found[kind]) for kind in kinds if found[kind])


def advantage(
    floor: Floor, contact: WaitingContact, first: ReadyAgent, second: ReadyAgent
) -> Advantage:
    """What sets the one agent before the other for this contact.

    A key that is less at her is so because she is preferred, or of its home.
    """
    ranks = agent_rank(floor, contact, first), agent_rank(floor, contact, second)
    parts = ADVANTAGES[floor.rules.policy.agent_choice]
    found = next(found for found, one, other in zip(parts, *ranks, strict=True) if one != other)
    if found is Advantage.ORDER and contact.preferred_agent == first.agent_id:
        return Advantage.PREFERRED
    if found is Advantage.ORDER and contact.contact_class.home_region == first.agent_class.region:
        return Advantage.HOME_REGION
    return found
