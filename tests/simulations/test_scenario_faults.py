"""The engine dies and reports come late, twice or never: nobody is lost or kept for ever."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from queue_engine.config.problems import ConfigError
from queue_engine.core import events as ev
from queue_engine.core.record import Record
from routing.policy import MINUTE_MS
from routing.vocabulary import ContactId
from simulations.scenario.counts import Ended, Story
from simulations.scenario.results import result
from simulations.scenario.run import Run
from simulations.world import MIDNIGHT_MS
from tests.properties.auditor import Auditor
from tests.simulations import test_scenario_callbacks, test_scenario_chats
from tests.simulations.scenario_files import SMALL, result_of, scenario_of
from tests.simulations.test_scenario_laws import BUSY

STAFFED: Final = SMALL.replace(
    "regions:", "staff: {answer: 4 s, misses: 5 %, wrap_up: {exponential: 1 min}}\nregions:"
)
CRASHES: Final = "faults: {crash_every: 7 min}\n"
DISTURBED: Final = """\
faults:
  crash_every: 11 min
  reports: {late: 10 %, late_by: {exponential: 20 s}, twice: 10 %}
"""


@pytest.mark.parametrize("text", [SMALL, STAFFED], ids=["exact", "staffed"])
def test_an_engine_that_dies_changes_nothing(text: str, tmp_path: Path) -> None:
    whole = result_of(text, tmp_path, "shared")
    dying = result_of(CRASHES + text, tmp_path, "shared")
    for name in ("total", "regions", "pairs", "course"):
        assert dying[name] == whole[name]


@pytest.mark.parametrize("seed", range(1, 7))
@pytest.mark.parametrize("text", [SMALL, STAFFED], ids=["exact", "staffed"])
def test_late_and_repeated_reports_lose_nobody(text: str, seed: int, tmp_path: Path) -> None:
    scenario = scenario_of(DISTURBED + text, tmp_path)
    auditor = Auditor()
    run = Run(scenario, "shared", seed, checks=True, follow=[auditor.follow])
    found = result(scenario, run.go())["total"]
    assert found["offered"] == 300
    assert found["offered"] == found["answered"] + found["abandoned"]
    assert found["answered"] > 150


LOST: Final = """\
faults:
  reconcile_every: 1 min
  reports: {lost: 4 %, late: 5 %, late_by: {exponential: 5 s}, twice: 2 %}
"""
TEXTS: Final = {
    "exact": (SMALL, "shared"),
    "staffed": (STAFFED, "shared"),
    "hours": (BUSY.replace("8 h", "4 h"), "shared"),
    "callbacks": (test_scenario_callbacks.BUSY, "rung_back"),
    "chats": (test_scenario_chats.STAFFED, "three"),
}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", TEXTS)
def test_what_never_came_is_seen_at_the_next_reconciling(
    name: str, seed: int, tmp_path: Path
) -> None:
    """Nobody is lost or kept for ever, and who gave up is gone a little later at most."""
    text, policy = TEXTS[name]
    scenario = scenario_of(LOST + text, tmp_path)
    stories: list[Story] = []
    known: set[ContactId] = set()

    def follow(record: Record) -> None:
        for event in record.events:
            if isinstance(event, ev.ContactEnqueued):
                known.add(event.contact_id)
            elif isinstance(event, ev.ContactEnded):
                known.discard(event.contact_id)

    run = Run(
        scenario,
        policy,
        seed,
        checks=seed == 1 and name != "hours",
        follow=[follow, Auditor().follow],
    )
    run.tally.ended = stories.append
    found = result(scenario, run.go())["total"]
    assert known == set()
    ends = [found[each] for each in ("answered", "abandoned", "rejected")]
    assert found["offered"] == sum(ends) + found.get("not_reached", 0)
    assert found["occupancy"] <= 1
    for story in stories:
        if story.ended is Ended.ABANDONED:
            assert story.call.patience_ms is not None
            assert story.wait_ms < story.call.patience_ms + 2 * MINUTE_MS
    undisturbed = scenario_of(text, tmp_path)
    usual = result(undisturbed, Run(undisturbed, policy, seed).go())["total"]
    assert found["answered"] == pytest.approx(usual["answered"], rel=0.25)


SHORT: Final = (
    test_scenario_callbacks.ALONE.replace("handling: 10 min", "handling: 50 s")
    .replace("reached: 0 %", "answer: 5 s")
    .replace("calls_per_hour: 12", "calls_per_hour: 65")
)


def test_who_was_rung_back_and_heard_of_by_nobody_is_rung_again_and_not_for_ever(
    tmp_path: Path,
) -> None:
    """That the two talked, and that it is over, was lost between two pictures."""
    lost = "faults: {reconcile_every: 2 min, reports: {lost: 30 %}}\n"
    scenario = scenario_of(lost + SHORT, tmp_path)
    last: list[Record] = []

    def follow(record: Record) -> None:
        last[:] = [record]

    found = result(scenario, Run(scenario, "rung_back", 1, follow=[follow]).go())["total"]
    assert found["offered"] == found["answered"] + found["abandoned"] + found["not_reached"]
    assert found["not_reached"] > 0
    assert last[0].at_ms < MIDNIGHT_MS + 12 * 60 * MINUTE_MS


def test_to_be_shown_all_changes_nothing_if_nothing_was_lost(tmp_path: Path) -> None:
    shown = result_of("faults: {reconcile_every: 20 s}\n" + STAFFED, tmp_path, "shared")
    whole = result_of(STAFFED, tmp_path, "shared")
    for name in ("total", "regions", "pairs", "course"):
        assert shown[name] == whole[name]


def test_the_sooner_it_is_shown_all_the_less_is_lost(tmp_path: Path) -> None:
    lost = "faults: {reconcile_every: EVERY, reports: {lost: 10 %}}\n" + SMALL
    soon, late = (
        result_of(lost.replace("EVERY", every), tmp_path, "shared")["total"]
        for every in ("5 s", "5 min")
    )
    assert soon["answered"] > late["answered"]
    assert soon["mean_wait_ms"] < late["mean_wait_ms"]


def test_reports_that_are_lost_need_a_reconciling(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="reconcile_every"):
        scenario_of("faults: {reports: {lost: 1 %}}\n" + SMALL, tmp_path)
