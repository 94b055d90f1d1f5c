"""Regions that buy most answers and count what they lend, the auditor looking on.

Limits of strain are low, and what is lent is measured often.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Final

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.invariants import check_promise
from queue_engine.core.turn import Watch
from routing.lend_policy import QUARTER_MS, LendRule
from routing.limits import Levels, LimitKind
from routing.region_policy import Purchase, RegionPolicy, Sale
from routing.strain_policy import StrainPolicy
from routing.vocabulary import RegionCode, Skill
from tests.core.chaos import Chaos
from tests.core.world import POLICY, World
from tests.forms import LONG
from tests.properties.auditor import Auditor

SEEDS: Final = 6 * LONG
STEPS: Final = 300
_EACH: Final = 10
"""Measures are taken after so many commands."""
_HERE, _SELLER = RegionCode("22"), RegionCode("24")
_SERVICES: Final = (Skill("advice"), Skill("child"))
_COUNTING: Final = LendRule(balance=Levels(150, 100), balance_window_ms=4 * QUARTER_MS)
_BY_DAY_AND_NIGHT: Final = (
    Sale(_SERVICES[0], (_HERE,)),
    Sale(_SERVICES[1], (_HERE,), during=("night_22_07",)),
)


def _with_deals(region: RegionPolicy) -> RegionPolicy:
    if region.code == _HERE:
        return replace(region, buys=tuple(Purchase(each, _SELLER) for each in _SERVICES))
    if region.code == _SELLER:
        return replace(region, lend=_COUNTING, sells=_BY_DAY_AND_NIGHT)
    return region


SELLING: Final = replace(
    POLICY,
    version="selling",
    regions=tuple(_with_deals(region) for region in POLICY.regions),
    strain=StrainPolicy(120_000, 1, 20_000, 300, 2),
)


def run(seed: int, steps: int, watch: Watch | None = None) -> tuple[World, Auditor]:
    """One story."""
    auditor = Auditor()
    world = World(SELLING, watch=watch, audit=auditor.follow)
    chaos = Chaos(world, seed, (SELLING,), sense=0.97, crowd=5)
    for _ in range(steps // _EACH):
        chaos.run(_EACH)
        world.do(cmd.TakeMeasures())
    return world, auditor


def test_what_is_sold_is_neither_lent_nor_a_strain_whatever_happens() -> None:
    occurred: Counter[str] = Counter()
    for seed in range(700, 700 + SEEDS):
        try:
            world, auditor = run(seed, STEPS, check_promise)
            world.check_replay()
            auditor.ledger.check(world.records)
        except AssertionError as fault:
            raise AssertionError(f"seed {seed}: {fault}") from fault
        for event in (event for record in world.records for event in record.events):
            match event:
                case ev.ContactOffered(is_sold=True):
                    occurred["sold"] += 1
                case ev.LimitTurned(limit=LimitKind.BALANCE, is_on=True):
                    occurred["balance"] += 1
                case ev.AgentStrained():
                    occurred[event.strain] += 1
    missing = {"sold", "balance", *ev.Strain} - {ev.Strain.NOT_TAKEN} - set(occurred)
    assert not missing, f"never happened in {SEEDS} stories: {missing}"
