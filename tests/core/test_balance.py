"""Work is booked in the quarters in which it passed, and forgotten after a day."""

from __future__ import annotations

from queue_engine.core.balance import Balances, Work, window_start_ms
from routing.lend_policy import BALANCE_WINDOW_MS_MAX, QUARTER_MS
from routing.vocabulary import RegionCode

NOON_MS = 1_795_000_000_000 - 1_795_000_000_000 % QUARTER_MS
HERE = RegionCode("22")


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


def test_a_balance_is_a_share_of_the_staffed_time() -> None:
    assert Work(given=300, taken=100, staffed=1000).permille() == 200
    assert Work(given=100, taken=300, staffed=1000).permille() == -200
    assert Work(given=100).permille() == 0, "nobody was at work: nothing to lend"
