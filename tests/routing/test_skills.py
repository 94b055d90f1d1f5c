"""Skills at their levels."""

from __future__ import annotations

from hypothesis import given, strategies as st

from routing.skills import first_needed, meets
from routing.vocabulary import Requirement, Skill, SkillLevel

LEVELS = st.integers(1, 9)
SKILLS = st.dictionaries(st.sampled_from("abcd"), LEVELS)


@given(SKILLS, SKILLS)
def test_every_need_at_its_level_or_better(has: dict[str, int], wants: dict[str, int]) -> None:
    skills = tuple(SkillLevel(Skill(skill), level) for skill, level in has.items())
    needs = tuple(Requirement(Skill(skill), level) for skill, level in wants.items())
    wanted = all(skill in has and has[skill] <= level for skill, level in wants.items())
    assert meets(skills, needs) == wanted


def test_nothing_needed_is_met_by_anybody() -> None:
    assert meets((), ())
    assert not meets((), (Requirement(Skill("sv")),))
    assert meets((SkillLevel(Skill("sv")),), (Requirement(Skill("sv"), 1),))


def test_the_first_of_several_is_by_the_order_asked_for_not_of_the_needs() -> None:
    services = (Skill("advice"), Skill("child"))
    needs = (Requirement(Skill("sv")), Requirement(Skill("child"), 2), Requirement(Skill("advice")))
    assert first_needed(needs, services) == "advice"
    assert first_needed(needs[:2], services) == "child"
    assert first_needed(needs[:1], services) == first_needed((), services) == ""
    assert first_needed(needs, ()) == ""
