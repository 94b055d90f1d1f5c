"""What is remembered of classes of agents, so that it is worked out once for all who are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from routing.alike import Alike
from routing.ready_agents import AgentClass
from routing.skills import meets
from routing.vocabulary import Requirement, SkillLevel

if TYPE_CHECKING:
    from routing.may_answer import Obstacle

_SIGHTS_MAX: Final = 65_536
ANSWERS_MAX: Final = 4_096
"""Of so many classes of agents so many answers are remembered; with one more all are asked anew."""


class Able(dict[Alike, bool]):
    """Whether these skills meet needs; each is worked out when it is first asked."""

    def __init__(self, skills: tuple[SkillLevel, ...]) -> None:
        super().__init__()
        self._skills = skills

    def __missing__(self, needed: Alike) -> bool:
        if len(self) >= ANSWERS_MAX:
            self.clear()
        needs = cast("tuple[Requirement, ...]", needed.parts)
        found = self[needed] = meets(self._skills, needs)
        return found


Between = dict[Alike, "Obstacle | None"]


class Sight:
    """What is remembered of a class of agents."""

    __slots__ = ("able", "between")

    def __init__(self, able: Able, between: Between) -> None:
        self.able = able
        """By what contacts need; of all classes with these skills."""
        self.between = between
        """By contacts' reach; of all classes that are alike but for skills and switch."""


class Sights(dict[AgentClass, Sight]):
    """What is remembered, by class; each is made when it is first asked of."""

    def __init__(self) -> None:
        super().__init__()
        self._able: dict[tuple[SkillLevel, ...], Able] = {}
        self._between: dict[tuple[object, ...], Between] = {}

    def __missing__(self, agent: AgentClass) -> Sight:
        if len(self) >= _SIGHTS_MAX:
            self.clear()
            self._able.clear()
            self._between.clear()
        able = self._able.setdefault(agent.skills, Able(agent.skills))
        post = (agent.region, agent.unit, agent.spared, agent.room, agent.is_seat)
        found = self[agent] = Sight(able, self._between.setdefault(post, {}))
        return found
