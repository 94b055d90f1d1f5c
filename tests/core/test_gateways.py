"""Contact centres on other telephone systems: what may be said of their seats."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.core import commands as cmd
from queue_engine.core.errors import Refused
from routing.gateways import SEATS_MAX, Gateway
from routing.vocabulary import GatewayId, RegionCode, Skill, SkillLevel
from tests.core.world import LINK, POLICY, World

ADVICE = (SkillLevel(Skill("advice")),)
WEST = Gateway(GatewayId("west"), LINK, RegionCode("22"), ADVICE, 2)


def world_of(*gateways: Gateway) -> World:
    return World(replace(POLICY, gateways=gateways))


def refusal(world: World, seats: int, reason: str) -> str:
    with pytest.raises(Refused) as refused:
        world.do(cmd.SetGatewaySeats(WEST.gateway_id, seats, reason))
    return refused.value.code


def test_it_has_from_no_seat_to_as_many_as_are_allowed() -> None:
    world = world_of(WEST)
    for seats in (0, SEATS_MAX):
        world.do(cmd.SetGatewaySeats(WEST.gateway_id, seats, "ill"))
        assert world.state.gateways[WEST.gateway_id].seats == seats
    for seats in (-1, SEATS_MAX + 1):
        assert refusal(world, seats, "ill") == "bad_seats"


def test_why_it_has_so_many_is_said_by_a_code() -> None:
    world = world_of(WEST)
    assert refusal(world, 1, "Anna is ill") == "bad_code"
    assert not world.state.gateways


def test_nothing_is_kept_of_one_that_is_as_the_rules_say_and_out_of_reach() -> None:
    world = world_of(WEST)
    world.do(cmd.ReportGateway(LINK, WEST.gateway_id, True))
    assert world.state.gateways
    world.do(cmd.ReportGateway(LINK, WEST.gateway_id, False))
    assert not world.state.gateways
    for seats in (1, 2):
        world.do(cmd.SetGatewaySeats(WEST.gateway_id, seats, "ill"))
    assert not world.state.gateways
