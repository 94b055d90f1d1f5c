"""Which key a caller presses: the one that leads to what he wants, in whatever menu he is in.

House rules: pure. Nothing here knows a menu by heart: keys are found by what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.menu import Choice, Menu, Option, Step
from routing.vocabulary import RegionCode, Skill


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a caller wants of the menu."""

    service: Skill
    language: Skill
    region: RegionCode | None
    """Where he is; None: no region of this country."""


def key_for(menu: Menu, step: Choice, wishes: Wishes) -> str | None:
    """The key to press at this question; None: none of them is his, he says nothing."""
    for key, option in step.keys:
        if _asks(option) and _is_wished(option, wishes):
            return key
    for key, option in step.keys:
        if not _asks(option) and _leads_to_region(menu.steps, option, wishes.region, (step,)):
            return key
    return None


def _asks(option: Option) -> bool:
    """Whether the key itself says anything."""
    return option.link or any((option.service, option.language, option.region))


def _is_wished(option: Option, wishes: Wishes) -> bool:
    return (
        not option.link
        and option.service in (None, wishes.service)
        and option.language in (None, wishes.language)
        and option.region in (None, wishes.region)
    )


def _leads_to_region(
    steps: Mapping[str, Step], option: Option, region: RegionCode | None, been: tuple[Step, ...]
) -> bool:
    ahead = steps.get(option.then)
    if region is None or not isinstance(ahead, Choice) or any(ahead is step for step in been):
        return False
    return any(
        after.region == region
        or (not _asks(after) and _leads_to_region(steps, after, region, (*been, ahead)))
        for _, after in ahead.keys
    )
