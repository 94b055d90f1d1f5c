"""A contact centre on another telephone system, in the world of `everybody`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from queue_engine.core import commands as cmd
from queue_engine.core.policy_codec import write_policy
from routing.gateways import Gateway
from routing.vocabulary import (
    AgentId,
    ContactId,
    GatewayId,
    LinkId,
    NotReadyReason,
    PhoneId,
    RegionCode,
    Skill,
    SkillLevel,
)
from tests.core.world import LINK, POLICY, World

WEST: Final = GatewayId("west")
SEAT: Final = "west+1"
_ADMIN: Final = (SkillLevel(Skill("admin")),)
_IDS: Final = (WEST, GatewayId("nobody"))


def begin(world: World) -> None:
    """It has two seats, for callers whom nobody else is there for."""
    west = Gateway(WEST, LINK, RegionCode("01"), _ADMIN, 2)
    world.do(cmd.LoadPolicy(write_policy(replace(POLICY, gateways=(west,)))))
    world.do(cmd.ReportGateway(LINK, WEST, True))


def asked() -> Iterator[cmd.Command]:
    """How many seats it shall have, by good and bad words; and to sign on in its name."""
    for gateway_id in _IDS:
        for seats in (-1, 0, 1, 2, 201):
            yield cmd.SetGatewaySeats(gateway_id, seats, "lunch")
    yield cmd.SetGatewaySeats(WEST, 0, "They have lunch")
    seat = AgentId(SEAT)
    yield cmd.SignOffAgent(seat)
    yield cmd.SetAgentReady(seat)
    yield cmd.SetAgentNotReady(seat, NotReadyReason.BREAK)
    yield cmd.ForceAgent(seat, cmd.ForcedState.SIGNED_OFF, "s1", "left_desk")
    yield cmd.ConsultAgent(AgentId("talker"), ContactId("talks"), to_agent=seat)
    yield cmd.SignOnAgent(seat, LINK, PhoneId("free"), RegionCode("22"), _ADMIN)
    yield cmd.SignOnAgent(AgentId("x"), LINK, PhoneId(SEAT), RegionCode("22"), _ADMIN)


def reported() -> Iterator[cmd.Command]:
    """Whether trunks lead there, of this switch and of another."""
    for link_id in (LINK, LinkId("ast2")):
        for gateway_id in _IDS:
            yield cmd.ReportGateway(link_id, gateway_id, True)
            yield cmd.ReportGateway(link_id, gateway_id, False)
