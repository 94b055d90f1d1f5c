"""What holds of any scenario: nobody is lost, Little's law, nobody waits while a nurse is free."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from queue_engine.core import events as ev
from queue_engine.core.record import Record
from simulations.scenario.arrivals import calls
from simulations.scenario.run import Run
from tests.properties.auditor import Auditor
from tests.simulations.scenario_files import SMALL, result_of, scenario_of

ROOT: Final = Path(__file__).parents[2]
BUSY: Final = """\
length: 8 h
warm_up: 1 h
callers:
  menu: 15 s
  handling: {lognormal: 6 min, cv: 0.8}
  patience: {exponential: 8 min}
  redials: 50 %
  redial_after: 5 min
  kinds:
    - {name: pressing, weight: 1, priority: urgent}
    - {name: usual, weight: 9}
staff:
  answer: {lognormal: 5 s, cv: 0.5}
  misses: 5 %
  wrap_up: {exponential: 2 min}
  lateness: {exponential: 2 min}
  breaks: {after: 2 h, length: 20 min}
regions:
  north:
    calls_per_hour: 24
    nurses: [3,3,3,3,5,5,2,2,2,2,2,2,3,3,3,3,3,3,3,3,3,3,3,3]
  south: {calls_per_hour: 60, nurses: 8}
shocks:
  - {from: 3 h, to: 4 h, times: 2, regions: [south]}
policies:
  shared: {share: {after: 2 min}, reserve: 1}
"""


@pytest.mark.parametrize("text", [SMALL, BUSY], ids=["small", "busy"])
def test_every_call_that_is_offered_ends_once(text: str, tmp_path: Path) -> None:
    found = result_of(text, tmp_path)
    for part in (found["total"], *found["regions"].values(), *found["kinds"].values()):
        assert part["offered"] == part["answered"] + part["abandoned"] + part["rejected"]
    for name in ("offered", "answered", "abandoned", "answered_elsewhere"):
        for parts in ("regions", "kinds", "priorities"):
            assert sum(one[name] for one in found[parts].values()) == found["total"][name]
    pairs = sum(pair["calls"] for pair in found["pairs"])
    assert pairs == found["total"]["answered_elsewhere"]


def test_as_many_wait_as_little_says(tmp_path: Path) -> None:
    """The mean number waiting is the arrival rate times the mean wait."""
    scenario = scenario_of(SMALL.replace("300 calls", "4000 calls"), tmp_path)
    waited_ms = 0
    waiting, last_ms = 0, 0

    def follow(record: Record) -> None:
        nonlocal waited_ms, waiting, last_ms
        waited_ms += waiting * (record.at_ms - last_ms)
        last_ms = record.at_ms
        for event in record.events:
            if isinstance(event, ev.ContactEnqueued):
                waiting += 1
            elif isinstance(event, ev.ContactConnected) or (
                isinstance(event, ev.ContactEnded) and event.talk_ms == 0
            ):
                waiting -= 1

    run = Run(scenario, "shared", 1, follow=[follow])
    run.go()
    in_books = sum(cell.wait_ms for cell in run.tally.cells.values())
    assert in_books == waited_ms > 0


def test_the_auditor_has_nothing_to_say(tmp_path: Path) -> None:
    scenario = scenario_of(BUSY, tmp_path)
    auditor = Auditor()
    Run(scenario, "shared", 2, checks=True, watch=None, follow=[auditor.follow]).go()


def test_a_group_never_begins_a_call_with_more_at_work_than_planned(tmp_path: Path) -> None:
    scenario = scenario_of(BUSY.replace("misses: 5 %", "misses: 0 %"), tmp_path)
    plan = scenario.regions[0].staff[0].nurses
    busy: set[str] = set()
    too_many: list[int] = []

    def follow(record: Record) -> None:
        hour = (record.at_ms - began_ms) // 3_600_000
        for event in record.events:
            if isinstance(event, ev.ContactOffered) and event.agent_id.startswith("north"):
                busy.add(event.agent_id)
                if len(busy) > plan[hour % 24]:
                    too_many.append(record.number)
            elif isinstance(event, (ev.OfferRevoked, ev.WrapUpEnded)):
                busy.discard(event.agent_id)

    from simulations.world import MIDNIGHT_MS as began_ms

    Run(scenario, "shared", 1, follow=[follow]).go()
    assert too_many == []


def test_the_same_people_call_whatever_the_policy_and_the_staff(tmp_path: Path) -> None:
    few = scenario_of(BUSY, tmp_path)
    many = scenario_of(BUSY.replace("nurses: 8", "nurses: 80"), tmp_path)
    assert list(calls(few, 7)) == list(calls(many, 7)) != list(calls(few, 8))


def test_the_same_seed_gives_the_same_bytes_whatever_python_hashes_by(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(BUSY, encoding="utf-8")
    command = [sys.executable, "-m", "queue_engine.cli", "simulate", str(path), "--json"]
    told = [
        subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
    found: dict[str, Any] = json.loads(told[0])
    assert found["policies"][0]["total"]["offered"] > 400


def test_a_shock_brings_more_calls_while_it_lasts(tmp_path: Path) -> None:
    scenario = scenario_of(BUSY, tmp_path)
    south = [call.arrived_ms // 3_600_000 for call in calls(scenario, 1) if call.region == "south"]
    by_hour = [south.count(hour) for hour in range(8)]
    assert by_hour[3] == max(by_hour)
    assert by_hour[3] > 1.5 * sum(by_hour[:3] + by_hour[4:]) / 7
