"""Nurses for a target: the guess, the climb, and what runs of the core say of what is found."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from queue_engine.core.errors import BadInput
from routing.vocabulary import RegionCode
from simulations.erlang import ErlangA
from simulations.scenario.file import load_scenario
from simulations.scenario.model import Scenario
from simulations.staffing.ladder import AIMS, ladder_of, nurse_hours
from simulations.staffing.search import Climb, Runs, Search
from simulations.staffing.target import Target, read_target

SMALL = """\
length: 8 h
callers:
  handling: {exponential: 10 min}
  patience: {exponential: 20 min}
regions:
  north: {calls_per_hour: 12, nurses: 1}
  south: {calls_per_hour: 24, nurses: 1}
policies:
  apart: {share: never}
  one_queue: {order: fifo, home_first: never, share: at_once}
"""
TARGET = read_target("80 % in 3 min")

Written = Callable[[str], Scenario]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def load(text: str) -> Scenario:
        path = tmp_path / "scenario.yaml"
        path.write_text(text, encoding="utf-8")
        return load_scenario(path)

    return load


# --- the target -----------------------------------------------------------------------------


def test_a_target_is_read_from_its_words() -> None:
    assert read_target("90.5 % in 20 s", "85 %") == Target(0.905, 20_000, 0.85)
    assert read_target("80% in 8 min").within_shown == "8 min"


@pytest.mark.parametrize(
    ("words", "busy"),
    [
        ("soon", None),
        ("0 % in 3 min", None),
        ("100 % in 3 min", None),
        ("80 % in 0 s", None),
        ("80 % in 3 min", "very"),
        ("80 % in 3 min", "0 %"),
        ("80 % in 3 min", "101 %"),
    ],
)
def test_what_is_no_target_is_told(words: str, busy: str | None) -> None:
    with pytest.raises(BadInput, match=r"is as in|is a share"):
        read_target(words, busy)


# --- the ladder -----------------------------------------------------------------------------


def test_the_guess_is_what_erlang_a_says_of_every_hour(written: Written) -> None:
    scenario = written(SMALL.replace("calls_per_hour: 24", f"calls_per_hour: {[24, 6, 0] * 8}"))
    south = scenario.regions[1]
    ladder = ladder_of(scenario, south, TARGET)
    guess = ladder.rungs[ladder.guess]
    assert len(guess) == 24
    for calls, nurses in list(zip(south.calls_per_hour, guess, strict=True))[:2]:
        enough, fewer = (
            ErlangA(calls, 1 / 6, 1 / 3, round(count)).answered_within(0.05)
            for count in (nurses, nurses - 1)
        )
        assert fewer < 0.8 <= enough
    assert guess[2] == 1, "somebody is there"
    hours = [nurse_hours(rung) for rung in ladder.rungs]
    assert hours == sorted(hours)
    assert len(set(hours)) == len(hours) <= len(AIMS) + 1


def test_nobody_is_to_be_busier_than_is_said(written: Written) -> None:
    scenario = written(SMALL)
    ladder = ladder_of(scenario, scenario.regions[1], read_target("80 % in 3 min", "60 %"))
    assert ladder.rungs[0] == (7.0,), "24 calls of a sixth of an hour: 4 erlangs"


def test_where_nobody_calls_the_nurses_are_those_of_the_file(written: Written) -> None:
    scenario = written(SMALL.replace("calls_per_hour: 12, nurses: 1", "nurses: 5"))
    assert ladder_of(scenario, scenario.regions[0], TARGET).rungs == ((5.0,),)


def test_what_no_number_of_nurses_can_reach_ends_all_the_same(written: Written) -> None:
    """The menu takes longer than the target allows: many answer at once, and none in time."""
    scenario = written(SMALL.replace("callers:", "callers:\n  menu: 5 min"))
    ladder = ladder_of(scenario, scenario.regions[0], TARGET)
    for fewer, more in pairwise(ladder.rungs):
        assert fewer[0] < more[0] < 100


# --- the climb ------------------------------------------------------------------------------


@pytest.mark.parametrize("begin", [0, 7, 30, 59])
@pytest.mark.parametrize("stride", [1, 6])
@pytest.mark.parametrize("needed", [0, 1, 22, 23, 59])
def test_a_climb_ends_on_the_lowest_rung_that_holds(begin: int, stride: int, needed: int) -> None:
    climb = Climb(last=59, rung=begin, stride=stride)
    tried = 1
    while climb.step(climb.rung >= needed):
        tried += 1
    assert climb.rung == needed
    assert tried <= 13


def test_a_climb_to_what_is_not_there_ends_on_top() -> None:
    climb = Climb(last=9, rung=4, stride=1)
    while climb.step(holds=False):
        pass
    assert climb.rung == 9


def test_who_is_found_wanting_later_climbs_again() -> None:
    """Others have taken away what helped."""
    climb = Climb(last=9, rung=5, stride=1)
    assert climb.step(holds=True)
    assert climb.step(holds=False)
    assert not climb.step(holds=True)
    assert climb.rung == 5
    assert climb.step(holds=False)
    assert climb.rung > 5


# --- the search -----------------------------------------------------------------------------


def test_sharing_needs_fewer_nurses_and_both_hold(written: Written) -> None:
    search = Search(written(SMALL), TARGET, Runs(seed=1, replications=1))
    alone = search.alone("one_queue")
    shared = search.shared("one_queue", alone)
    for found in (alone, shared):
        assert not found.missed
        assert set(found.confirmed) == set(found.nurses)
        for one in found.judged.values():
            assert one.answered_within is not None
            assert one.answered_within >= 0.8
    assert shared.hours_per_week < alone.hours_per_week
    assert alone.policy == "alone"
    again = Search(written(SMALL), TARGET, Runs(seed=1, replications=1)).alone("one_queue")
    assert again == alone, "the same seed, the same staffing"


def test_a_target_out_of_reach_is_told_with_the_best_that_was_tried(written: Written) -> None:
    text = SMALL.replace("callers:", "callers:\n  menu: 5 min").replace("8 h", "1 h")
    found = Search(written(text), TARGET, Runs(1, 1)).alone("apart")
    assert found.missed == (RegionCode("north"), RegionCode("south"))


def test_what_cannot_be_staffed_is_told(written: Written) -> None:
    groups = SMALL.replace("nurses: 1}\n  south", "groups: [{nurses: 1}, {nurses: 1}]}\n  south")
    with pytest.raises(BadInput, match="region north has 2 groups"):
        Search(written(groups), TARGET, Runs(1, 1))
    with pytest.raises(BadInput, match="staffing needs calls_per_hour"):
        Search(written(f"contacts: calls.csv\n{SMALL}"), TARGET, Runs(1, 1))
