"""Nurses for a target: the guess, the climb, and what runs of the core say of what is found."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from queue_engine.core.errors import BadInput
from routing.vocabulary import RegionCode
from simulations.erlang import ErlangA
from simulations.scenario.file import load_scenario
from simulations.scenario.model import Scenario, StaffGroup
from simulations.scenario.replications import jobs_of, run_all, together
from simulations.staffing.ladder import AIMS, Ladder, ladder_of, nurse_hours
from simulations.staffing.load import Step, load_of
from simulations.staffing.search import Climb, Judged, Runs, Search, staffed
from simulations.staffing.sharing_out import shared_out
from simulations.staffing.target import Target, read_target
from simulations.staffing.written import scenario_with

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


# --- the load -------------------------------------------------------------------------------


def test_the_load_follows_the_calls_and_none_of_it_is_lost() -> None:
    calls = (6.0,) * 10 + (18.0,) * 14
    halves = load_of(calls, 0.25, Step.HALF_HOUR)
    assert len(halves) == 48
    assert calls[9] == halves[19] < halves[20] < halves[21] < halves[23] <= calls[11]
    assert 6 < halves[1] < halves[0] < 18, "the night begins with the end of the day"
    assert sum(halves) / 2 == pytest.approx(sum(calls), abs=0.01)
    hours = load_of(calls, 0.25, Step.HOUR)
    assert hours == pytest.approx(
        [sum(halves[at : at + 2]) / 2 for at in range(0, 48, 2)], abs=0.01
    )


def test_the_load_of_calls_told_by_the_half_hour_has_the_steps_that_are_asked_for() -> None:
    calls = (6.0, 18.0) * 24
    assert load_of(calls, 0.25, Step.HOUR) == (12.0,) * 24
    assert load_of(calls, 1e-9, Step.HALF_HOUR) == calls, "what takes no time is over at once"
    assert len(load_of(calls * 7, 0.25, Step.HALF_HOUR)) == 336
    assert load_of((6.0,), 0.25, Step.HALF_HOUR) == (6.0,)


# --- groups of nurses -----------------------------------------------------------------------


def test_groups_keep_their_proportions() -> None:
    groups = [StaffGroup((6.0,)), StaffGroup((2.0,))]
    assert shared_out([8], groups, Step.HOUR) == ((6.0,), (2.0,))
    assert shared_out([12], groups, Step.HOUR) == ((9.0,), (3.0,))
    assert shared_out([5], groups, Step.HOUR) == ((4.0,), (1.0,))
    assert shared_out([1], groups, Step.HOUR) == ((1.0,), (1.0,)), "each has somebody at work"


def test_groups_keep_the_proportions_of_each_time() -> None:
    by_day, at_night = [4.0] * 24, [0.0] * 24
    groups = [StaffGroup((4.0,)), StaffGroup(tuple(by_day + at_night))]
    first, second = shared_out([6], groups, Step.HALF_HOUR)
    assert first == (3.0,) * 24 + (6.0,) * 24
    assert second == (3.0,) * 24 + (0.0,) * 24
    assert shared_out([6], groups, Step.HOUR) == (first[::2], second[::2])
    nobody = [StaffGroup((0.0,)), StaffGroup((0.0,))]
    assert shared_out([4], nobody, Step.HOUR) == ((2.0,), (2.0,))


# --- the ladder -----------------------------------------------------------------------------


@pytest.mark.parametrize("step", Step)
def test_the_guess_is_the_lowest_rung_that_erlang_a_thinks_enough(
    written: Written, step: Step
) -> None:
    scenario = written(SMALL.replace("calls_per_hour: 24", f"calls_per_hour: {[24, 6, 0] * 8}"))
    south = scenario.regions[1]
    ladder = ladder_of(scenario, south, TARGET, step)
    load = load_of(south.calls_per_hour, 1 / 6, step)
    assert len(load) == (48 if step is Step.HALF_HOUR else 24)

    def in_time(rung: int) -> float:
        (nurses,) = ladder.rungs[rung]
        assert len(nurses) == len(load)
        assert min(nurses) >= 1, "somebody is there"
        shares = [
            ErlangA(calls, 1 / 6, 1 / 3, round(count)).answered_within(0.05) if calls else 1.0
            for calls, count in zip(load, nurses, strict=True)
        ]
        return sum(calls * share for calls, share in zip(load, shares, strict=True)) / sum(load)

    guess = ladder.rung_for(TARGET.share)
    assert in_time(guess - 1) < TARGET.share <= in_time(guess)
    assert ladder.expected[guess] == pytest.approx(in_time(guess))
    hours = [nurse_hours(rung) for rung in ladder.rungs]
    assert hours == sorted(hours)
    assert len(set(hours)) == len(hours) <= len(AIMS)


def test_nobody_is_to_be_busier_than_is_said(written: Written) -> None:
    scenario = written(SMALL)
    target = read_target("80 % in 3 min", "60 %")
    ladder = ladder_of(scenario, scenario.regions[1], target, Step.HALF_HOUR)
    assert ladder.rungs[0] == ((7.0,),), "24 calls of a sixth of an hour: 4 erlangs"


def test_where_nobody_calls_the_nurses_are_those_of_the_file(written: Written) -> None:
    scenario = written(SMALL.replace("calls_per_hour: 12, nurses: 1", "nurses: 5"))
    ladder = ladder_of(scenario, scenario.regions[0], TARGET, Step.HALF_HOUR)
    assert ladder.rungs == (((5.0,),),)


def test_what_no_number_of_nurses_can_reach_ends_all_the_same(written: Written) -> None:
    """The menu takes longer than the target allows: many answer at once, and none in time."""
    scenario = written(SMALL.replace("callers:", "callers:\n  menu: 5 min"))
    ladder = ladder_of(scenario, scenario.regions[0], TARGET, Step.HALF_HOUR)
    for (fewer,), (more,) in pairwise(ladder.rungs):
        assert fewer[0] < more[0] < 100


# --- the climb ------------------------------------------------------------------------------

LADDER: Final = Ladder(tuple(((float(rung),),) for rung in range(60)), AIMS[:60])


def _judged(share: float, busy: float = 0.5) -> Judged:
    return Judged(share, busy)


@pytest.mark.parametrize("begin", [0, 7, 30, 59])
@pytest.mark.parametrize("wrong_by", [-8, -1, 0, 1, 5, 12])
def test_a_climb_ends_on_the_lowest_rung_that_holds(begin: int, wrong_by: int) -> None:
    """The truth is some rungs from what Erlang A expects."""
    reached = [0.0, *(0.0,) * max(0, wrong_by), *AIMS[max(0, -wrong_by) :]]
    needed = next(rung for rung, share in enumerate(reached) if share >= TARGET.share)
    climb = Climb(LADDER, TARGET, begin)
    tried = 1
    while climb.step(_judged(reached[climb.rung])):
        tried += 1
    assert climb.rung == needed
    assert tried <= 6


def test_a_climb_to_what_is_not_there_ends_on_top() -> None:
    climb = Climb(LADDER, TARGET, 4)
    while climb.step(_judged(0.1)):
        pass
    assert climb.rung == 59


def test_nurses_who_are_too_busy_are_more_by_strides_that_double() -> None:
    climb = Climb(LADDER, read_target("80 % in 3 min", "85 %"), 30)
    tried = [climb.rung]
    while climb.step(_judged(0.95, busy=0.9 if climb.rung < 44 else 0.8)):
        tried.append(climb.rung)
    assert tried[:5] == [30, 31, 33, 37, 45]
    assert climb.rung == 44


def test_who_is_found_wanting_later_climbs_again() -> None:
    """Others have taken away what helped."""
    climb = Climb(LADDER, TARGET, 20)
    assert climb.step(_judged(0.85))
    assert climb.rung < 20
    climb.rung = 19
    assert climb.step(_judged(0.79))
    assert not climb.step(_judged(0.81))
    assert climb.rung == 20
    assert climb.step(_judged(0.7))
    assert climb.rung > 20


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


def test_the_worst_hour_of_the_day_is_told(written: Written) -> None:
    text = SMALL.replace("length: 8 h", "length: 3 h\nshocks: [{from: 1 h, to: 2 h, times: 4}]")
    found = Search(written(text.replace("24, nurses", "40, nurses")), TARGET, Runs(1, 2))
    south = found.alone("apart").judged[RegionCode("south")]
    assert south.worst_hour is not None
    assert south.answered_within is not None
    assert south.worst_hour.hour == 1
    assert south.worst_hour.answered_within < south.answered_within


def test_a_target_out_of_reach_is_told_with_the_best_that_was_tried(written: Written) -> None:
    text = SMALL.replace("callers:", "callers:\n  menu: 5 min").replace("8 h", "1 h")
    found = Search(written(text), TARGET, Runs(1, 1)).alone("apart")
    assert found.missed == (RegionCode("north"), RegionCode("south"))


def test_a_file_of_calls_cannot_be_staffed(written: Written) -> None:
    with pytest.raises(BadInput, match="staffing needs calls_per_hour"):
        Search(written(f"contacts: calls.csv\n{SMALL}"), TARGET, Runs(1, 1))


def test_groups_of_a_region_come_and_go_alike(written: Written) -> None:
    groups = "groups: [{nurses: 4}, {nurses: 2, speed: 1.5}]}\n  south"
    scenario = written(SMALL.replace("nurses: 1}\n  south", groups))
    found = Search(scenario, TARGET, Runs(1, 1)).alone("apart")
    assert not found.missed
    usual, quick = found.nurses[RegionCode("north")]
    assert len(usual) == len(quick) == 1
    assert 1 <= quick[0] <= usual[0] <= 2 * quick[0] + 1


# --- what is written ------------------------------------------------------------------------

WHOLE = """\
length: 4 h
warm_up: 1 h
targets: [8 min]
callers:
  kinds:
    - {name: advice, weight: 9, handling: {exponential: 10 min}, patience: {exponential: 20 min}}
    - name: finnish # these wait for few
      needs: [fi]
      handling: {mix: [{share: 50 %, fixed: 5 min}, {share: 50 %, gamma: 15 min, cv: 0.5}]}
calls_per_hour: HOURS
regions:
  "01": {name: "Norr: övre, nedre", share: 0.6, nurses: 2, groups: [{nurses: 1, skills: [fi]}]}
  "08":
    name: Syd
    share: 0.4
    groups:
      - {nurses: 3, unit: first}
      - {nurses: 1, skills: [fi], speed: 1.1}
policies:
  shared: {share: at_once, home_first: never}
  live: {config: CONFIG}
""".replace("HOURS", str([12, 18] * 12))


def test_the_file_with_the_nurses_comes_to_what_was_found(tmp_path: Path) -> None:
    config = Path(__file__).parents[2] / "config"
    source, out = tmp_path / "whole.yaml", tmp_path / "below" / "staffed.yaml"
    out.parent.mkdir()
    source.write_text(WHOLE.replace("CONFIG", os.path.relpath(config, tmp_path)), encoding="utf-8")
    before = load_scenario(source)
    search = Search(before, TARGET, Runs(seed=3, replications=2))
    found = search.shared("shared", search.alone("shared"))
    text = scenario_with(source, out, [found, found], TARGET)
    out.write_text(text, encoding="utf-8")
    again = load_scenario(out)
    assert again.main_target_ms == TARGET.within_ms
    assert staffed(before, found.nurses, list(found.nurses)).regions == again.regions
    assert (again.kinds, again.policies, again.length) == (
        before.kinds,
        before.policies,
        before.length,
    )
    whole = together(run_all(again, jobs_of(["shared"], 3, 2)))
    for code, judged in found.judged.items():
        region = whole["regions"][code]
        assert region["answered_within"]["3 min"] == judged.answered_within
        assert region["occupancy"] == judged.occupancy
    assert text.count("policy shared") == 2
    assert max(map(len, text.splitlines())) <= 120


def test_the_example_of_the_document_can_be_staffed(written: Written) -> None:
    text = (Path(__file__).parents[2] / "docs" / "STAFFING.md").read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    scenario = written(example)
    assert Search(scenario, TARGET, Runs(1, 1)).scenario.main_target_ms == TARGET.within_ms
    assert [region.code for region in scenario.regions] == ["a", "b", "c"]
