"""A limit turns on above one value and off below the other, and not in between."""

from __future__ import annotations

import pytest

from routing.limits import Levels

LEVELS = Levels(above=20, below=10)


@pytest.mark.parametrize(
    ("value", "turns_on", "turns_off"),
    [(0, False, True), (9, False, True), (10, False, False), (20, False, False), (21, True, False)],
)
def test_between_the_two_it_stays_as_it_is(value: int, turns_on: bool, turns_off: bool) -> None:
    assert LEVELS.turns(False, value) is turns_on
    assert LEVELS.turns(True, value) is turns_off


def test_what_has_no_end_is_over_every_limit() -> None:
    assert LEVELS.turns(False, None)
    assert not LEVELS.turns(True, None)


@pytest.mark.parametrize(("above", "below"), [(10, 10), (10, 11), (10, -1), (0, 0)])
def test_off_is_below_on(above: int, below: int) -> None:
    assert list(Levels(above, below).problems("here")) == [
        "here: off must be below on, and neither below 0"
    ]
    assert not list(LEVELS.problems("here"))
    assert not list(Levels(1, 0).problems("here"))


def test_a_wait_could_never_come_below_0_again() -> None:
    assert list(Levels(1, 0).problems("here", least=1)) == [
        "here: off must be below on, and neither below 1"
    ]
    assert not list(Levels(2, 1).problems("here", least=1))
