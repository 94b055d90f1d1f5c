"""What relaxing makes of needs, and which rules cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.policy import DEFAULT_PRIORITIES, Policy
from routing.relaxing import RelaxRule, needed_instead, relax_problems
from routing.rules import Rules
from routing.vocabulary import INTERPRETER, Requirement, Skill

ADVICE, CHILD, SV, AR = (Skill(name) for name in ("advice", "child", "sv", "ar"))
SERVICES, LANGUAGES = (ADVICE, CHILD), (SV, AR)
NEEDS = (Requirement(AR, 3), Requirement(CHILD, 2))
LESS = RelaxRule("less", CHILD, 1, level_max=5)
OTHER = RelaxRule("other", CHILD, 2, instead=(ADVICE,))


def test_a_level_is_only_ever_worse() -> None:
    assert LESS.relaxed(NEEDS) == (Requirement(AR, 3), Requirement(CHILD, 5))
    worse = (Requirement(CHILD, 7),)
    assert LESS.relaxed(worse) == worse
    assert LESS.relaxed(()) == ()


def test_other_skills_instead_are_needed_at_any_level_and_in_order() -> None:
    assert OTHER.relaxed(NEEDS) == (Requirement(ADVICE), Requirement(AR, 3))
    assert OTHER.relaxed(NEEDS[:1]) == NEEDS[:1]
    strict = (Requirement(ADVICE, 1), Requirement(CHILD))
    assert OTHER.relaxed(strict) == (Requirement(ADVICE, 1),)
    assert needed_instead(NEEDS, AR, (SV, INTERPRETER)) == (
        Requirement(CHILD, 2),
        Requirement(INTERPRETER),
        Requirement(SV),
    )


def test_the_rules_that_have_something_to_relax() -> None:
    policy = Policy("1", DEFAULT_PRIORITIES, services=SERVICES, languages=LANGUAGES)
    rules = Rules(replace(policy, relax_rules=(LESS, OTHER)))
    assert rules.relaxing(NEEDS) == (LESS, OTHER)
    assert rules.relaxing((Requirement(CHILD),)) == (OTHER,)
    assert rules.relaxing(()) == Rules(policy).relaxing(NEEDS) == ()
    assert rules.relax_rule("other") is OTHER
    with pytest.raises(LookupError, match="no relax rule 'none'"):
        rules.relax_rule("none")


def test_an_interpreter_stands_in_for_languages_that_she_does_not_need_herself() -> None:
    policy = Policy("1", DEFAULT_PRIORITIES, services=SERVICES, languages=LANGUAGES)
    rules = Rules(replace(policy, interpreter_languages=(SV,)))
    assert rules.interpretable(NEEDS) == AR
    assert rules.interpretable((Requirement(SV),)) == rules.interpretable(()) == ""
    assert Rules(policy).interpretable(NEEDS) == ""


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (replace(LESS, after_ms=0), "less: says after how long"),
        (replace(LESS, level_max=10), "less: levels go from 1 to 9"),
        (replace(LESS, skill=INTERPRETER), "'interpreter' is neither a service nor a language"),
        (replace(OTHER, instead=(SV,)), "instead of a service another service is needed"),
        (
            RelaxRule("other", AR, 1, instead=(INTERPRETER,)),
            "instead of a language another language is needed",
        ),
        (replace(OTHER, instead=(CHILD,)), "'child' instead of itself"),
        (replace(OTHER, name="less"), "less is given 2 times"),
    ],
)
def test_each_fault_is_a_sentence(rule: RelaxRule, sentence: str) -> None:
    problems = list(relax_problems((LESS, rule), SERVICES, LANGUAGES))
    assert any(sentence in problem for problem in problems), problems
    assert list(relax_problems((LESS, OTHER), SERVICES, LANGUAGES)) == []


def test_rules_that_go_round_are_a_fault_of_each() -> None:
    back = RelaxRule("back", OTHER.instead[0], 1, instead=(CHILD,))
    problems = list(relax_problems((OTHER, back), (*SERVICES, back.skill), LANGUAGES))
    assert [each.split(":")[1] for each in problems] == [" other", " back"], problems
    through_an_interpreter = RelaxRule("round", SV, 1, instead=(AR,))
    assert not list(relax_problems((through_an_interpreter,), SERVICES, (SV, AR)))
    (problem,) = relax_problems((through_an_interpreter,), SERVICES, (SV, AR), spoken=(SV,))
    assert "'sv' instead of itself, now or by other rules" in problem


def test_rules_that_look_like_faults_and_are_none() -> None:
    best = replace(LESS, level_max=1)
    two = RelaxRule("two", AR, 1, instead=(SV, INTERPRETER))
    assert not list(relax_problems((best, two), SERVICES, LANGUAGES))
    fi = Skill("fi")
    spoken = RelaxRule("spoken", SV, 1, instead=(fi,))
    assert not list(relax_problems((spoken,), SERVICES, (*LANGUAGES, fi), spoken=(SV, fi)))


def test_an_interpreter_works_in_a_language() -> None:
    policy = Policy("1", DEFAULT_PRIORITIES, interpreter_languages=(SV,))
    assert list(policy.problems()) == ["interpreter_languages: 'sv' is not a language"]
