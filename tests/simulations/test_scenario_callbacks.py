"""Callers who are rung back: who asks for it, how it goes, and how it is counted."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import Final

import pytest
from rich.console import Console

from queue_engine.cli.simulate_tables import print_tables
from queue_engine.config.problems import ConfigError
from queue_engine.core import events as ev
from queue_engine.core.record import Record
from routing.policy import MINUTE_MS, SECOND_MS
from simulations.scenario.counts import Ended, Story
from simulations.scenario.replications import jobs_of, run_all
from simulations.scenario.results import Figures, result
from simulations.scenario.run import Run
from simulations.scenario.whole import whole
from simulations.scenario_report.page import report
from simulations.world import MIDNIGHT_MS
from tests.properties.auditor import Auditor
from tests.simulations.scenario_files import result_of, scenario_of

BUSY: Final = """\
length: 150 min
warm_up: 30 min
callers:
  handling: {lognormal: 6 min, cv: 0.8}
  patience: {exponential: 8 min}
  callback: {share: 50 %, after: 40 s, reached: 60 %, answer: {lognormal: 12 s, cv: 0.4}}
  redials: 30 %
  redial_after: 5 min
  kinds:
    - {name: emergency, weight: 1, priority: emergency, patience: never}
    - {name: usual, weight: 9}
staff:
  answer: {lognormal: 5 s, cv: 0.5}
  misses: 5 %
  wrap_up: {exponential: 2 min}
  breaks: {after: 40 min, length: 15 min}
regions:
  north: {calls_per_hour: 24, nurses: [5,2,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3]}
  south: {calls_per_hour: 60, nurses: 8}
policies:
  rung_back: {share: {after: 2 min}, callbacks: {within: 2 h}}
  on_the_line: {share: {after: 2 min}}
"""
EXACT: Final = BUSY.replace(BUSY[BUSY.index("staff:") : BUSY.index("regions:")], "")
FAULTS: Final = """\
faults:
  crash_every: 11 min
  reports: {late: 10 %, late_by: {exponential: 20 s}, twice: 10 %}
"""


def check_ends(found: Figures) -> None:
    """Every caller ended once, and no part of them lacks any."""
    for part in (found["total"], *found["regions"].values(), *found["kinds"].values()):
        ends = sum(part[name] for name in ("answered", "abandoned", "rejected", "not_reached"))
        assert part["offered"] == ends
        assert part["not_reached"] <= part["callbacks"] <= part["offered"]
    for name in ("callbacks", "not_reached"):
        assert sum(one[name] for one in found["kinds"].values()) == found["total"][name]


@pytest.mark.parametrize("text", [BUSY, EXACT], ids=["staffed", "exact"])
def test_every_caller_ends_once_and_emergencies_stay_on_the_line(text: str, tmp_path: Path) -> None:
    found = result_of(text, tmp_path)
    check_ends(found)
    assert found["total"]["callbacks"] > 20
    assert found["total"]["not_reached"] > 0
    assert found["kinds"]["emergency"]["callbacks"] == 0


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("text", [BUSY, EXACT], ids=["staffed", "exact"])
def test_crashes_and_late_reports_lose_none_of_them(text: str, seed: int, tmp_path: Path) -> None:
    scenario = scenario_of(FAULTS + text, tmp_path)
    run = Run(scenario, "rung_back", seed, checks=True, follow=[Auditor().follow])
    found = result(scenario, run.go())
    check_ends(found)
    assert found["total"]["callbacks"] > 5


def test_an_engine_that_dies_changes_nothing(tmp_path: Path) -> None:
    dying = result_of(FAULTS.partition("  reports")[0] + BUSY, tmp_path)
    for name, figures in result_of(BUSY, tmp_path).items():
        assert name in ("records", "digest") or dying[name] == figures


def unchecked(text: str, folder: Path, policy: str = "rung_back") -> Figures:
    """What comes of it."""
    scenario = scenario_of(text, folder)
    return result(scenario, Run(scenario, policy, 1).go())


def test_nobody_is_rung_back_unless_the_policy_says_so(tmp_path: Path) -> None:
    found = unchecked(BUSY, tmp_path, "on_the_line")
    check_ends(found)
    assert found["total"]["callbacks"] == 0
    without = "\n".join(line for line in BUSY.splitlines() if "callback:" not in line)
    assert "not_reached" not in unchecked(without, tmp_path)["total"]


def test_who_is_told_of_a_short_wait_stays_on_the_line(tmp_path: Path) -> None:
    asked = [
        unchecked(BUSY.replace("after: 40 s,", f"told: {told},"), tmp_path)["total"]["callbacks"]
        for told in ("0 s", "5 min", "24 h")
    ]
    assert asked[0] > asked[1] > asked[2] == 0


ALONE: Final = """\
length: 3 h
callers:
  handling: 10 min
  patience: never
  callback: {share: 100 %, after: 1 min, reached: 0 %}
staff: {answer: 5 s}
regions:
  north: {calls_per_hour: 12, nurses: 1}
policies:
  rung_back: {callbacks: {within: 2 h, dial: 20 s, retry_after: [5 min, 15 min]}}
"""


def test_who_never_answers_is_rung_three_times_and_rests_between(tmp_path: Path) -> None:
    rung: dict[str, list[int]] = {}
    failed: dict[str, list[tuple[int, int | None]]] = {}
    stories: list[Story] = []

    def follow(record: Record) -> None:
        for event in record.events:
            if isinstance(event, ev.CallbackDialled):
                rung.setdefault(event.contact_id, []).append(record.at_ms)
            elif isinstance(event, ev.CallbackNotReached):
                told = record.at_ms, event.not_before_ms
                failed.setdefault(event.contact_id, []).append(told)

    run = Run(scenario_of(ALONE, tmp_path), "rung_back", 1, checks=True, follow=[follow])
    run.tally.ended = stories.append
    run.go()
    ended = Counter(story.ended for story in stories)
    assert ended[Ended.NOT_REACHED] == len(failed) > 10
    assert ended[Ended.NOT_REACHED] + ended[Ended.ANSWERED] == len(stories)
    for name, tries in failed.items():
        assert [at_ms for at_ms, _ in tries] == [at_ms + 20 * SECOND_MS for at_ms in rung[name]]
        rests = [until - at if until is not None else None for at, until in tries]
        assert rests == [5 * MINUTE_MS, 15 * MINUTE_MS, None]
    last = {name: tries[-1][0] - MIDNIGHT_MS for name, tries in failed.items()}
    gone = {
        story.call.arrived_ms + story.wait_ms
        for story in stories
        if story.ended is Ended.NOT_REACHED
    }
    assert gone == set(last.values())


def test_who_answers_has_waited_until_he_talks_with_the_nurse(tmp_path: Path) -> None:
    text = ALONE.replace("reached: 0 %", "answer: 8 s")
    waits: dict[str, int] = {}
    dialled: dict[str, int] = {}

    def follow(record: Record) -> None:
        for event in record.events:
            if isinstance(event, ev.CallbackDialled):
                dialled[event.contact_id] = record.at_ms
            elif isinstance(event, ev.ContactConnected) and event.contact_id in dialled:
                waits[event.contact_id] = event.wait_ms
                assert record.at_ms == dialled[event.contact_id] + 8 * SECOND_MS

    scenario = scenario_of(text, tmp_path)
    run = Run(scenario, "rung_back", 1, checks=True, follow=[follow])
    stories: list[Story] = []
    run.tally.ended = stories.append
    found = result(scenario, run.go())["total"]
    assert found["callbacks"] == len(waits) > 10
    assert found["answered"] == found["offered"]
    assert set(waits.values()) <= {story.wait_ms for story in stories}
    assert all(wait_ms > MINUTE_MS for wait_ms in waits.values())


def test_as_many_wait_as_little_says_on_the_line_and_off_it(tmp_path: Path) -> None:
    """Their mean number is the arrival rate times the mean stay: of all who wait, and of those on
    the line, who leave it when they are answered, give up, or are to be rung back."""
    anywhere, on_line = 0, 0
    since: dict[str, int] = {}
    waiting: set[str] = set()
    away: set[str] = set()
    stays, last_ms = 0, 0

    def follow(record: Record) -> None:
        nonlocal anywhere, on_line, stays, last_ms
        passed_ms, last_ms = record.at_ms - last_ms, record.at_ms
        anywhere += len(waiting) * passed_ms
        on_line += len(waiting - away) * passed_ms
        for event in record.events:
            if isinstance(event, ev.ContactEnqueued):
                waiting.add(event.contact_id)
                since[event.contact_id] = record.at_ms
            elif isinstance(event, ev.CallbackAwaited):
                away.add(event.contact_id)
                stays += record.at_ms - since[event.contact_id]
            elif isinstance(event, (ev.ContactConnected, ev.ContactEnded)):
                if event.contact_id in waiting - away:
                    stays += record.at_ms - since[event.contact_id]
                waiting.discard(event.contact_id)

    scenario = scenario_of(EXACT.replace("warm_up: 30 min\n", ""), tmp_path)
    run = Run(scenario, "rung_back", 1, follow=[follow])
    run.go()
    in_books = sum(cell.wait_ms for cell in run.tally.cells.values())
    assert in_books == anywhere > on_line == stays > 0


def test_a_group_never_begins_a_call_with_more_at_work_than_planned(tmp_path: Path) -> None:
    scenario = scenario_of(BUSY.replace("misses: 5 %", "misses: 0 %"), tmp_path)
    plan = scenario.regions[0].staff[0].nurses
    busy: set[str] = set()
    too_many: list[int] = []

    def follow(record: Record) -> None:
        hour = (record.at_ms - MIDNIGHT_MS) // (60 * MINUTE_MS)
        for event in record.events:
            if isinstance(event, ev.ContactOffered) and event.agent_id.startswith("north"):
                busy.add(event.agent_id)
                if len(busy) > plan[hour % 24]:
                    too_many.append(record.number)
            elif isinstance(event, (ev.OfferRevoked, ev.WrapUpEnded, ev.CallbackNotReached)):
                busy.discard(event.agent_id)

    for seed in range(1, 7):
        busy.clear()
        Run(scenario, "rung_back", seed, follow=[follow]).go()
    assert too_many == []


def test_nurses_who_rang_in_vain_still_go_home_and_have_their_breaks(tmp_path: Path) -> None:
    text = BUSY.replace("reached: 60 %", "reached: 10 %").replace("share: 50 %", "share: 90 %")
    text = text.replace("handling: {lognormal: 6 min, cv: 0.8}", "handling: 6 min")
    scenario = scenario_of(text, tmp_path)
    resting: dict[str, int] = {}

    def follow(record: Record) -> None:
        for event in record.events:
            if isinstance(event, ev.AgentBecameNotReady):
                resting[event.agent_id] = record.at_ms
            elif isinstance(event, (ev.AgentBecameReady, ev.AgentSignedOff)):
                resting.pop(event.agent_id, None)
        assert all(record.at_ms - at_ms < 40 * MINUTE_MS for at_ms in resting.values())

    for seed in (1, 2, 3):
        resting.clear()
        Run(scenario, "rung_back", seed, follow=[follow]).go()


def test_the_tables_and_the_report_tell_of_them(tmp_path: Path) -> None:
    scenario = scenario_of(BUSY, tmp_path)
    told = whole(
        scenario,
        ["rung_back", "on_the_line"],
        run_all(scenario, jobs_of(["rung_back", "on_the_line"], 1, 1)),
    )
    page = report(told)
    assert "Bad bli uppringda" in page
    assert "Asked for a callback" in page
    out = io.StringIO()
    print_tables(told, Console(file=out, width=100, highlight=False))
    assert "rung back" in out.getvalue()
    first = told["policies"][0]["total"]
    assert f" {first['callbacks']} " in out.getvalue()


def test_it_must_be_said_how_many_ask(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="share"):
        scenario_of(BUSY.replace("share: 50 %, ", ""), tmp_path)
