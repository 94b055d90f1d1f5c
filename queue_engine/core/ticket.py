"""The ticket: what a call carries in one channel variable, so that it can be queued again.

`version|record|contact|arrived|sequence|priority|region|needs`, needs as `advice:9+sv:5`.
No names and no numbers of people are in it. It travels through dialplan, so only the
characters of `_SAFE` may occur in its parts; another is our own mistake.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from queue_engine.core.commands import CallTicket
from routing.vocabulary import (
    SKILL_LEVEL_BEST,
    SKILL_LEVEL_MIN,
    ContactId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
)

TICKET_VARIABLE: Final = "SAMKO_TICKET"
_VERSION: Final = "1"
_SAFE: Final = re.compile(r"[A-Za-z0-9_.\-]{1,80}")
_NUMBER: Final = re.compile(r"[0-9]{1,15}")
"""Enough for milliseconds until the year 33658; a larger one would spoil all numbers after it."""
_LEVEL: Final = re.compile(f"[{SKILL_LEVEL_BEST}-{SKILL_LEVEL_MIN}]")


def can_carry(*words: str) -> bool:
    """Whether a ticket can hold these words: ids, a region's code, skills."""
    return None not in map(_SAFE.fullmatch, words)


@lru_cache(maxsize=4096)
def can_carry_region(code: RegionCode) -> bool:
    """The same for a region's code: a few that come again with every caller."""
    return can_carry(code)


def write_ticket(ticket: CallTicket) -> str:
    """The ticket as the channel variable's value."""
    needs = "+".join(f"{need.skill}:{need.level_max}" for need in ticket.needs)
    words = [ticket.contact_id, ticket.home_region, *(need.skill for need in ticket.needs)]
    assert can_carry(*words), words
    return (
        f"{_VERSION}|{ticket.record}|{ticket.contact_id}|{ticket.arrived_ms}|{ticket.sequence}"
        f"|{ticket.priority}|{ticket.home_region}|{needs}"
    )


def read_ticket(text: str) -> CallTicket | None:
    """The ticket in `text`, or None if it is none of ours (foreign, older, or damaged)."""
    parts = text.split("|")
    if len(parts) != 8 or parts[0] != _VERSION:
        return None
    _, record, contact_id, arrived, sequence, priority, region, needs = parts
    if not all(_NUMBER.fullmatch(number) for number in (record, arrived, sequence)):
        return None
    if not can_carry(contact_id, region):
        return None
    if priority not in list(Priority):
        return None
    requirements: list[Requirement] = []
    for need in needs.split("+") if needs else ():
        skill, _, level = need.partition(":")
        if not _SAFE.fullmatch(skill) or not _LEVEL.fullmatch(level):
            return None
        requirements.append(Requirement(Skill(skill), int(level)))
    return CallTicket(
        record=int(record),
        contact_id=ContactId(contact_id),
        arrived_ms=int(arrived),
        sequence=int(sequence),
        priority=Priority(priority),
        home_region=RegionCode(region),
        needs=tuple(requirements),
    )
