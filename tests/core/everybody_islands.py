"""What islands tell of everybody; see `everybody`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from queue_engine.core import commands as cmd
from queue_engine.core.island_reports import IslandStint, StintKind
from routing.vocabulary import (
    AgentId,
    ContactId,
    IslandId,
    Outcome,
    Priority,
    RegionCode,
    Skill,
    TextId,
)
from tests.core.everybody_callback import TEXT_ID
from tests.core.island_facts import usual_fact
from tests.core.world import ADVICE, START_MS

ISLAND = cmd.Island(IslandId("n1-40"), "n1", 40, START_MS - 60_000, START_MS)


def told_of_islands(contacts: Sequence[str]) -> Iterator[cmd.Command]:
    """Of everybody, as handled there or not over; in parts that follow and that do not."""
    for name in (*contacts, "stranger"):
        for outcome in (Outcome.HANDLED, Outcome.ABANDONED, None):
            fact = fact_of(name, outcome)
            yield cmd.ReportIsland(ISLAND, 40, 50, (fact,), is_last=True)
            yield cmd.ReportIsland(ISLAND, 40, 50, (fact, fact))
    yield cmd.ReportIsland(ISLAND, 41, 50, (fact_of("stranger", Outcome.LOST),))
    yield cmd.ReportIsland(ISLAND, 40, 40, ())
    for text_id, name in ((TEXT_ID, "unreached"), (TextId("45-waits"), "waits")):
        for is_sent in (True, False):
            text = cmd.IslandText(text_id, ContactId(name), is_sent)
            yield cmd.ReportIsland(ISLAND, 40, 50, (), (text,), is_last=True)
    agents = ("on", "idle", "rung", "talker", "wraps", "leaver", "off")
    for island in (ISLAND, replace(ISLAND, parted_ms=START_MS + 1, until_ms=START_MS + 1)):
        yield cmd.ReportIsland(island, 40, 50, (), (), tuple(map(AgentId, agents)))
    stranger = cmd.IslandText(TextId("45-stranger"), ContactId("stranger"), is_sent=False)
    yield cmd.ReportIsland(ISLAND, 40, 50, (), (stranger, stranger))


def fact_of(name: str, outcome: Outcome | None) -> cmd.IslandContact:
    """A caller of region 24, with whom the agent `talker` of 22 talked for 20 s after 30 s."""
    stint = IslandStint(
        agent_id=AgentId("talker"),
        giver=RegionCode("22"),
        kind=StintKind.TALK,
        from_ms=START_MS - 30_000,
        until_ms=START_MS - 10_000,
        taker=RegionCode("24"),
        service=Skill("advice"),
    )
    return replace(
        usual_fact(name, START_MS - 10_000),
        number=45,
        came_there=name == "stranger",
        arrived_ms=START_MS - 60_000,
        enqueued_ms=START_MS - 60_000,
        outcome=outcome,
        answer=cmd.IslandAnswer(START_MS - 30_000, RegionCode("24"), Priority.STANDARD, ADVICE),
        wait_ms=30_000,
        talk_ms=20_000,
        caller_key="key",
        continues=ContactId("over"),
        is_counted=True,
        stints=(stint,),
    )
