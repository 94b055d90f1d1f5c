"""What is told comes nearer to how it really is, and never far from what the place alone says."""

from __future__ import annotations

from routing.delays import FRESH_MS, Delay, Delays
from routing.policy import MINUTE_MS
from routing.vocabulary import RegionCode

HERE, THERE = RegionCode("22"), RegionCode("23")
NOW_MS = 1_795_000_000_000
TEN = 10 * MINUTE_MS


def noted(waited_ms: int, foretold_ms: int, times: int, delays: Delays | None = None) -> Delays:
    delays = delays or Delays()
    for _ in range(times):
        delays.note(HERE, 2, waited_ms, foretold_ms, NOW_MS)
    return delays


def test_without_history_the_place_alone_says() -> None:
    assert Delays().told_ms(HERE, 2, TEN, NOW_MS) == TEN
    assert Delays().told_ms(HERE, 2, None, NOW_MS) is None


def test_the_first_one_is_all_that_is_known() -> None:
    assert list(noted(2 * TEN, TEN, 1).rows()) == [(HERE, 2, Delay(2 * TEN, TEN, 2 * TEN, NOW_MS))]


def test_one_contact_changes_little_and_many_change_it_all() -> None:
    told = [noted(2 * TEN, TEN, times).told_ms(HERE, 2, TEN, NOW_MS) for times in (1, 5, 100)]
    assert [round((ms or 0) / MINUTE_MS, 1) for ms in told] == [13.3, 16.9, 18.9]


def test_other_regions_help_and_their_callers_hear_of_less() -> None:
    told_ms = noted(TEN // 4, TEN, 30).told_ms(HERE, 2, TEN, NOW_MS)
    assert told_ms is not None
    assert TEN // 4 < told_ms < TEN // 2


def test_after_a_surge_it_is_learnt_anew() -> None:
    delays = noted(3 * TEN, TEN, 50)
    told_ms = noted(TEN, TEN, 50, delays).told_ms(HERE, 2, TEN, NOW_MS)
    assert told_ms is not None
    assert abs(told_ms - TEN) < MINUTE_MS


def test_a_tier_and_a_region_learn_for_themselves() -> None:
    delays = noted(3 * TEN, TEN, 50)
    assert delays.told_ms(HERE, 1, TEN, NOW_MS) == TEN
    assert delays.told_ms(THERE, 2, TEN, NOW_MS) == TEN


def test_with_nobody_of_their_own_at_work_they_hear_how_long_the_last_one_waited() -> None:
    delays = noted(7 * MINUTE_MS, 0, 1)
    assert delays.told_ms(HERE, 2, None, NOW_MS) == 7 * MINUTE_MS
    assert delays.told_ms(HERE, 2, TEN, NOW_MS) == TEN, "nothing had been foretold"


def test_the_last_evening_says_nothing_in_the_morning() -> None:
    delays = noted(3 * TEN, TEN, 50)
    later_ms = NOW_MS + FRESH_MS + 1
    assert delays.told_ms(HERE, 2, None, later_ms - 1) == 3 * TEN
    assert delays.told_ms(HERE, 2, TEN, later_ms) == TEN
    assert delays.told_ms(HERE, 2, None, later_ms) is None
    delays.note(HERE, 2, TEN, TEN, later_ms)
    assert delays.told_ms(HERE, 2, TEN, later_ms) == TEN


def test_sums_stay_small() -> None:
    (row,) = noted(60 * MINUTE_MS, TEN, 1000).rows()
    assert row[2].waited_ms <= 17 * 60 * MINUTE_MS
    assert row[2].foretold_ms <= 17 * TEN
