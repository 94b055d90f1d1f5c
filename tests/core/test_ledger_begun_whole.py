"""Books that begin in the middle book what ends after that as whole ones do."""

from __future__ import annotations

from dataclasses import replace

from queue_engine.core import commands as cmd
from queue_engine.core.ledger import Ledger
from queue_engine.core.ledger_begun import rows_of
from routing.policy import MINUTE_MS
from routing.relaxing import RelaxRule
from routing.vocabulary import AgentId, ContactId, Priority, RegionCode, Requirement, Skill
from tests.core.world import CHILD, POLICY, World

A1, C1 = AgentId("a1"), ContactId("c1")
RELAXING = RelaxRule("other", CHILD, MINUTE_MS, instead=(Skill("advice"),))


def wrap_ups(ledger: Ledger) -> dict[tuple[str, str, str], int]:
    """Seconds of work after talks, by giver, taker and service."""
    found: dict[tuple[str, str, str], int] = {}
    for account, sums in ledger.accounts():
        found[account.giver, account.taker, account.service] = sums.wrap_up_ms // 1000
    return found


def begun_and_whole(world: World) -> tuple[Ledger, Ledger]:
    """After her wrap-up, which goes on; one begins now, the other began with the first record."""
    begun, whole, known = Ledger(rows=rows_of(world.state)), Ledger(), len(world.records)
    world.wait(5_000)
    world.do(cmd.EndWrapUp(A1))
    for record in world.records[known:]:
        begun.follow(record)
    for record in world.records:
        whole.follow(record)
    return begun, whole


def test_work_after_a_transfer_is_for_the_region_that_had_him_before() -> None:
    world = World()
    world.agent("a1", "24")
    world.caller("c1", "22", Priority.EMERGENCY)
    world.answer("c1")
    assert world.state.contacts[C1].agent_id == A1
    world.do(cmd.TransferContact(A1, C1, to_region=RegionCode("23")))
    begun, whole = begun_and_whole(world)
    assert wrap_ups(begun) == wrap_ups(whole) == {("24", "22", "advice"): 5}


def test_the_service_is_that_which_he_asked_for() -> None:
    world = World(replace(POLICY, relax_rules=(RELAXING,)))
    world.caller("c1", "22", needs=(Requirement(CHILD),))
    world.wait(10 * MINUTE_MS)
    world.agent("a1", "24")
    world.agent("a2", "24")  # who stays at home, as one of two has to
    world.answer("c1")
    world.nurse_hangs_up("c1")
    begun, whole = begun_and_whole(world)
    assert wrap_ups(begun) == wrap_ups(whole) == {("24", "22", "child"): 5}
