"""What an engine tells of agents once it is no longer alone: of people, and of how many seats."""

from __future__ import annotations

from dataclasses import replace

from queue_engine.core import commands as cmd
from queue_engine.serve.island_presence import SAID_ON_ISLAND, presence_told
from routing.gateways import Gateway
from routing.vocabulary import AgentId, GatewayId, PhoneId, RegionCode, Skill, SkillLevel
from tests.core.world import LINK, POLICY, World

WEST = GatewayId("west")
ADVICE = (SkillLevel(Skill("advice")),)


def begun() -> World:
    """A gateway whose trunk leads there."""
    west = Gateway(WEST, LINK, RegionCode("22"), ADVICE, 2)
    world = World(replace(POLICY, gateways=(west,)))
    world.do(cmd.ReportGateway(LINK, WEST, True))
    return world


def test_seats_that_came_or_went_are_not_told_for_the_switch_will_tell() -> None:
    before, island = begun(), begun()
    island.do(cmd.ReportCutOff((LINK,)))
    island.do(cmd.ReportSwitch(LINK, island.now_ms, ()))
    island.do(cmd.ReportGateway(LINK, WEST, False))
    island.agent("a1")
    (said,) = presence_told(before.state, island.state)
    assert said.commands == (
        cmd.SignOnAgent(AgentId("a1"), LINK, PhoneId("phone-a1"), RegionCode("22"), ADVICE),
        cmd.SetAgentReady(AgentId("a1")),
    )
    away = begun()
    away.do(cmd.ReportGateway(LINK, WEST, False))
    island = begun()
    island.do(cmd.ReportCutOff((LINK,)))
    assert presence_told(away.state, island.state) == []


def test_how_many_seats_somebody_has_said_is_told() -> None:
    before, island = begun(), begun()
    island.do(cmd.ReportCutOff((LINK,)))
    island.do(cmd.SetGatewaySeats(WEST, 1, "lunch"))
    (told,) = presence_told(before.state, island.state)
    (command,) = told.commands
    assert command == cmd.SetGatewaySeats(WEST, 1, SAID_ON_ISLAND)
    assert told.holds(before.state)
    before.do(command)
    assert presence_told(before.state, island.state) == []


def test_another_number_that_the_others_were_told_since_stands() -> None:
    before, island = begun(), begun()
    island.do(cmd.ReportCutOff((LINK,)))
    island.do(cmd.SetGatewaySeats(WEST, 1, "lunch"))
    (told,) = presence_told(before.state, island.state)
    before.do(cmd.SetGatewaySeats(WEST, 0, "closed"))
    assert not told.holds(before.state)
