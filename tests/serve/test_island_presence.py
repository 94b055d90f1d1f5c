"""What nurses said on an island is said again to whoever decides, unless he knows better."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from queue_engine.core import commands as cmd
from queue_engine.core.agent import Agent
from queue_engine.core.commands import Command
from queue_engine.core.errors import EngineStopped, JournalError, Refused
from queue_engine.core.snapshot import read_snapshot, write_snapshot
from queue_engine.serve import island_presence
from queue_engine.serve.island_presence import Said, presence_told, say_again
from routing.vocabulary import AgentId, LinkId, NotReadyReason, PhoneId
from tests.core.island_world import come_back, parted, told
from tests.core.world import LINK, World

A1, A2 = AgentId("a1"), AgentId("a2")
ELSEWHERE = LinkId("ast2")
BREAK = cmd.SetAgentNotReady(A1, NotReadyReason.BREAK)


class Sides:
    """Nurse a1 is ready, or talks with c1; then an island parts from all others."""

    def __init__(self, *, talks: bool = False) -> None:
        self.others = World()
        self.others.agent("a1")
        if talks:
            self.others.caller("c1")
            self.others.answer("c1")
            self.others.wait(1_000)
        self.parted_after, self.parted_ms = self.others.state.record_number, self.others.now_ms
        self.before = read_snapshot(write_snapshot(self.others.state))
        self.island = parted(self.others)
        self.island.do(cmd.ReportCutOff((LINK,)))
        self.others.wait(60_000)
        self.others.agent("another")

    @property
    def told(self) -> list[Said]:
        return presence_told(self.before, self.island.state)

    def at_work_elsewhere(self, agent_id: AgentId = A1, phone: str = "") -> None:
        """She signs on among the others; at a phone of another switch, if none is named."""
        row = self.before.agents[A1]
        link, phone_id = (LINK, PhoneId(phone)) if phone else (ELSEWHERE, row.phone_id)
        said = cmd.SignOnAgent(agent_id, link, phone_id, row.region, row.skills, row.unit)
        self.others.do(said)

    def say_again(self) -> None:
        """As is done when the island is over."""
        for said in self.told:
            if said.holds(self.others.state):
                for command in said.commands:
                    self.others.do(command)


def agent(world: World, agent_id: AgentId = A1) -> Agent:
    return world.state.agents[agent_id]


def test_who_went_home_there_and_is_at_work_elsewhere_since_stays_so() -> None:
    sides = Sides()
    sides.island.do(cmd.SignOffAgent(A1))
    sides.others.do(cmd.SignOffAgent(A1))
    sides.at_work_elsewhere()
    sides.say_again()
    assert agent(sides.others).link_id == ELSEWHERE
    assert sides.told == [], "that she went is told with all that the island did"


def test_a_break_there_does_not_stop_who_is_at_work_elsewhere_since() -> None:
    sides = Sides()
    sides.island.do(BREAK)
    sides.at_work_elsewhere()
    sides.others.do(cmd.SetAgentReady(A1))
    sides.say_again()
    assert agent(sides.others).not_ready_reason is None


def test_who_said_nothing_to_the_others_since_has_her_break() -> None:
    sides = Sides()
    sides.island.do(BREAK)
    sides.say_again()
    assert agent(sides.others).not_ready_reason is NotReadyReason.BREAK


def test_what_she_said_to_the_others_since_stands() -> None:
    sides = Sides()
    sides.island.do(BREAK)
    sides.others.do(cmd.SetAgentNotReady(A1, NotReadyReason.MEETING))
    sides.say_again()
    assert agent(sides.others).not_ready_reason is NotReadyReason.MEETING
    sides.others.do(cmd.SignOffAgent(A1))
    sides.say_again()
    assert A1 not in sides.others.state.agents


def test_what_only_her_phone_did_is_no_word_of_hers() -> None:
    sides = Sides()
    sides.island.do(BREAK)
    sides.others.do(cmd.SetAgentNotReady(A1, NotReadyReason.NO_ANSWER))
    sides.say_again()
    assert agent(sides.others).not_ready_reason is NotReadyReason.BREAK


@pytest.mark.parametrize("is_there_since", [False, True])
def test_who_came_to_work_there_takes_her_phone_from_nobody_who_came_since(
    is_there_since: bool,
) -> None:
    sides = Sides()
    sides.island.agent("a2")
    if is_there_since:
        sides.at_work_elsewhere(AgentId("a3"), "phone-a2")
    sides.say_again()
    there = sides.others.state.agent_at(LINK, PhoneId("phone-a2"))
    assert there is not None
    assert there.agent_id == ("a3" if is_there_since else A2)


def test_who_came_to_work_there_and_then_elsewhere_stays_elsewhere() -> None:
    sides = Sides()
    sides.island.agent("a2")
    sides.at_work_elsewhere(A2)
    sides.say_again()
    assert agent(sides.others, A2).link_id == ELSEWHERE


def test_who_signed_on_at_the_same_phone_among_the_others_too_is_ready() -> None:
    sides = Sides()
    sides.island.agent("a2")
    sides.at_work_elsewhere(A2, "phone-a2")
    sides.say_again()
    assert agent(sides.others, A2).not_ready_reason is None


# --- saying it ------------------------------------------------------------------------------


class Others:
    """Whoever decides, as one who follows sees him: `faults` are what he answers first."""

    def __init__(self, sides: Sides, *faults: Exception) -> None:
        self.sides = sides
        self.faults = list(faults)
        self.state = sides.before
        self.then: Callable[[], None] = lambda: None
        """Done once he is asked."""
        self.looks = 0
        self.asked: list[Command] = []

    async def look_around(self) -> Any:
        self.looks += 1
        if self.looks == 1:
            raise JournalError("Redis is away again")
        asyncio.get_running_loop().call_later(0.02, self._follow)
        return SimpleNamespace(last_number=self.sides.others.state.record_number)

    def _follow(self) -> None:
        self.state = self.sides.others.state

    async def submit(self, command: Command) -> None:
        assert self.state is self.sides.others.state, "not before it has followed"
        self.asked.append(command)
        self.then()
        if self.faults:
            raise self.faults.pop(0)
        self.sides.others.do(command)

    async def are_told(self) -> None:
        await say_again(self.sides.told, cast(Any, self), self.look_around)


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(island_presence, "AGAIN_S", 0.01)


async def test_it_is_said_once_all_is_followed_and_only_if_it_holds() -> None:
    sides = Sides()
    sides.island.do(BREAK)
    sides.at_work_elsewhere()
    others = Others(sides)
    await others.are_told()
    assert others.asked == []


async def test_it_is_said_until_it_is_taken() -> None:
    sides = Sides()
    sides.island.agent("a2")
    full, nobody = Refused("overloaded", "too much waits"), EngineStopped("no engine decides")
    others = Others(sides, full, nobody, nobody)
    await others.are_told()
    assert agent(sides.others, A2).not_ready_reason is None
    assert len(others.asked) == 5


async def test_while_it_is_tried_she_may_come_to_work_elsewhere() -> None:
    sides = Sides()
    sides.island.do(BREAK)
    others = Others(sides, EngineStopped("no engine decides"))
    others.then = sides.at_work_elsewhere
    await others.are_told()
    assert len(others.asked) == 1
    assert agent(sides.others).link_id == ELSEWHERE


async def test_what_is_refused_for_what_it_is_is_told_and_left(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sides = Sides()
    sides.island.agent("a2")
    others = Others(sides, Refused("bad_region", "there is no region 22"))
    await others.are_told()
    assert A2 not in sides.others.state.agents
    assert len(others.asked) == 1, "nor is she made ready"
    assert "there is no region 22" in caplog.text


async def test_who_took_over_the_phone_of_one_who_talked_when_it_began_is_at_work() -> None:
    """The others believe in that talk until they have looked at the switch, and hear only then
    that its nurse has gone home. Nobody else waits for that."""
    sides = Sides(talks=True)
    after, row = sides.parted_after, sides.before.agents[A1]
    sides.island.nurse_hangs_up("c1")
    on = cmd.SignOnAgent(A2, LINK, row.phone_id, row.region, row.skills, row.unit)
    for said in (cmd.EndWrapUp(A1), cmd.SignOffAgent(A1), on, cmd.SetAgentReady(A2)):
        sides.island.do(said)
    sides.island.agent("a3")
    others = Others(sides)

    def look_at_the_switch() -> None:
        if len(others.asked) == 4:
            assert agent(sides.others, AgentId("a3")).not_ready_reason is None
            come_back(sides.others, 0)
            for part in told(sides.island, after):
                island = replace(part.island, parted_ms=sides.parted_ms)
                sides.others.do(replace(part, island=island))

    others.then = look_at_the_switch
    await others.are_told()
    assert A1 not in sides.others.state.agents
    assert agent(sides.others, A2).phone_id == row.phone_id
    assert agent(sides.others, A2).not_ready_reason is None


async def test_it_is_not_tried_for_ever(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(island_presence, "TRIED_S", 0.1)
    sides = Sides()
    sides.island.do(BREAK)
    await Others(sides, *[EngineStopped("nobody")] * 1_000).are_told()
    assert "says it again" in caplog.text
