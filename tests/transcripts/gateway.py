"""The stories' sentences about contact centres on other telephone systems, and their seats."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from queue_engine.core import commands as cmd
from queue_engine.core.state import State
from routing.gateways import Gateway
from routing.policy import Policy
from routing.vocabulary import (
    SKILL_LEVEL_BEST,
    GatewayId,
    LinkId,
    RegionCode,
    SkillLevel,
    UnitId,
)
from tests.core.world import LINK
from tests.transcripts.talk import Ask
from tests.transcripts.words import Words, skill_levels


def given_gateway(policy: Policy, words: Words) -> Policy:
    """The rules with this gateway, as it is from now on."""
    gateway = Gateway(
        GatewayId(words["gateway"]),
        LinkId(words.get("link", LINK)),
        RegionCode(words["region"]),
        tuple(SkillLevel(*each) for each in skill_levels(words["skills"], SKILL_LEVEL_BEST)),
        int(words["seats"]),
        UnitId(words["unit"]) if "unit" in words else None,
    )
    others = [each for each in policy.gateways if each.gateway_id != gateway.gateway_id]
    return replace(policy, gateways=(*others, gateway))


def no_gateway(policy: Policy, words: Words) -> Policy:
    """The rules without it."""
    left = [each for each in policy.gateways if each.gateway_id != words["gateway"]]
    return replace(policy, gateways=tuple(left))


def _trunk(state: State, words: Words) -> cmd.Command:
    link_id = LinkId(words.get("link", LINK))
    return cmd.ReportGateway(link_id, GatewayId(words["gateway"]), words["how"] == "leads")


def _seats(state: State, words: Words) -> cmd.Command:
    return cmd.SetGatewaySeats(GatewayId(words["gateway"]), int(words["seats"]), words["reason"])


GIVEN_GATEWAY: Final = (
    (
        r"given the gateway (?P<gateway>\w+) of (?P<region>\w+)(?: unit (?P<unit>\w+))?"
        r" with (?P<skills>[\w, ]+?) and (?P<seats>[0-9]+) seats?(?: at switch (?P<link>\w+))?",
        given_gateway,
    ),
    (r"given that the gateway (?P<gateway>\w+) is no longer in the files", no_gateway),
)
"""Each sentence, and what it makes of the rules."""
GATEWAY: Final[tuple[tuple[str, Ask], ...]] = (
    (
        r"the trunk(?: of switch (?P<link>\w+))? (?P<how>leads|does not lead)"
        r" to (?P<gateway>\w+)",
        _trunk,
    ),
    (r"(?P<gateway>\w+) is to have (?P<seats>[0-9]+) seats?: (?P<reason>\w+)", _seats),
)
"""Each sentence, and the command that it is."""
