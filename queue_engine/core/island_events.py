"""Events on what islands did, as it becomes known to all. Part of `events`."""

from __future__ import annotations

from queue_engine.core.island_reports import Island, IslandContact
from queue_engine.core.message import message
from routing.vocabulary import AgentId, ContactId, IslandId, Outcome, TextId


@message
class IslandContactMerged:
    """A contact was on an island: from now on it counts as what became of it there.

    It is over, here as there; what was thought of it before stays written, and is corrected.
    """

    contact_id: ContactId
    island: Island
    fact: IslandContact
    sequence: int
    outcome: Outcome
    """What holds from now on, as all that follows."""
    former: Outcome | None
    """What it was thought to have come to; None: it was not known, or not any more."""
    wait_ms: int
    talk_ms: int
    hold_ms: int
    ended_ms: int
    was_cut: bool
    agent_id: AgentId | None
    continues: ContactId | None = None


@message
class IslandContactAwaited:
    """A contact was on an island and is not over: what was done there counts when it is."""

    contact_id: ContactId
    island: Island
    fact: IslandContact


@message
class IslandContactTaken:
    """Whom an island had promised to ring back, and no switch has: he has his place among all."""

    contact_id: ContactId
    island: Island
    fact: IslandContact
    sequence: int
    arrived_ms: int


@message
class IslandTextTaken:
    """A text message that an island was asked for and did not send is to be sent now."""

    text_id: TextId
    contact_id: ContactId


@message
class IslandMerged:
    """All that an island did up to its record `number` is known now."""

    island: Island
    number: int
    is_whole: bool
    """There is no more."""
    kept_until_ms: int
    """So long it is remembered that it is known; it cannot be told after that."""


@message
class IslandForgotten:
    """An island is too long ago to be told of."""

    island_id: IslandId


IslandEvent = (
    IslandContactMerged
    | IslandContactAwaited
    | IslandContactTaken
    | IslandTextTaken
    | IslandMerged
    | IslandForgotten
)
