"""The nets are fine enough: each planted mutant is caught by the one that is meant for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from queue_engine.core.commands import ReportSwitch
from routing.policy import Policy
from tests.core.chaos import OTHER_LINK, Chaos
from tests.core.world import LINK, POLICY, World
from tests.properties.auditor import Auditor
from tests.properties.mutants import MUTANTS, Patch
from tests.properties.test_callbacks_random import CALLBACKS, run
from tests.properties.test_consults_random import run as run_consults
from tests.properties.test_gateways_random import run as run_gateways
from tests.properties.test_islands_random import as_in_truth
from tests.properties.test_sales_random import run as run_sales
from tests.transcripts.story import play

STORIES = Path(__file__).parents[1] / "transcripts"
SEEDS = range(200, 240)
"""So many stories at most until a mutant shows itself."""
SEEDS_CLEAN = range(200, 210)
STEPS = 120


def audited(policy: Policy, seed: int, chats: float = 0) -> None:
    """The auditor alone looks on: the engine's own checks are off."""
    auditor = Auditor()
    world = World(policy, watch=None, audit=auditor.follow)
    Chaos(world, seed, sense=0.97, crowd=7, chats=chats).run(STEPS)
    auditor.ledger.check(world.records)


def audited_with_chats(policy: Policy, seed: int) -> None:
    """The same, and half of the callers write."""
    audited(policy, seed, chats=0.5)


def checked(policy: Policy, seed: int) -> None:
    """The invariants alone look on."""
    Chaos(World(policy), seed, sense=0.97, crowd=7).run(STEPS)


def told(name: str) -> None:
    """The story goes as written; that all do is another test's matter."""
    written = (STORIES / f"{name}.txt").read_text()
    assert play(written) == written, name


def joined(_policy: Policy, seed: int) -> None:
    """The auditor alone looks on, where a trunk joins two switches."""
    policy = replace(POLICY, trunks=((LINK, OTHER_LINK),))
    world = World(policy, watch=None, audit=Auditor().follow)
    world.do(ReportSwitch(OTHER_LINK, world.now_ms, ()))
    Chaos(world, seed, (policy,), sense=0.97, crowd=7).run(2 * STEPS)


def rung_back(_policy: Policy, seed: int) -> None:
    """The auditor alone looks on, where many ask to be rung back."""
    world = World(replace(POLICY, callbacks=CALLBACKS), watch=None, audit=Auditor().follow)
    run(world, seed, STEPS)


def told_of_islands(_policy: Policy, seed: int) -> None:
    """What an island did is told, twice, and the accounts are as if nobody had been cut off."""
    as_in_truth(seed)


def through_gateways(_policy: Policy, seed: int) -> None:
    """The auditor alone looks on, where two contact centres elsewhere answer callers."""
    run_gateways(seed, STEPS, chats=0.2)


def with_consults(_policy: Policy, seed: int) -> None:
    """The auditor alone looks on, where nurses ask one another, half of the time strained."""
    run_consults(seed)


def with_sales(_policy: Policy, seed: int) -> None:
    """The auditor alone looks on, where one region buys its answers of another that counts."""
    run_sales(seed, STEPS)


NETS = {
    "auditor": audited,
    "auditor with chats": audited_with_chats,
    "callbacks": rung_back,
    "consults": with_consults,
    "gateways": through_gateways,
    "invariants": checked,
    "islands": told_of_islands,
    "sales": with_sales,
    "trunks": joined,
}


def is_caught_by(net: str, seeds: Iterable[int] = SEEDS) -> bool:
    """Whether the net finds anything wrong with the engine as it is now."""
    try:
        if net.startswith("story "):
            told(net.removeprefix("story "))
        else:
            for seed in seeds:
                NETS[net](POLICY, seed)
    except (AssertionError, LookupError, TypeError, ValueError):
        return True
    return False


@pytest.mark.parametrize(
    ("plant", "net"), MUTANTS.items(), ids=[plant.__name__ for plant in MUTANTS]
)
def test_the_mutant_is_caught(
    plant: Callable[[Patch], None], net: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    assert is_caught_by(net)


@pytest.mark.parametrize("net", NETS)
def test_the_engine_as_it_is_is_not_caught(net: str) -> None:
    assert not is_caught_by(net, SEEDS_CLEAN)
