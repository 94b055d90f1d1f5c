"""What a node did while it was an island: what it alone knows, as it tells it when it is back.

An island decides by itself, cut off from the journal that the others go on with. What came of that
is told in parts, in order, contact by contact, and each part counts once, however often it is told.
Part of `commands`, where the house rules stand.
"""

from __future__ import annotations

from enum import StrEnum

from queue_engine.core.message import message
from routing.vocabulary import (
    AgentId,
    ContactChannel,
    ContactId,
    HomeRegionSource,
    IslandId,
    LineId,
    LinkId,
    Outcome,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    TextId,
    UnitId,
)


class StintKind(StrEnum):
    """What an agent did with a contact, from one moment to another."""

    TALK = "talk"
    CONSULT = "consult"
    """Was asked about another's caller."""
    WRAP_UP = "wrap_up"


@message
class Island:
    """One time that a node was an island."""

    island_id: IslandId
    host: str
    """The node's machine, for people."""
    after: int
    """The last record that it shares with all others."""
    parted_ms: int
    """When it decided the first one that it alone has."""
    until_ms: int
    """When it was no island any more."""


@message
class IslandStint:
    """Work that an agent did on an island, or had begun before and went on with there."""

    agent_id: AgentId
    giver: RegionCode
    """The region that she worked for; empty: nothing on the island says which."""
    kind: StintKind
    from_ms: int
    until_ms: int
    taker: RegionCode
    """The contact's home region, by which it is booked."""
    service: Skill
    is_sold: bool | None = False
    """Whether it was offered as sold; None: that was before the island parted."""
    is_open: bool = False
    """It went on when the island ended."""


@message
class IslandDisposition:
    """What an agent noted of a contact; the last that she said on the island."""

    agent_id: AgentId
    care_level: str = ""
    urgency: str = ""
    cause: str = ""
    referred_unit: str = ""


@message
class IslandText:
    """A text message that was asked for on the island, or sent by it."""

    text_id: TextId
    contact_id: ContactId
    is_sent: bool


@message
class IslandAnswer:
    """That a contact was answered on an island for the first time, and what it was then."""

    at_ms: int
    home_region: RegionCode
    priority: Priority
    needs: tuple[Requirement, ...]


@message
class IslandContact:
    """A contact that came to an island, or with which something was done there."""

    contact_id: ContactId
    number: int
    """The island's record with which it was over there, or its last one: in this order they are
    told."""
    came_there: bool
    """Others have not heard of it before."""
    link_id: LinkId
    line_id: LineId | None
    channel: ContactChannel
    language: str
    home_region: RegionCode
    home_region_source: HomeRegionSource
    home_unit: UnitId | None
    priority: Priority
    needs: tuple[Requirement, ...]
    """What it was enqueued for, whatever waiting made it content with."""
    arrived_ms: int
    enqueued_ms: int
    until_ms: int
    """When it was over, or the island's end."""
    outcome: Outcome | None
    """None: it was not over when the island ended."""
    was_talking: bool = False
    """When the island ended."""
    answer: IslandAnswer | None = None
    """None: nobody answered there, or somebody had before the island parted."""
    wait_ms: int | None = None
    """Until first answered, there or before, or until it was over."""
    talk_ms: int = 0
    """Of all its talks, holds included."""
    hold_ms: int = 0
    was_cut: bool = False
    agent_id: AgentId | None = None
    """Who talked with it last."""
    promised_until_ms: int | None = None
    """By then he was to be rung back, and no switch had him when the island ended."""
    caller_key: str = ""
    continues: ContactId | None = None
    is_continued: bool = False
    is_counted: bool = False
    stints: tuple[IslandStint, ...] = ()
    dispositions: tuple[IslandDisposition, ...] = ()


@message
class ReportIsland:
    """A part of what an island did. Parts are told in order; one told again changes nothing."""

    island: Island
    after: int
    """The number up to which all has been told; of the first part the island's `after`."""
    until: int
    """The number up to which all has been told with this part."""
    contacts: tuple[IslandContact, ...]
    """By `number`, then id; all that have a number above `after`, up to `until`."""
    texts: tuple[IslandText, ...] = ()
    """With the last part."""
    signed_off: tuple[AgentId, ...] = ()
    """Who went home there and had not come back when it ended; with the last part."""
    is_last: bool = False
