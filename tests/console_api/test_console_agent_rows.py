"""Rows that are remembered are those that would be made now."""

from __future__ import annotations

import json
from collections.abc import Callable

from queue_engine.console_api.agent_rows import AgentRows
from queue_engine.core import commands as cmd
from routing.vocabulary import AgentId, NotReadyReason, PhoneId, RegionCode, Skill, SkillLevel
from tests.core.world import LINK, World

A1 = AgentId("a1")


def test_whatever_an_agent_does_her_row_follows() -> None:
    world, rows = World(), AgentRows()
    seen: list[str] = []

    def look() -> None:
        text = rows.json(world.state, world.now_ms)
        assert text == AgentRows().json(world.state, world.now_ms)
        seen.extend(agent["state"] for agent in json.loads(text)["agents"][:1])

    steps: tuple[Callable[[], object], ...] = (
        lambda: world.agent("a1"),
        lambda: world.caller("c1"),
        lambda: world.fail("c1", cmd.OfferFailure.NO_ANSWER),
        lambda: world.do(cmd.SetAgentReady(A1)),
        lambda: world.answer("c1"),
        lambda: world.do(cmd.SignOffAgent(A1)),
        lambda: world.agent("a1"),  # stays after all
        lambda: world.nurse_hangs_up("c1"),
        lambda: world.gone("c1"),
        lambda: world.do(cmd.SetAgentNotReady(A1, NotReadyReason.BREAK)),
        lambda: world.wait(400_000),
        lambda: world.do(
            cmd.SignOnAgent(
                A1, LINK, PhoneId("other"), RegionCode("23"), (SkillLevel(Skill("sv")),)
            )
        ),
    )
    for step in steps:
        step()
        look()
        world.wait(1_000)
        look()
    assert set(seen) == {"ready", "ringing", "not_ready", "talking", "wrap_up"}


def test_who_has_gone_home_is_not_remembered() -> None:
    world, rows = World(), AgentRows()
    for name in ("a1", "a2"):
        world.agent(name)
    rows.json(world.state, world.now_ms)
    world.do(cmd.SignOffAgent(A1))
    assert json.loads(rows.json(world.state, world.now_ms))["agents"][0]["agent_id"] == "a2"
    assert len(rows) == 1


def test_one_region_alone() -> None:
    world, rows = World(), AgentRows()
    world.agent("a1", "22")
    world.agent("a2", "23")
    found = json.loads(rows.json(world.state, world.now_ms, RegionCode("23")))
    assert [agent["agent_id"] for agent in found["agents"]] == ["a2"]
