"""Skills at their levels."""

from __future__ import annotations

from hypothesis import given, strategies as st

from routing.skills import meets
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
