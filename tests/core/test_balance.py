"""Work is booked in the quarters in which it passed, and forgotten after a day."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.core import commands as cmd
from queue_engine.core.balance import Balances, Work, window_start_ms
from queue_engine.core.ledger import Ledger
from queue_engine.core.measures import Measures
from queue_engine.core.snapshot import read_snapshot, write_snapshot
from routing.lend_policy import BALANCE_WINDOW_MS_MAX, QUARTER_MS
from routing.region_policy import Purchase, Sale
from routing.vocabulary import AgentId, ContactId, PhoneId, Priority, RegionCode, Requirement
from tests.core.world import CHILD, LINK, POLICY, World

NOON_MS = 1_795_000_000_000 - 1_795_000_000_000 % QUARTER_MS
HERE = RegionCode("22")
A1, A2, C1 = AgentId("a1"), AgentId("a2"), ContactId("c1")


def test_each_minute_counts_in_its_own_quarter() -> None:
    balances = Balances()
    balances.book(HERE, Work(given=1), NOON_MS - 60_000, NOON_MS + QUARTER_MS + 30_000)
    balances.book(HERE, Work(staffed=1), NOON_MS, NOON_MS + 60_000)
    assert list(balances.rows()) == [
        (HERE, NOON_MS - QUARTER_MS, Work(given=60_000)),
        (HERE, NOON_MS, Work(given=QUARTER_MS, staffed=60_000)),
        (HERE, NOON_MS + QUARTER_MS, Work(given=30_000)),
    ]
    assert balances.since(HERE, NOON_MS) == Work(given=QUARTER_MS + 30_000, staffed=60_000)
    assert balances.since(RegionCode("23"), 0) == Work()


def test_what_lies_further_back_than_any_window_is_forgotten() -> None:
    balances = Balances()
    balances.book(HERE, Work(taken=1), NOON_MS, NOON_MS + 1)
    later_ms = NOON_MS + BALANCE_WINDOW_MS_MAX + QUARTER_MS
    balances.book(HERE, Work(taken=1), NOON_MS, later_ms)
    rows = list(balances.rows())
    assert rows[0] == (HERE, window_start_ms(later_ms, BALANCE_WINDOW_MS_MAX), Work(taken=900_000))
    assert len(rows) == BALANCE_WINDOW_MS_MAX // QUARTER_MS


def test_the_first_quarter_of_the_longest_window_is_not() -> None:
    balances = Balances()
    balances.book(HERE, Work(taken=1), NOON_MS, NOON_MS + 1)
    later_ms = NOON_MS + BALANCE_WINDOW_MS_MAX
    balances.book(HERE, Work(taken=1), later_ms, later_ms + 1)
    assert balances.since(HERE, window_start_ms(later_ms + 1, BALANCE_WINDOW_MS_MAX)).taken == 2


def test_a_balance_is_a_share_of_the_staffed_time() -> None:
    assert Work(given=300, taken=100, staffed=1000).permille() == 200
    assert Work(given=100, taken=300, staffed=1000).permille() == -200
    assert Work(given=100).permille() == 0, "nobody was at work: nothing to lend"


def _booked(world: World) -> dict[str, tuple[int, int]]:
    """Seconds given and taken of each region, staffed time apart; each nurse signs off first."""
    found: dict[str, tuple[int, int]] = {}
    for region, _, work in world.state.balances.rows():
        given_s, taken_s = found.get(region, (0, 0))
        found[region] = (given_s + work.given // 1000, taken_s + work.taken // 1000)
    return {region: both for region, both in found.items() if any(both)}


def _asked(world: World) -> None:
    """A nurse of 24 has a caller of 22 for a minute, and asks one of 23, who picks up at once."""
    world.agent("a1", "24")
    world.caller("c1", "22", Priority.EMERGENCY)
    world.answer("c1")
    world.agent("a2", "23")
    world.wait(60_000)
    world.do(cmd.ConsultAgent(A1, C1, to_agent=A2))
    consult = world.state.contacts[C1].consult
    assert consult is not None
    world.do(cmd.ReportConsultAnswered(C1, PhoneId("phone-a2"), consult))


def test_a_consultation_is_given_by_both_nurses_and_each_minute_counts_once() -> None:
    world = World()
    _asked(world)
    world.wait(30_000)
    world.do(cmd.EndConsult(A1, C1))
    assert _booked(world) == {"23": (30, 0), "22": (0, 30)}
    world.wait(10_000)
    world.do(cmd.RetrieveContact(A1, C1))
    world.nurse_hangs_up("c1")
    world.wait(5_000)
    world.do(cmd.EndWrapUp(A1))
    assert _booked(world) == {"23": (30, 0), "24": (105, 0), "22": (0, 135)}


def test_after_a_hand_over_the_colleague_gives_from_when_she_picked_up() -> None:
    world = World()
    _asked(world)
    world.wait(30_000)
    world.do(cmd.CompleteTransfer(A1, C1))
    assert _booked(world) == {"24": (90, 0), "22": (0, 90)}, "hers is not over"
    world.do(cmd.EndWrapUp(A1))
    world.wait(60_000)
    world.nurse_hangs_up("c1")
    world.wait(5_000)
    world.do(cmd.EndWrapUp(A2))
    assert _booked(world) == {"24": (90, 0), "23": (95, 0), "22": (0, 185)}


def test_who_has_gone_home_was_at_work_until_then() -> None:
    world = World()
    world.agent("a1", "24")
    world.wait(60_000)
    world.do(cmd.SignOffAgent(A1))
    world.wait(60_000)
    assert world.state.balances.since(RegionCode("24"), 0) == Work(staffed=60_000)


def test_a_phone_that_rings_is_no_work_yet() -> None:
    world = World()
    world.agent("a1", "24")
    world.caller("c1", "22", Priority.EMERGENCY)
    world.wait(15_000)
    world.answer("c1")
    world.wait(60_000)
    world.gone("c1")
    assert _booked(world) == {"24": (60, 0), "22": (0, 60)}


def test_a_wrap_up_that_becomes_the_talk_again_was_work_for_him() -> None:
    world = World()
    world.agent("a1", "24")
    world.caller("c1", "22", Priority.EMERGENCY)
    world.answer("c1")
    world.wait(60_000)
    world.gone("c1")
    world.wait(5_000)
    world.do(cmd.ReportConnected(C1, LINK, PhoneId("phone-a1")))
    assert _booked(world) == {"24": (65, 0), "22": (0, 65)}


def test_who_has_him_back_after_a_transfer_works_for_his_new_region() -> None:
    world = World()
    world.agent("a1", "24")
    world.caller("c1", "22", Priority.EMERGENCY)
    world.answer("c1")
    world.wait(60_000)
    world.do(cmd.TransferContact(A1, C1, to_region=RegionCode("23")))
    world.wait(5_000)
    world.do(cmd.ReportConnected(C1, LINK, PhoneId("phone-a1")))
    world.wait(10_000)
    world.nurse_hangs_up("c1")
    assert _booked(world) == {"24": (75, 0), "22": (0, 65), "23": (0, 10)}


def test_what_was_done_before_a_transfer_was_for_the_region_whose_caller_it_was() -> None:
    world = World()
    world.agent("a1", "24")
    world.caller("c1", "22", Priority.EMERGENCY)
    world.answer("c1")
    world.wait(60_000)
    world.do(cmd.TransferContact(A1, C1, to_region=RegionCode("23")))
    world.wait(5_000)
    world.do(cmd.EndWrapUp(A1))
    assert _booked(world) == {"24": (65, 0), "22": (0, 65)}


@pytest.mark.parametrize("region", ["24", "unknown"])
def test_who_has_her_own_regions_caller_or_nobodys_gives_nothing(region: str) -> None:
    world = World()
    world.agent("a1", "24")
    world.caller("c1", region, Priority.EMERGENCY)
    world.answer("c1")
    world.wait(60_000)
    assert Measures(world.state, world.now_ms).balance_permille(RegionCode("24")) == 0
    world.gone("c1")
    world.do(cmd.EndWrapUp(A1))
    assert not _booked(world)


def _selling() -> World:
    """24 sells answers about children to 22; what it lends is limited by its balance, as ever."""
    sells = (Sale(CHILD, (RegionCode("22"),)),)
    buys = (Purchase(CHILD, RegionCode("24")),)
    buyer, *others, seller, alone = POLICY.regions
    regions = (replace(buyer, buys=buys), *others, replace(seller, sells=sells), alone)
    world = World(replace(POLICY, regions=regions))
    world.agent("a1", "24", "advice child")
    return world


def _sold_s(world: World) -> dict[tuple[str, str, bool], int]:
    """Seconds of the ledger by giver, taker and whether sold."""
    ledger = Ledger()
    for record in world.records:
        ledger.follow(record)
    found: dict[tuple[str, str, bool], int] = {}
    for account, sums in ledger.accounts():
        key = (account.giver, account.taker, account.is_sold)
        length_ms = sums.talk_ms + sums.consult_ms + sums.wrap_up_ms
        found[key] = found.get(key, 0) + length_ms // 1000
    return found


def test_what_is_sold_is_in_no_balance_and_what_is_lent_beside_it_is() -> None:
    world = _selling()
    world.caller("c1", "22", needs=(Requirement(CHILD),))
    world.answer("c1")
    world.wait(60_000)
    assert Measures(world.state, world.now_ms).balance_permille(RegionCode("24")) == 0
    assert read_snapshot(write_snapshot(world.state)).sold == {C1: {A1: RegionCode("22")}}
    world.nurse_hangs_up("c1")
    world.wait(5_000)
    world.do(cmd.EndWrapUp(A1))
    world.caller("c2", "22", Priority.EMERGENCY)
    world.answer("c2")
    world.wait(30_000)
    assert Measures(world.state, world.now_ms).balance_permille(RegionCode("24")) == 30_000 // 95
    world.nurse_hangs_up("c2")
    world.do(cmd.EndWrapUp(A1))
    assert _booked(world) == {"24": (30, 0), "22": (0, 30)}
    assert _sold_s(world) == {("24", "22", True): 65, ("24", "22", False): 30}


def test_whom_the_seller_sends_on_was_sold_until_then_and_in_the_work_after_it() -> None:
    world = _selling()
    world.caller("c1", "22", needs=(Requirement(CHILD),))
    world.answer("c1")
    world.wait(60_000)
    world.do(cmd.TransferContact(A1, C1, to_region=RegionCode("23")))
    world.wait(5_000)
    world.do(cmd.EndWrapUp(A1))
    assert not _booked(world)
    assert _sold_s(world) == {("24", "22", True): 65}


def test_who_turns_out_to_be_of_a_region_that_pays_nothing_was_lent_to_it() -> None:
    world = _selling()
    world.caller("c1", "22", needs=(Requirement(CHILD),))
    world.answer("c1")
    world.wait(60_000)
    world.do(cmd.CorrectHomeRegion(C1, RegionCode("23")))
    world.nurse_hangs_up("c1")
    world.do(cmd.EndWrapUp(A1))
    assert _booked(world) == {"24": (60, 0), "23": (0, 60)}
    assert _sold_s(world) == {("24", "23", False): 60}


def test_who_is_forgotten_is_forgotten_as_sold_too() -> None:
    world = _selling()
    world.caller("c1", "22", needs=(Requirement(CHILD),))
    world.answer("c1")
    world.nurse_hangs_up("c1")
    world.do(cmd.EndWrapUp(A1))
    assert world.state.sold
    world.wait(60 * 60_000)
    assert not world.state.sold
