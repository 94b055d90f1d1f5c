"""Whoever follows goes by the clock of the one who decides."""

from __future__ import annotations

import pytest

from queue_engine.core.commands import PassTime
from queue_engine.core.record import Record
from queue_engine.runtime.followed_clock import LATEST_MS, UNREAD_MS_MAX, FollowedClock
from tests.core.world import START_MS
from tests.runtime.driver_world import HandClock

DECIDER_MS = START_MS


class Node:
    """One that follows, whose clock is so far ahead of the decider's."""

    def __init__(self, ahead_ms: int) -> None:
        self.decider_ms = DECIDER_MS
        self.hands = HandClock(DECIDER_MS + ahead_ms)
        self.clock = FollowedClock(self.hands)
        self.clock.has_all()

    def go(self, ms: int) -> None:
        self.decider_ms += ms
        self.hands.ms += ms

    def reads(self, late_ms: int = 0) -> None:
        """A record that was decided so long ago."""
        at_ms = self.decider_ms - late_ms
        self.clock.read([Record(1, at_ms, 1, PassTime(), ())])

    def reads_at_once(self, late_ms: int = 0) -> None:
        self.clock.has_all()
        self.reads(late_ms)

    @property
    def later_ms(self) -> int:
        """So much later than it is it seems to be."""
        return self.clock.now_ms() - self.decider_ms


@pytest.mark.parametrize("ahead_ms", [0, 3_000, -3_000, 3_600_000, -3_600_000])
def test_after_a_record_it_is_the_deciders(ahead_ms: int) -> None:
    node = Node(ahead_ms)
    assert node.later_ms == ahead_ms
    node.reads(late_ms=5)
    assert node.later_ms == -5
    node.go(60_000)
    assert node.later_ms == -5, "where nothing happens the last one counts"


def test_the_record_that_was_least_long_on_its_way_counts() -> None:
    node = Node(3_000)
    for late_ms in (40, 7, 300, 900):
        node.reads_at_once(late_ms)
        node.go(LATEST_MS // 10)
    assert node.later_ms == -7


@pytest.mark.parametrize("ahead_ms", [3_000, -3_000])
def test_what_comes_late_after_a_cut_makes_no_offer_young(ahead_ms: int) -> None:
    node = Node(ahead_ms)
    node.reads_at_once()
    node.go(90_000)
    node.reads(late_ms=89_000)
    assert node.later_ms == 0
    node.reads(late_ms=1)
    assert node.later_ms == 0


def test_what_lay_there_already_cannot_be_later_than_now() -> None:
    node = Node(-3_000)
    node.go(UNREAD_MS_MAX + 1)
    node.reads(late_ms=1_000)
    assert node.later_ms == -1_000


def test_a_decider_whose_clock_goes_back_is_followed_soon() -> None:
    node = Node(0)
    node.reads_at_once()
    node.decider_ms -= 10_000
    node.go(LATEST_MS - 1_000)
    node.reads_at_once()
    assert node.later_ms == 10_000
    node.go(1_001)
    node.reads_at_once()
    assert node.later_ms == 0


def test_the_next_decider_is_followed_at_once_after_a_lease() -> None:
    node = Node(0)
    node.reads_at_once()
    node.decider_ms -= 4_000  # its clock begins at the last record, where it is behind
    node.go(4_000)
    node.reads_at_once()
    assert node.later_ms == 0
