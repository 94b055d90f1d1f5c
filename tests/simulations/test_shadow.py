"""What sharing gave a region or took from it: a journal in which one gains and one loses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from queue_engine.core.errors import BadInput
from queue_engine.core.policy_codec import read_policy, write_policy
from queue_engine.core.record import Record
from routing.policy import MINUTE_MS, LossTolerance
from routing.region_policy import NATIONAL, RegionPolicy, ShareCondition, ShareRule
from routing.vocabulary import RegionCode
from simulations.what_if.shadow import Compared, Fared, Shadow, all_alone, day_of, shadow
from tests.core.world import POLICY, START_MS, World

AT_ONCE = (ShareRule("at_once", ShareCondition.WAITED, NATIONAL),)
LENDS, TAKES = RegionCode("22"), RegionCode("24")
SHARING = replace(
    POLICY,
    regions=tuple(
        RegionPolicy(code, name, share_rules=AT_ONCE)
        for code, name in ((LENDS, "Väst"), (TAKES, "Botten"))
    ),
    wrap_up_ms_max=0,
    loss_tolerance=LossTolerance(wait_ms=30_000, promise_permille=1000),
)
DAY_MS = 24 * 60 * MINUTE_MS
FIRST = day_of(START_MS)


def lent_day(world: World, name: str) -> None:
    """The nurse of 22 talks ten minutes with a caller of 24; her own caller waits for nine."""
    world.caller(f"{name}-lent", "24")
    world.answer(f"{name}-lent")
    world.wait(MINUTE_MS)
    world.caller(f"{name}-own", "22")
    world.caller(f"{name}-gone", "24")
    world.wait(3 * MINUTE_MS)
    world.gone(f"{name}-gone")
    world.wait(6 * MINUTE_MS)
    world.gone(f"{name}-lent")
    world.answer(f"{name}-own")
    world.wait(MINUTE_MS)
    world.gone(f"{name}-own")


def lived(days: int) -> list[Record]:
    world = World(SHARING, watch=None)
    world.agent("a1", "22")
    for number in range(days):
        began_ms = world.now_ms
        lent_day(world, f"d{number}")
        world.wait(began_ms + DAY_MS - world.now_ms)
    return world.records


def found(records: list[Record], day: date | None = None) -> Shadow:
    def read() -> Iterator[Record]:
        return iter(records)

    return shadow(read, day)


def test_one_region_loses_what_the_other_gains() -> None:
    told = found(lived(1))
    assert told.day == FIRST
    lends, takes = told.regions[LENDS].day, told.regions[TAKES].day
    assert (lends.then.contacts, lends.shared.contacts, lends.alone.contacts) == (1, 1, 1)
    assert lends.then == lends.shared, "the model is true to the journal here"
    assert lends.alone.mean_wait_ms is not None
    assert lends.alone.mean_wait_ms < MINUTE_MS
    assert lends.longer_ms == 9 * MINUTE_MS
    assert lends.is_loss(SHARING.loss_tolerance)

    assert (takes.shared.in_vain, takes.alone.in_vain) == (1, 2), "it has no nurse of its own"
    assert takes.fewer_permille == -500
    assert not takes.is_loss(SHARING.loss_tolerance)
    assert told.losing == (LENDS,)
    assert told.alone.gave_up == 1


def test_who_waits_still_has_waited_until_then() -> None:
    """Or whoever would wait for ever alone would make being alone look good."""
    world = World(SHARING, watch=None)
    world.agent("a1", "22")
    world.caller("lent", "24")
    world.answer("lent")
    world.wait(10 * MINUTE_MS)
    world.gone("lent")
    told = found(world.records).regions[TAKES].day
    assert told.shared == told.then == Fared(1, 0, in_promise=1, in_vain=0)
    assert told.alone == Fared(1, 10 * MINUTE_MS, in_promise=0, in_vain=1)


def test_the_last_seven_days_are_summed_and_the_day_stands_alone() -> None:
    records = lived(9)
    told = found(records)
    assert len(told.days) == 7
    assert told.days[-1] == told.day == FIRST + timedelta(days=8)
    assert told.regions[LENDS].day.then.contacts == 1
    assert told.regions[LENDS].days.then.contacts == 7

    third = found(records, FIRST + timedelta(days=2))
    assert third.days == tuple(FIRST + timedelta(days=number) for number in range(3))
    assert third.regions[TAKES].days.then.contacts == 6


def test_a_day_without_callers_is_told() -> None:
    with pytest.raises(BadInput, match=f"nobody called on 2030-01-01; before it there is {FIRST}"):
        found(lived(1), date(2030, 1, 1))
    with pytest.raises(BadInput, match="nobody called on 2026-01-01"):
        found(lived(1), date(2026, 1, 1))
    with pytest.raises(BadInput, match="nobody called in this journal"):
        found([])


def test_a_loss_is_more_than_is_tolerated_of_either_measure() -> None:
    ten_s = LossTolerance()
    base = Fared(contacts=100, wait_ms_total=6_000_000, in_promise=80, in_vain=5)
    for alone, is_loss in (
        (base, False),
        (replace(base, wait_ms_total=5_000_000), False),
        (replace(base, wait_ms_total=4_999_900), True),
        (replace(base, in_promise=81), False),
        (replace(base, in_promise=82), True),
        (replace(base, in_promise=10, wait_ms_total=9_000_000), False),
    ):
        assert Compared(base, base, alone).is_loss(ten_s) is is_loss
    nobody = Fared(0, 0, 0, 0)
    assert not Compared(nobody, nobody, nobody).is_loss(ten_s)
    assert nobody.mean_wait_ms is None


def test_alone_nothing_else_is_otherwise() -> None:
    alone = read_policy(all_alone(write_policy(SHARING)))
    assert not any(region.takes_part for region in alone.regions)
    regions = tuple(replace(region, takes_part=True) for region in alone.regions)
    assert replace(alone, version="test", regions=regions) == SHARING
