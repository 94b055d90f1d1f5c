"""The ledger of a story: who did what for whom, on the account of the home that it ended with."""

from __future__ import annotations

from queue_engine.core import commands as cmd
from queue_engine.core.ledger import NATION, Account, Ledger, Sums
from routing.vocabulary import AgentId, RegionCode, Skill
from tests.core.chaos import Chaos
from tests.core.world import World

ADVICE = Skill("advice")


def accounts(world: World, from_ms: int = 0, to_ms: int | None = None) -> dict[Account, Sums]:
    ledger = Ledger(from_ms, to_ms)
    for record in world.records:
        ledger.follow(record)
    return dict(ledger.accounts())


def account(giver: str, taker: str) -> Account:
    return Account(RegionCode(giver), RegionCode(taker), ADVICE)


def talk(world: World, caller: str, region: str, agent: str) -> None:
    world.caller(caller, region)
    world.answer(caller)
    world.wait(60_000)
    world.nurse_hangs_up(caller)
    world.wait(10_000)
    world.do(cmd.EndWrapUp(AgentId(agent)))


def test_what_is_done_for_another_region_is_booked_and_what_is_done_at_home_is_not() -> None:
    world = World()
    world.agent("a1", "22")
    talk(world, "own", "22", "a1")
    talk(world, "lent", "24", "a1")
    talk(world, "nobodys", "unknown", "a1")
    done = Sums(calls=1, talk_ms=60_000, wrap_up_ms=10_000)
    assert accounts(world) == {account("22", "24"): done, account("22", NATION): done}


def test_a_period_has_what_ended_within_it() -> None:
    world = World()
    world.agent("a1", "22")
    talk(world, "c1", "24", "a1")
    noon_ms = world.now_ms + 1
    world.wait(1)
    talk(world, "c2", "24", "a1")
    both = accounts(world)[account("22", "24")]
    assert both.calls == 2
    assert accounts(world, noon_ms)[account("22", "24")].calls == 1
    assert accounts(world, 0, noon_ms)[account("22", "24")].calls == 1
    assert not accounts(world, world.now_ms + 1)


def test_any_story_has_accounts_between_two_only() -> None:
    for seed in range(4):
        world = World()
        Chaos(world, seed).run(120)
        for entry, sums in accounts(world).items():
            assert entry.giver != entry.taker
            assert min(sums) >= 0
