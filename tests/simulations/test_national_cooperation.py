"""The study of national cooperation: each part runs, and the write-up says what was found."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from routing.vocabulary import RegionCode
from simulations.scenario.results import Figures, result
from simulations.scenario.run import Run
from simulations.studies.national_cooperation import rules
from simulations.studies.national_cooperation.estimates import (
    changes,
    estimate,
    ratio,
    run_scenes,
)
from simulations.studies.national_cooperation.part import Part
from simulations.studies.national_cooperation.reserve import kept as reserve_kept, verdict
from simulations.studies.national_cooperation.scenes import (
    Effort,
    Scene,
    Site,
    even_load,
    shipped,
    with_rules,
)
from simulations.studies.national_cooperation.writeup import FOLDER, PARTS, filled, keep, kept

BRIEF = {1: 0.01, 2: 0.01, 3: 0.03, 4: 0.1, 5: 0.03, 6: 0.008, 7: 0.01}
"""Of each part's time."""


def _quiet(line: str) -> None:
    """Nobody watches."""


def _brief(part: Part, seeds: int = 2) -> Figures:
    effort = Effort(seeds=seeds, part_of_time=BRIEF[part.number])
    return part.sum_up(run_scenes(part.scenes(effort), effort, _quiet))


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_each_part_runs_and_is_shown(part: Part, tmp_path: Path) -> None:
    found = _brief(part)
    keep(tmp_path, part, 2, found)
    again = kept(tmp_path, part)
    assert again is not None
    assert part.tables(again) == part.tables(found)
    for name, picture in part.pictures(again).items():
        ElementTree.fromstring(picture)
        assert (tmp_path / "pictures" / f"{name}.svg").read_text(encoding="utf-8") == picture


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_results_and_pictures_are_those_of_each_other(part: Part) -> None:
    found = kept(FOLDER, part)
    assert found is not None
    for name, picture in part.pictures(found).items():
        assert (FOLDER / "pictures" / f"{name}.svg").read_text(encoding="utf-8") == picture


def test_the_write_up_has_the_tables_of_the_results() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert filled(text, FOLDER) == text
    places = re.findall(r"<!-- table (\w+) -->", text)
    tables = [
        name
        for part in PARTS
        for found in (kept(FOLDER, part),)
        if found is not None
        for name in part.tables(found)
    ]
    assert sorted(places) == sorted(tables)


def test_the_write_up_shows_pictures_that_are_there() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"\(pictures/(\w+\.svg)\)", text)
    assert sorted(shown) == sorted(path.name for path in (FOLDER / "pictures").glob("*.svg"))


def test_figures_in_the_text_are_written_by_the_results(tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    found = '{"found": {"wait": {"mean": -3.26, "plus_minus": 1}, "over": ["01", "03"]}}'
    (results / "made_up.json").write_text(found, encoding="utf-8")
    part = replace(PARTS[0], name="made_up", tables=lambda found: {"one": "| 1 |"})
    text = "<!-- table one -->\nold\n<!-- end --> <!--=made_up.wait:1-->9<!--/--> s"
    text += " <!--=made_up.over:0--><!--/--> <!--=other.wait:1-->9<!--/-->"
    assert filled(text, tmp_path, [part]) == (
        "<!-- table one -->\n| 1 |\n<!-- end --> <!--=made_up.wait:1-->3.3<!--/--> s"
        " <!--=made_up.over:0-->2<!--/--> <!--=other.wait:1-->9<!--/-->"
    )


def _place() -> Scene:
    effort = Effort(seeds=1)
    place = even_load("two", [Site("a", 3, 1.3), Site("b", 6, 0.5)], 1, effort, warm_up_hours=0)
    base, plans = shipped(), place.regions
    agreed = rules.own_first(base, plans, rules.AT_ONCE, 0)
    policies = {
        "alone": rules.alone(base, plans),
        "agreed": agreed,
        "out": rules.joining(agreed, RegionCode("a"), None),
        "later": rules.joining(agreed, RegionCode("a"), "joined"),
    }
    return Scene("two", with_rules(place, policies))


def _run(scene: Scene, policy: str) -> Figures:
    return result(scene.scenario, Run(scene.scenario, policy, 1, checks=True).go())


def test_a_region_that_stays_out_is_as_if_alone() -> None:
    scene = _place()
    alone, out, agreed = (_run(scene, policy) for policy in ("alone", "out", "agreed"))
    assert out["regions"]["b"]["taken_minutes"] == alone["regions"]["b"]["taken_minutes"] == 0
    assert agreed["regions"]["a"]["taken_minutes"] > 0


def test_a_region_that_joins_at_an_hour_is_helped_from_then_on() -> None:
    scene = _place()
    windows = {"joined": (0.0, *(1.0,) * 23)}
    scenario = replace(scene.scenario, windows=windows)
    length = replace(scenario.length, amount=2 * scenario.length.amount)
    scenario = replace(scenario, length=length)
    found = result(scenario, Run(scenario, "later", 1, checks=True).go())
    before = replace(scenario, windows={"joined": (0.0,)})
    never = result(before, Run(before, "later", 1, checks=True).go())
    assert found["regions"]["a"]["taken_minutes"] > 0
    assert (
        never["regions"]["a"]["answered_elsewhere"] <= found["regions"]["a"]["answered_elsewhere"]
    )


def test_rules_that_are_compared_differ_in_sharing_alone() -> None:
    scene = _place()
    policies = dict(scene.scenario.policies)
    for policy in policies.values():
        assert policy.wrap_up_ms_max == shipped().wrap_up_ms_max
        assert policy.agent_choice is shipped().agent_choice


def test_intervals_are_of_differences_seed_by_seed() -> None:
    assert estimate([1.0, 3.0]) == {"mean": 2.0, "plus_minus": 12.706}
    assert estimate([4.0]) == {"mean": 4.0, "plus_minus": None}
    assert ratio([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]) == {"mean": 50.0, "plus_minus": 0.0}
    figures = _run(_place(), "alone")["total"]
    assert changes([figures], [figures])["mean_wait_s"] == {"mean": 0.0, "plus_minus": None}


@pytest.mark.parametrize(
    ("wait", "promise", "said"),
    [
        ((4.0, 3.0), (-0.2, 0.5), "within"),
        ((14.0, 3.0), (-0.2, 0.5), "over"),
        ((4.0, 3.0), (-2.0, 0.5), "over"),
        ((9.0, 3.0), (-0.2, 0.5), "unsure"),
    ],
)
def test_a_loss_is_over_or_within_when_its_whole_interval_is(
    wait: tuple[float, float], promise: tuple[float, float], said: str
) -> None:
    change = {
        "mean_wait_s": {"mean": wait[0], "plus_minus": wait[1]},
        "in_promise": {"mean": promise[0], "plus_minus": promise[1]},
    }
    assert verdict(change) == said


def test_a_reserve_is_rounded_up_to_nurses() -> None:
    assert [reserve_kept(6, share) for share in (0, 10, 20, 40)] == [0, 1, 2, 3]
