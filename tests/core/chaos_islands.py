"""What an island may tell, drawn without regard for sense: of anybody, in parts that follow."""

from __future__ import annotations

import random

from queue_engine.core import commands as cmd
from queue_engine.core.island_reports import IslandDisposition, IslandStint, StintKind
from queue_engine.core.state import State
from routing.policy import MINUTE_MS
from routing.vocabulary import (
    AgentId,
    ContactChannel,
    ContactId,
    HomeRegionSource,
    IslandId,
    LineId,
    LinkId,
    Outcome,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    TextId,
)
from tests.core.world import LINK

_REGIONS = ("22", "23", "24", "01", "unknown", "99", "")
_NEEDS = ((), (Requirement(Skill("advice")),), (Requirement(Skill("ar"), 3),))


class AnyIsland:
    """Tells of whomever the state has, and of strangers."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._strangers = 0

    def part(self, state: State) -> cmd.ReportIsland:
        """One more; often the next of its island."""
        pick = self._random.choice
        name, parted_ms = pick(("n1-0", "n2-0", "n3-0")), self._ms(state)
        island = cmd.Island(IslandId(name), "n", 0, parted_ms, self._ms(state))
        known = state.told_islands.number_of(island)
        after = max(0, known + pick((0, 0, 0, 0, -5, 5)))
        until = after + pick((0, 10, 10, 10))
        told = [self._fact(state, after + number) for number in range(pick((0, 1, 1, 3)))]
        contacts = tuple({fact.contact_id: fact for fact in told}.values())
        texts = tuple(self._text(state) for _ in range(pick((0, 0, 1, 2))))
        home = (AgentId(pick(("a0", "a1", "nobody"))),) if pick((True, False, False)) else ()
        return cmd.ReportIsland(island, after, until, contacts, texts, home, pick((True, False)))

    def _ms(self, state: State) -> int:
        return state.now_ms - round(self._random.triangular(-1, 60, 1) * MINUTE_MS)

    def _contact_id(self, state: State) -> ContactId:
        self._strangers += 1
        return self._random.choice(
            [*list(state.contacts)[-12:], ContactId(f"i{self._strangers}"), ContactId("i1")]
        )

    def _text(self, state: State) -> cmd.IslandText:
        known = list(state.texts) or [TextId("1-i1")]
        text_id = self._random.choice([*known, TextId(f"9-i{self._strangers}")])
        return cmd.IslandText(text_id, self._contact_id(state), self._random.random() < 0.5)

    def _fact(self, state: State, number: int) -> cmd.IslandContact:
        pick = self._random.choice
        answer = cmd.IslandAnswer(
            self._ms(state), RegionCode(pick(_REGIONS)), pick(list(Priority)), pick(_NEEDS)
        )
        promised_ms = pick((None, None, self._ms(state) + 30 * MINUTE_MS))
        outcome = None if promised_ms else pick((None, *Outcome))
        is_refused = outcome is Outcome.REFUSED
        return cmd.IslandContact(
            contact_id=self._contact_id(state),
            number=number + pick((0, 1, 1, 1)),
            came_there=pick((True, False)),
            link_id=pick((LINK, LinkId("ast2"))),
            line_id=pick((None, LineId("1177"))),
            channel=pick((ContactChannel.PHONE, *ContactChannel)),
            language="sv",
            home_region=RegionCode(pick(_REGIONS)),
            home_region_source=pick(list(HomeRegionSource)),
            home_unit=None,
            priority=pick(list(Priority)),
            needs=pick(_NEEDS),
            arrived_ms=self._ms(state),
            enqueued_ms=self._ms(state),
            until_ms=self._ms(state),
            outcome=outcome,
            was_talking=pick((True, False)),
            answer=pick((None, answer)),
            wait_ms=pick((None, 0, 5_000)),
            talk_ms=pick((0, 5_000)),
            was_cut=not is_refused and pick((True, False)),
            agent_id=pick((None, AgentId("a0"))),
            promised_until_ms=promised_ms,
            caller_key="" if is_refused else pick(("", "k1", "k2")),
            continues=pick((None, self._contact_id(state))),
            is_continued=promised_ms is None and pick((True, False)),
            is_counted=pick((True, False)),
            stints=tuple(self._stint(state) for _ in range(pick((0, 1, 2)))),
            dispositions=pick(((), (IslandDisposition(AgentId("a0"), "self_care"),))),
        )

    def _stint(self, state: State) -> IslandStint:
        pick = self._random.choice
        return IslandStint(
            agent_id=AgentId(pick(("a0", "a1", "nobody"))),
            giver=RegionCode(pick(_REGIONS)),
            kind=pick(list(StintKind)),
            from_ms=self._ms(state),
            until_ms=self._ms(state),
            taker=RegionCode(pick(_REGIONS[:-1])),
            service=Skill(pick(("", "advice"))),
            is_sold=pick((None, True, False)),
            is_open=pick((True, False)),
        )
