"""The rows of the auditor's books."""

from __future__ import annotations

from dataclasses import dataclass, field

from queue_engine.core import events as ev
from routing.policy import Policy, PriorityRule, ServiceTimes
from routing.region_policy import Ring
from routing.vocabulary import ContactChannel, Outcome, Priority, Requirement, SkillLevel


@dataclass
class Caller:
    """One contact in the books."""

    name: str
    arrived_ms: int
    sequence: int
    priority: Priority
    needs: tuple[Requirement, ...]
    home: str
    link: str
    channel: ContactChannel = ContactChannel.PHONE
    line: str | None = None
    unit: str | None = None
    preferred: str | None = None
    preferred_unit: str | None = None
    kept_until_ms: int | None = None
    promised_from_ms: int | None = None
    """Since when the promised answer is counted, if that is not his arrival: he was sent on."""
    is_to_be_kept: bool = False
    """He was sent on to a nurse or a unit that can be expected, and is not kept for them yet."""
    asked: tuple[Requirement, ...] | None = None
    place: str = "waiting"
    is_seen: bool = False
    rests_until_ms: int = 0
    agent: str | None = None
    rings: list[tuple[Ring, str]] = field(default_factory=list)
    tried: dict[str, int] = field(default_factory=dict)
    ring_until_ms: int | None = None
    alarm_at_ms: int | None = None
    consulted: str | None = None
    consult_until_ms: int | None = None
    is_consulted: bool = False
    """The colleague has picked up."""
    recall_at_ms: int | None = None
    """When his nurse is to be reminded of him; None: he is not on hold."""
    promised_ms: int | None = None
    """Until when he was promised to be rung back."""
    promise_due_ms: int | None = None
    """When that is to be an alarm."""
    is_away: bool = False
    """Not on the line: is to be rung."""
    is_dialled: bool = False
    tries: int = 0
    is_given_up: bool = False
    """Was rung for the last time, and is to have a text."""
    owed_ms: int | None = None
    """He continues one who had the promise: until then."""
    gives_way_ms: int | None = None
    """He had the promise, and rings himself: what the new contact is owed."""
    is_misuse: bool = False
    told_112: bool = False
    key: str = ""
    entered_ms: int = 0
    ended_ms: int | None = None
    outcome: Outcome | None = None
    has_talked: bool = False
    """With somebody, once at least."""
    was_lost: bool = False
    """Ended without help: a new call may continue it."""
    is_continued: bool = False


@dataclass
class Nurse:
    """One agent in the books."""

    name: str
    region: str
    unit: str | None
    skills: tuple[SkillLevel, ...]
    link: str
    sequence: int
    idle_since_ms: int = 0
    """When she was last done with somebody, or became ready; an offer in vain does not count.

    She is done with the work after a talk; with the talk only when no such work follows.
    """
    is_ready: bool = False
    is_leaving: bool = False
    contact: str | None = None
    """A call or a video that she has."""
    chats: dict[str, int | None] = field(default_factory=dict)
    """Chats that she has, each with when its wrap-up must be over."""
    wrap_up_since_ms: int = 0
    wrap_up_until_ms: int | None = None
    rests_until_ms: int | None = None
    has_own_only: bool = False


def has_skills(nurse: Nurse, needs: tuple[Requirement, ...]) -> bool:
    """Whether she can do all that is needed, well enough."""
    return all(
        any(has.skill == need.skill and has.level <= need.level_max for has in nurse.skills)
        for need in needs
    )


def due_after_ms(rules: Policy, caller: Caller) -> int:
    """How long after his arrival the caller is due, by what he asked for."""
    return _times(rules, caller).due_after_ms


def answer_within_ms(rules: Policy, caller: Caller) -> int:
    """How soon he is promised an answer, by what he asked for."""
    return _times(rules, caller).answer_within_ms


def _times(rules: Policy, caller: Caller) -> PriorityRule | ServiceTimes:
    rule = dict(rules.priorities)[caller.priority]
    needed = {need.skill for need in caller.asked or caller.needs}
    services = [service for service in rules.services if service in needed]
    for times in rule.services:
        if services and times.service == services[0]:
            return times
    return rule


def new_caller(event: ev.ContactEnqueued | ev.ContactRestored, known: Caller | None) -> Caller:
    """He has a place; what was known of him before, if he is back, is known still."""
    caller = Caller(
        name=event.contact_id,
        arrived_ms=event.arrived_ms,
        sequence=event.sequence,
        priority=event.priority,
        needs=event.needs,
        home=event.home_region,
        link=event.link_id,
    )
    if isinstance(event, ev.ContactEnqueued):
        caller.channel = event.channel
        caller.line, caller.unit = event.line_id, event.home_unit
        caller.preferred, caller.preferred_unit = event.preferred_agent, event.preferred_unit
    elif known is not None:
        caller.channel = known.channel
        caller.line, caller.unit, caller.preferred = known.line, known.unit, known.preferred
        caller.preferred_unit, caller.has_talked = known.preferred_unit, known.has_talked
    return caller
