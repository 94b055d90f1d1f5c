"""Which links are taken for lost: those that no engine has said for long that it holds."""

from __future__ import annotations

from queue_engine.serve.link_watch import UNHELD_MS, LinkWatch
from routing.vocabulary import LinkId

A, B = LinkId("a"), LinkId("b")


def test_a_link_that_nobody_holds_is_lost_after_a_while_and_since_when() -> None:
    watch = LinkWatch()
    assert watch.lost([A, B], [A, B], 0) == {}
    assert watch.lost([A, B], [A], 1_000) == {}
    assert watch.lost([A, B], [A], 1_000 + UNHELD_MS - 1) == {}
    assert watch.lost([A, B], [A], 1_000 + UNHELD_MS) == {B: 1_000}


def test_a_link_that_changes_hands_is_not_lost() -> None:
    watch = LinkWatch()
    assert watch.lost([A], [], 0) == {}
    assert watch.lost([A], [A], 1_000) == {}
    assert watch.lost([A], [], UNHELD_MS) == {}
    assert watch.lost([A], [], UNHELD_MS + 1_000) == {}


def test_a_link_that_is_down_already_is_not_lost_again() -> None:
    watch = LinkWatch()
    assert watch.lost([], [], 0) == {}
    assert watch.lost([], [], 2 * UNHELD_MS) == {}
