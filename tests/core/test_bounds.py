"""How long texts and lists of a request may be, one by one and together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.core.bounds import ITEMS_MAX, TEXT_MAX, require_bounded
from queue_engine.core.commands import (
    Actor,
    Command,
    EnqueueContact,
    LoadPolicy,
    RequestCallback,
    SetContactPriority,
    SignOnAgent,
)
from queue_engine.core.errors import Refused
from routing.vocabulary import (
    AgentId,
    ContactId,
    HomeRegionSource,
    LineId,
    LinkId,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    SkillLevel,
)

ADVICE = Requirement(Skill("advice"))
CALL = EnqueueContact(
    contact_id=ContactId("c1"),
    link_id=LinkId("ast1"),
    line_id=LineId("national"),
    arrived_ms=0,
    priority=Priority.STANDARD,
    needs=(ADVICE,),
    home_region=RegionCode("22"),
    home_region_source=HomeRegionSource.NETWORK,
)
NURSE = SignOnAgent(
    AgentId("a1"),
    LinkId("ast1"),
    PhoneId("phone-a1"),
    RegionCode("22"),
    (SkillLevel(Skill("advice")),),
)
LONGEST = "x" * TEXT_MAX


@pytest.mark.parametrize(
    "request_",
    [
        CALL,
        replace(CALL, contact_id=ContactId(LONGEST), caller_key=LONGEST, language=LONGEST),
        replace(CALL, needs=(Requirement(Skill(LONGEST)),) * ITEMS_MAX, earlier_keys=(LONGEST,)),
        RequestCallback(ContactId(LONGEST)),
        LoadPolicy(LONGEST * 100),
        SetContactPriority(ContactId("c1"), Priority.RAISED, Actor.AGENT, "judged", needs=None),
        NURSE,
    ],
)
def test_short_enough_each(request_: Command) -> None:
    require_bounded(request_)


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (replace(CALL, contact_id=ContactId(LONGEST + "x")), "EnqueueContact.contact_id"),
        (replace(CALL, caller_key=LONGEST + "x"), "EnqueueContact.caller_key"),
        (replace(CALL, needs=(ADVICE,) * (ITEMS_MAX + 1)), "EnqueueContact.needs"),
        (replace(CALL, needs=(Requirement(Skill(LONGEST + "x")),)), "EnqueueContact.needs"),
        (replace(CALL, earlier_keys=(LONGEST + "x",)), "EnqueueContact.earlier_keys"),
        (replace(CALL, needs=(ADVICE, Requirement(Skill(LONGEST + "x")))), "EnqueueContact.needs"),
        (replace(NURSE, skills=NURSE.skills * (ITEMS_MAX + 1)), "SignOnAgent.skills"),
        (RequestCallback(ContactId(LONGEST + "x")), "RequestCallback.contact_id"),
    ],
)
def test_the_first_that_is_too_long_is_named(request_: Command, field: str) -> None:
    with pytest.raises(Refused, match=f"{field} is too long"):
        require_bounded(request_)
