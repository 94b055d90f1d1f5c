"""Processes that share the runs: results, faults, and nobody left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import closing
from pathlib import Path

import pytest

from queue_engine.config.problems import ConfigError, Problem
from queue_engine.core.errors import BadInput
from simulations.scenario.file import load_scenario
from simulations.scenario.replications import jobs_of, run_all
from simulations.scenario.workers import Tell, WorkerLost, shared
from tests.simulations.small_scenario import write_small


def _square(task: int, tell: Tell) -> int:
    tell(0.5)
    return task * task


def _at_fault(task: int, tell: Tell) -> int:
    raise ConfigError([Problem("day.yaml", 3, "length: expected a time, found nothing")])


def _dying(task: int, tell: Tell) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return task


def _interrupted(task: int, tell: Tell) -> int:
    os.kill(os.getpid(), signal.SIGINT)
    return task


def test_every_task_has_its_result_and_tells_how_it_goes() -> None:
    told: list[tuple[int, float]] = []
    found = dict(shared(_square, [3, 4, 5], 2, lambda *each: told.append(each)))
    assert found == {0: 9, 1: 16, 2: 25}
    assert sorted(told) == [(0, 0.5), (1, 0.5), (2, 0.5)]
    assert multiprocessing.active_children() == []


def test_a_fault_of_a_task_arrives_whole_and_ends_the_others() -> None:
    with pytest.raises(ConfigError) as raised:
        list(shared(_at_fault, [1, 2], 2, lambda *each: None))
    assert str(raised.value) == "day.yaml:3: length: expected a time, found nothing"
    assert raised.value.problems[0].line == 3
    assert multiprocessing.active_children() == []


def test_a_process_that_is_killed_is_told_and_not_waited_for() -> None:
    with pytest.raises(WorkerLost, match="the process of run 1 ended with code -9"):
        list(shared(_dying, [1], 1, lambda *each: None))


def test_workers_do_not_hear_ctrl_c() -> None:
    assert dict(shared(_interrupted, [7], 1, lambda *each: None)) == {0: 7}


def test_whoever_has_seen_enough_leaves_no_process_behind() -> None:
    with closing(shared(_square, list(range(50)), 2, lambda *each: None)) as results:
        next(results)
        assert multiprocessing.active_children() != []
    assert multiprocessing.active_children() == []


def test_results_are_the_same_however_many_share_the_work(tmp_path: Path) -> None:
    scenario = load_scenario(write_small(tmp_path))
    jobs = jobs_of(["alone", "together"], 1, 2, contacts_in=tmp_path)
    one = run_all(scenario, jobs, 1)
    calls = {job.contacts: job.contacts.read_bytes() for job in jobs if job.contacts is not None}
    assert len(calls) == 4
    assert run_all(scenario, jobs, 2) == one
    assert {path: path.read_bytes() for path in calls} == calls
    assert list(tmp_path.glob("*.part")) == []


def test_a_fault_in_a_file_of_calls_is_told_from_another_process(tmp_path: Path) -> None:
    path = write_small(tmp_path)
    path.write_text(f"{path.read_text()}contacts: day.csv\n")
    (tmp_path / "day.csv").write_text("arrival_ms,region,handling_ms\n5,west,3\n")
    scenario = load_scenario(path)
    with pytest.raises(BadInput, match=r"day\.csv:2: region: the scenario has no 'west'"):
        run_all(scenario, jobs_of(["alone"], 1, 2), 2)
