"""What an explanation is sent as; part of `shapes`, where the house rules stand."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from queue_engine.console_api.json_schema import Keywords
from queue_engine.console_api.shapes import Count, Moment, RegionCodeText, Span, TimelineEntry
from queue_engine.core.explain import Hold
from routing.advantages import Advantage
from routing.explain import Standing
from routing.vocabulary import NotReadyReason

_RULES: str = "By which the engine decided then; counts up when it may decide otherwise."


class Reason(TypedDict):
    """Something that kept so many from each other."""

    why: Annotated[str, Keywords(description="Such as `skills`, `not_shared`, `talking`.")]
    count: Annotated[int, Keywords(minimum=1)]


class Precedence(TypedDict):
    """Contacts that stood before it in the national order, and yet behind it at this agent."""

    why: Annotated[Standing, Keywords(description="What set it before them.")]
    count: Annotated[int, Keywords(minimum=1)]


class RegionStaff(TypedDict):
    """The agents at work in a region, and what kept them from the contact."""

    region: RegionCodeText
    at_work: Count
    could: Annotated[Count, Keywords(description="Nothing kept so many of them.")]
    kept: list[Reason]


class NearAgent(TypedDict):
    """One agent by name: those who could have first, then those who were ready, then the rest."""

    agent_id: str
    region: RegionCodeText
    why: Annotated[str | None, Keywords(description="What kept her from it; null: nothing.")]
    not_ready_reason: NotReadyReason | None
    until_ms: Annotated[
        Moment | None, Keywords(description="When that is over by itself; null: nobody can say.")
    ]


class OfferExplanation(TypedDict):
    """Why this contact was offered to this agent at this moment, and to nobody else."""

    rules_version: Annotated[int, Keywords(minimum=1, description=_RULES)]
    policy_version: str
    agent_id: str
    region: RegionCodeText
    is_home: bool
    wait_ms: Span
    waiting: Annotated[Count, Keywords(description="Could be offered then, itself among them.")]
    answerable: Annotated[Count, Keywords(description="Of them she might answer so many.")]
    kept_from_her: Annotated[
        list[Reason],
        Keywords(description="Stood before it in the national order; she might not answer them."),
    ]
    passed: list[Precedence]
    next_contact: Annotated[str | None, Keywords(description="Who was next at her.")]
    next_standing: Standing | None
    candidates: Annotated[Count, Keywords(description="Might have answered it, she among them.")]
    advantage: Annotated[
        Advantage | None, Keywords(description="What set her before the next best; null: only one.")
    ]
    next_best: str | None
    regions: list[RegionStaff]
    nearest: list[NearAgent]
    text_sv: list[str]
    text_en: list[str]


class NextShare(TypedDict):
    """When the contact's ring widens next."""

    at_ms: Moment
    rule: str


class WaitExplanation(TypedDict):
    """What stands between a contact that waits, or rings, and an answer."""

    rules_version: Annotated[int, Keywords(minimum=1, description=_RULES)]
    policy_version: str
    hold: Annotated[Hold | None, Keywords(description="Why it cannot be offered to anybody now.")]
    hold_until_ms: Moment | None
    ahead_at_home: Annotated[
        Count | None, Keywords(description="Of its home region; null: it has no place now.")
    ]
    ahead: Annotated[Count | None, Keywords(description="Of the whole country.")]
    next_share: NextShare | None
    regions: list[RegionStaff]
    nearest: list[NearAgent]
    text_sv: list[str]
    text_en: list[str]


class ExplainedEntry(TimelineEntry):
    """Something that happened to a contact; an offer with why it was made."""

    record: Annotated[int, Keywords(minimum=1, description="Its number in the journal.")]
    offer: NotRequired[OfferExplanation]


class Explanation(TypedDict):
    """Everything that happened to one contact, and why, folded from the journal."""

    contact_id: str
    at_ms: Annotated[Moment, Keywords(description="Of the last record that was looked at.")]
    record: Annotated[int, Keywords(minimum=1, description="The last that was looked at.")]
    entries: list[ExplainedEntry]
    wait: Annotated[WaitExplanation | None, Keywords(description="null: it does not wait.")]
