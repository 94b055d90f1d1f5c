"""What is shown of a contact centre elsewhere whose seats rest."""

from __future__ import annotations

import json
from dataclasses import replace

from queue_engine.console_api.agent_rows import AgentRows
from queue_engine.console_api.explain_text import wait_text
from queue_engine.console_api.regions_view import regions
from queue_engine.core import commands as cmd
from queue_engine.core.explain import explain_wait
from routing.gateways import Gateway
from routing.vocabulary import ContactId, GatewayId, RegionCode, Skill, SkillLevel
from tests.core.world import LINK, POLICY, World

ADVICE = (SkillLevel(Skill("advice")),)
WEST = Gateway(GatewayId("west"), LINK, RegionCode("22"), ADVICE, 2)


def _reject(world: World) -> None:
    """Its two seats come to work, and it declines the first caller."""
    world.do(cmd.ReportGateway(LINK, WEST.gateway_id, True))
    world.caller("c1")
    offer = world.state.contacts[ContactId("c1")].offer
    assert offer is not None
    world.do(cmd.ReportOfferFailed(ContactId("c1"), offer, cmd.OfferFailure.REJECTED))


def test_seats_that_emergencies_alone_try_are_away_until_all_may() -> None:
    world, rows = World(replace(POLICY, gateways=(WEST,))), AgentRows()
    state = world.state
    _reject(world)

    def shown() -> tuple[int, int, set[str]]:
        (gateway,) = [each for row in regions(state, 0, 1)["regions"] for each in row["gateways"]]
        agents = json.loads(rows.json(state, world.now_ms))["agents"]
        said = {each["state"] for each in agents} | {each["presence"] for each in agents}
        return gateway["free"], gateway["away"], said

    assert shown() == (0, 2, {"not_ready"})
    world.wait(5_000)
    assert state.ready.by_id, "for emergencies"
    assert shown() == (0, 2, {"not_ready"})
    world.wait(25_000)
    assert shown() == (2, 0, {"ready"})


def test_how_long_they_are_away_is_said_of_a_wait() -> None:
    world = World(replace(POLICY, gateways=(WEST,)))
    _reject(world)
    found = explain_wait(world.state, world.state.contacts[ContactId("c1")])
    (said,) = [one for one in wait_text(found, 3, world.state) if one.en.startswith("Nearest")]
    assert said.sv.startswith("Närmast: kontaktcenter west (plats 1) i Väst (hos ett kontaktcenter")
    assert "som nyss inte tog emot, kan igen om 30 s);" in said.sv
    assert "(at a contact centre that took nobody, can again in 30 s);" in said.en
