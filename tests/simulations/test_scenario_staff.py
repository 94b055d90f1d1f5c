"""Nurses of a scenario who come and go by the hour."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from queue_engine.core import events as ev
from queue_engine.core.record import Record
from routing.policy import MINUTE_MS
from routing.vocabulary import AgentId
from simulations.scenario.results import result
from simulations.scenario.run import Run
from simulations.world import MIDNIGHT_MS
from tests.simulations.scenario_files import scenario_of

FEWER = f"""\
length: 90 min
callers: {{handling: 20 min}}
staff: {{wrap_up: 10 min}}
regions:
  north: {{calls_per_hour: 12, nurses: [3{", 1" * 23}]}}
"""


@pytest.mark.parametrize("seed", range(1, 6))
def test_one_who_is_to_go_may_be_taken_off_by_the_limit_of_her_wrap_up(
    tmp_path: Path, seed: int
) -> None:
    scenario = scenario_of(FEWER, tmp_path)
    name, policy = scenario.policies[0]
    limited = replace(scenario, policies=((name, replace(policy, wrap_up_ms_max=300_000)),))
    found = result(limited, Run(limited, name, seed, checks=True).go())["total"]
    assert found["answered"] == found["offered"]


MISSED = """\
length: 16 h
callers: {handling: 4 min, patience: {exponential: 10 min}}
staff:
  answer: {exponential: 15 s}
  misses: 30 %
  notices: 1 min
  breaks: {length: 10 min, after: 30 min}
regions:
  north: {calls_per_hour: 60, nurses: [5, 2, 5, 1]}
""".replace("[5, 2, 5, 1]", str([5, 2, 5, 1] * 6))


@pytest.mark.parametrize("seed", range(1, 6))
def test_who_misses_a_ring_still_goes_home_comes_again_and_has_her_break(
    tmp_path: Path, seed: int
) -> None:
    """Half past each hour so many are at work as planned, and nobody rests for hours."""
    scenario = scenario_of(MISSED, tmp_path)
    plan = scenario.regions[0].staff[0].nurses
    at_work: set[AgentId] = set()
    not_ready: dict[AgentId, int] = {}
    looked: dict[int, int] = {}

    def follow(record: Record) -> None:
        half_hours = (record.at_ms - MIDNIGHT_MS) // (30 * MINUTE_MS)
        if half_hours % 2 and half_hours < 32:
            looked.setdefault(half_hours // 2, len(at_work))
        for event in record.events:
            match event:
                case ev.AgentSignedOn():
                    at_work.add(event.agent_id)
                case ev.AgentSignedOff():
                    at_work.discard(event.agent_id)
                    not_ready.pop(event.agent_id, None)
                case ev.AgentBecameNotReady():
                    not_ready[event.agent_id] = record.at_ms
                case ev.AgentBecameReady():
                    not_ready.pop(event.agent_id, None)
        assert all(record.at_ms - since_ms < 40 * MINUTE_MS for since_ms in not_ready.values())

    Run(scenario, "alone", seed, follow=[follow]).go()
    assert looked == {hour: plan[hour] for hour in range(16)}
