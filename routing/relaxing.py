"""Needs that waiting makes content with less: a lower level, or another skill instead.

A need is only ever relaxed, never taken back. What is needed instead of a service is a service,
and instead of a language a language: nobody is brought to an agent who cannot help or understand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from routing.vocabulary import SKILL_LEVEL_BEST, SKILL_LEVEL_MIN, Requirement, Skill

Needs = tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class RelaxRule:
    """After a wait, who needs `skill` is content with less."""

    name: str
    skill: Skill
    """A service or a language."""
    after_ms: int
    """Since the arrival."""
    level_max: int = SKILL_LEVEL_MIN
    """The worst level that will do from then on..."""
    instead: tuple[Skill, ...] = ()
    """...or what will do instead of the skill, at any level."""

    def relaxed(self, needs: Needs) -> Needs:
        """The needs afterwards; the same if the rule has nothing to relax."""
        if self.instead:
            return needed_instead(needs, self.skill, self.instead)
        return tuple(
            need._replace(level_max=max(need.level_max, self.level_max))
            if need.skill == self.skill
            else need
            for need in needs
        )


def needed_instead(needs: Needs, skill: Skill, instead: Sequence[Skill]) -> Needs:
    """The needs, in order, with others instead of `skill`; the same if it is not needed."""
    kept = [need for need in needs if need.skill != skill]
    if len(kept) == len(needs):
        return needs
    known = {need.skill for need in kept}
    return tuple(sorted((*kept, *(Requirement(new) for new in instead if new not in known))))


def relax_problems(
    rules: Sequence[RelaxRule],
    services: Sequence[Skill],
    languages: Sequence[Skill],
    spoken: Sequence[Skill] = (),
) -> Iterator[str]:
    """Yields every fault of these rules as a sentence.

    Args:
        spoken: the languages that any other becomes when nobody at work speaks it.
    """
    becomes = {skill: list(spoken) for skill in languages if skill not in spoken}
    for rule in rules:
        becomes.setdefault(rule.skill, []).extend(rule.instead)
    names = [rule.name for rule in rules]
    for rule in rules:
        where = f"relax: {rule.name}"
        if names.count(rule.name) != 1:
            yield f"{where} is given {names.count(rule.name)} times"
        if rule.after_ms <= 0:
            yield f"{where}: says after how long"
        if not SKILL_LEVEL_BEST <= rule.level_max <= SKILL_LEVEL_MIN:
            yield f"{where}: levels go from {SKILL_LEVEL_BEST} to {SKILL_LEVEL_MIN}"
        alike = services if rule.skill in services else languages
        if rule.skill not in alike:
            yield f"{where}: {rule.skill!r} is neither a service nor a language"
        elif rule.instead and not any(skill in alike for skill in rule.instead):
            kind = "service" if alike is services else "language"
            yield f"{where}: instead of a {kind} another {kind} is needed"
        if rule.skill in _in_the_end(rule.instead, becomes):
            yield f"{where}: {rule.skill!r} instead of itself, now or by other rules"


def _in_the_end(skills: Sequence[Skill], becomes: dict[Skill, list[Skill]]) -> list[Skill]:
    """The skills, and all that may come to be needed instead of them."""
    reached = list(skills)
    for skill in reached:  # which grows as it is walked
        reached += [new for new in becomes.get(skill, ()) if new not in reached]
    return reached
