"""Any commands in any order: the invariants hold, and replay gives the same state."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from typing import get_args

import pytest

from queue_engine.core import events as ev
from queue_engine.core.apply import WRITERS
from queue_engine.core.commands import ReportCutOff
from routing.policy import MINUTE_MS, AgentChoice, Order, ServiceTimes
from routing.region_policy import (
    NATIONAL,
    RegionPolicy,
    Ring,
    RingKind,
    ShareCondition,
    ShareRule,
)
from routing.relaxing import RelaxRule
from routing.room_policy import ONE_CONTACT
from routing.strain_policy import StrainPolicy
from routing.trunks import far_phone
from routing.vocabulary import RegionCode, Skill
from tests.core.chaos import OTHER_LINK, Chaos
from tests.core.world import LINK, POLICY, World
from tests.properties.auditor import Auditor
from tests.properties.test_callbacks_random import CALLBACK_EVENTS
from tests.properties.test_consults_random import TALK_EVENTS
from tests.properties.test_gateways_random import GATEWAY_EVENTS

SEEDS = int(os.environ.get("SAMKO_CHAOS_SEEDS", "16"))
STEPS = 250
_NOW = ShareRule("unstaffed", ShareCondition.UNSTAFFED, NATIONAL)
_AT_ONCE = ShareRule("at_once", ShareCondition.WAITED, Ring(RingKind.CLUSTER, ("north",)))
_LONG = ShareRule("long_queue", ShareCondition.QUEUE_LENGTH, NATIONAL._replace(waiting_min=2))
_LONGER = ShareRule(
    "longer_queue", ShareCondition.QUEUE_LENGTH, Ring(RingKind.CLUSTER, ("north",), 3)
)
_BY_LENGTH = tuple(
    replace(region, share_rules=rules)
    for region, rules in zip(
        POLICY.regions, ((_LONG,), (_LONG, _LONGER), (_AT_ONCE, _LONG), ()), strict=True
    )
)
_BY_NIGHT = replace(POLICY.regions[0], takes_part_in=("night_22_07",))
BY_SERVICE = tuple(
    (priority, replace(rule, services=(ServiceTimes(Skill("child"), MINUTE_MS, MINUTE_MS),)))
    for priority, rule in POLICY.priorities
)
RELAXING = (
    RelaxRule("less", Skill("ar"), MINUTE_MS, level_max=5),
    RelaxRule("other", Skill("child"), 3 * MINUTE_MS, instead=(Skill("advice"),)),
)
STRAIN = StrainPolicy(10_000, 2, 20_000, 500, 2)
_JOINED = ((LINK, OTHER_LINK),)
POLICIES = (
    POLICY,
    replace(POLICY, trunks=_JOINED),
    replace(
        POLICY,
        home_advantage_ms=2 * MINUTE_MS,
        agent_choice=AgentChoice.MOST_IDLE_REGION,
        priorities=BY_SERVICE,
        preferred_wait_ms=2 * MINUTE_MS,
    ),
    replace(
        POLICY,
        order=Order.STRICT,
        failures_max=2,
        tried_ms=1,
        preferred_wait_ms=MINUTE_MS,
        relax_rules=RELAXING,
        trunks=_JOINED,
        interpreter_languages=(Skill("sv"), Skill("en")),
    ),
    replace(
        POLICY,
        order=Order.FIFO,
        agent_choice=AgentChoice.LONGEST_IDLE_OF_ALL,
        preferred_wait_ms=2 * MINUTE_MS,
        strain=STRAIN,
    ),
    replace(
        POLICY,
        version="by night",
        regions=(_BY_NIGHT, *POLICY.regions[1:]),
        strain=STRAIN,
        preferred_wait_ms=2 * MINUTE_MS,
    ),
)
RELOADS = (
    replace(POLICY, version="by length", regions=_BY_LENGTH),
    replace(POLICY, version="alone", regions=POLICY.regions[1:]),
    replace(
        POLICY,
        version="bare",
        regions=(RegionPolicy(RegionCode("22"), "Väst"),),
        rooms=ONE_CONTACT,
    ),
    replace(
        POLICY,
        version="other rules",
        ring_ms=5_000,
        trunks=_JOINED,
        regions=(RegionPolicy(RegionCode("22"), "Väst", share_rules=(_NOW,)), *POLICY.regions[1:]),
    ),
)


@pytest.mark.timeout(3600)
def test_any_commands_keep_the_invariants_and_every_event_occurs() -> None:
    occurred: Counter[str] = Counter()
    far = 0
    for seed in range(SEEDS):
        policy = POLICIES[seed % len(POLICIES)]
        auditor = Auditor()
        world = World(policy, audit=auditor.follow)
        try:
            chaos = Chaos(world, seed, (policy, *RELOADS), chats=0.4 if seed % 2 else 0)
            chaos.run(STEPS)
            world.do(ReportCutOff((LINK,)))
            chaos.run(STEPS // 10)
        except AssertionError as fault:
            raise AssertionError(f"seed {seed}: {fault}") from fault
        world.check_replay()
        auditor.ledger.check(world.records)
        assert auditor.offers > 0
        far += sum(
            isinstance(event, ev.ContactConnected) and far_phone(event.phone_id) is not None
            for record in world.records
            for event in record.events
        )
        occurred.update(type(event).__name__ for record in world.records for event in record.events)
    own = (
        TALK_EVENTS | CALLBACK_EVENTS | GATEWAY_EVENTS | {*get_args(ev.IslandEvent)}
    )  # in stories of their own
    missing = {kind.__name__ for kind in WRITERS if kind not in own} - set(occurred)
    assert not missing, f"never happened in {SEEDS} stories: {sorted(missing)}"
    assert occurred["ContactOffered"] > SEEDS * STEPS // 10, occurred
    assert far > SEEDS // 2, "calls were answered at phones of another switch"
    assert occurred["ContactConnected"] > SEEDS * STEPS // 30, occurred
