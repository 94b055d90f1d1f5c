"""Contact centres on other telephone systems in any order of commands, the auditor looking on."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.commands import ReportGateway, ReportSwitch
from queue_engine.core.invariants import check_promise
from queue_engine.core.turn import Watch
from routing.gateways import Gateway, gateway_of
from routing.policy import Policy
from routing.strain_policy import StrainPolicy
from routing.vocabulary import GatewayId, RegionCode, Skill, SkillLevel, UnitId
from tests.core.chaos import OTHER_LINK, Chaos
from tests.core.world import LINK, POLICY, World
from tests.forms import LONG
from tests.properties.auditor import Auditor

SEEDS: Final = 6 * LONG
STEPS: Final = 300
GATEWAY_EVENTS: Final = frozenset({ev.GatewayLost, ev.GatewayRestored, ev.GatewaySeatsSet})
"""That happen in these stories."""
_ADVICE: Final = (SkillLevel(Skill("advice")),)
_BOTH: Final = (SkillLevel(Skill("advice")), SkillLevel(Skill("child"), 2))
_WEST: Final = Gateway(GatewayId("west"), LINK, RegionCode("22"), _ADVICE, 3)
_JAMT: Final = Gateway(GatewayId("jamt"), OTHER_LINK, RegionCode("23"), _BOTH, 2, UnitId("kullen"))
GATEWAYS: Final = replace(
    POLICY,
    gateways=(_WEST, _JAMT),
    trunks=((LINK, OTHER_LINK),),
    strain=StrainPolicy(10_000, 2, 20_000, 500, 2),
)
_RELOADS: Final = (
    POLICY,
    replace(
        GATEWAYS,
        version="fewer and elsewhere",
        gateways=(replace(_WEST, seats=1), replace(_JAMT, region=RegionCode("24"))),
    ),
    replace(
        GATEWAYS,
        version="the other way round",
        gateways=(replace(_JAMT, link_id=LINK), replace(_WEST, skills=_BOTH)),
    ),
)


def run(
    seed: int, steps: int, chats: float = 0, watch: Watch | None = None
) -> tuple[World, Auditor]:
    """One story, in which the trunks lead to both at the beginning."""
    auditor = Auditor()
    world = World(GATEWAYS, watch=watch, audit=auditor.follow)
    world.do(ReportSwitch(OTHER_LINK, world.now_ms, ()))
    for gateway in GATEWAYS.gateways:
        world.do(ReportGateway(gateway.link_id, gateway.gateway_id, True))
    policies: tuple[Policy, ...] = (GATEWAYS, *_RELOADS)
    Chaos(world, seed, policies, sense=0.96, crowd=5, chats=chats).run(steps)
    return world, auditor


def test_gateways_keep_the_invariants_whatever_happens() -> None:
    occurred: Counter[str] = Counter()
    talks = 0
    for seed in range(900, 900 + SEEDS):
        try:
            world, auditor = run(seed, STEPS, 0.3 if seed % 2 else 0, check_promise)
            world.check_replay()
            auditor.ledger.check(world.records)
        except AssertionError as fault:
            raise AssertionError(f"seed {seed}: {fault}") from fault
        events = [event for record in world.records for event in record.events]
        occurred.update(type(event).__name__ for event in events)
        talks += sum(
            isinstance(event, ev.ContactConnected) and gateway_of(event.agent_id) is not None
            for event in events
        )
    missing = {kind.__name__ for kind in GATEWAY_EVENTS} - set(occurred)
    assert not missing, f"never happened: {sorted(missing)}"
    assert talks > 5 * SEEDS, f"{talks} talks at gateways' seats"
