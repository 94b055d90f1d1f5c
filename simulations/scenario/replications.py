"""Several seeds and policies: the same callers under each policy, and what chance makes of it.

House rules: a replication is a run of one seed, and every policy sees the same seeds (common random
numbers). Intervals are Student's, of 95 %.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from math import sqrt
from pathlib import Path
from typing import Any, Final

from simulations.scenario.calls_file import CallsWriter
from simulations.scenario.model import Scenario
from simulations.scenario.results import DIGITS, Figures, result
from simulations.scenario.run import Run
from simulations.scenario.workers import shared

_STUDENT_95: Final = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
"""The 97.5 % point of Student's t, by degrees of freedom from 1 to 30."""
_NORMAL_95: Final = 1.96

Progress = Callable[[int, float], None]
"""Told of a run, by its number from 0, what part of it is done, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run that is to be made."""

    policy: str
    seed: int
    checks: bool = False
    """All invariants after every command."""
    contacts: Path | None = None
    """Where what becomes of each call is to be written."""


def jobs_of(
    policies: Sequence[str],
    seed: int,
    replications: int,
    *,
    checks: bool = False,
    contacts_in: Path | None = None,
) -> list[Job]:
    """Every policy under every seed, the seeds following each other.

    Args:
        contacts_in: the folder for a file of calls of each run; None: no such files.
    """
    return [
        Job(
            policy,
            each,
            checks,
            contacts_in / f"contacts-{policy}-{each}.csv" if contacts_in is not None else None,
        )
        for each in range(seed, seed + replications)
        for policy in policies
    ]


def as_finished(
    scenario: Scenario, jobs: Sequence[Job], processes: int = 1, progress: Progress | None = None
) -> Generator[tuple[int, Figures], None, None]:
    """Each job's number and its result, as they are done, by as many processes as are wanted.

    However it ends, no file stays behind of a run that is not whole.
    """
    tell = progress or (lambda index, part: None)
    try:
        if processes > 1 and len(jobs) > 1:
            yield from shared(partial(_run, scenario), jobs, processes, tell)
            return
        for index, job in enumerate(jobs):
            yield index, _run(scenario, job, partial(tell, index))
    finally:
        for job in jobs:
            if job.contacts is not None:
                _unfinished(job.contacts).unlink(missing_ok=True)


def run_all(
    scenario: Scenario,
    jobs: Sequence[Job],
    processes: int = 1,
    progress: Callable[[float], None] | None = None,
) -> list[Figures]:
    """The results in the order of the jobs, however many processes share the work.

    Args:
        progress: told what part of it all is done, from 0 to 1.
    """
    parts = [0.0] * len(jobs)

    def tell(index: int, part: float) -> None:
        parts[index] = part
        if progress is not None:
            progress(sum(parts) / len(parts))

    found: dict[int, Figures] = {}
    with closing(as_finished(scenario, jobs, processes, tell)) as runs:
        for index, figures in runs:
            found[index] = figures
            tell(index, 1.0)
    return [found[index] for index in range(len(jobs))]


def _run(scenario: Scenario, job: Job, tell: Callable[[float], None]) -> Figures:
    run = Run(scenario, job.policy, job.seed, checks=job.checks, progress=tell)
    with unhurried_collector():
        if job.contacts is None:
            return result(scenario, run.go())
        # Under its own name only when it is whole: a run may be ended in the middle.
        unfinished = _unfinished(job.contacts)
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            writer = CallsWriter(file)
            run.tally.came, run.tally.ended = writer.came, writer.ended
            found = result(scenario, run.go())
    unfinished.replace(job.contacts)
    return found


def _unfinished(contacts: Path) -> Path:
    return contacts.with_name(f"{contacts.name}.part")


@contextmanager
def unhurried_collector() -> Iterator[None]:
    """Does not look again and again for cycles in what was there before, while a run goes on."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def together(results: Sequence[Figures]) -> Figures:
    """Means over the replications of one policy; `interval95` has the half-widths, from two on."""
    whole: Figures = {"policy": results[0]["policy"], "seeds": [one["seed"] for one in results]}
    for part in _PARTS:
        if part not in results[0]:
            continue
        values = [one[part] for one in results]
        whole[part] = _mean(values)
        if len(results) > 1:
            whole.setdefault("interval95", {})[part] = _half_width(values)
    whole["pairs"] = _pairs(results)
    whole["course"] = _courses(results)
    whole["digests"] = [one["digest"] for one in results]
    return whole


_PARTS: Final = ("total", "regions", "kinds", "priorities", "channels")
"""The last only where there are several."""


def _mean(values: Sequence[Any]) -> Any:
    first = values[0]
    if isinstance(first, dict):
        return {name: _mean([value[name] for value in values]) for name in first}
    numbers = _numbers(values)
    if isinstance(first, str):
        return first
    if not numbers:
        return None
    return numbers[0] if len(values) == 1 else round(sum(numbers) / len(numbers), DIGITS)


def _half_width(values: Sequence[Any]) -> Any:
    first = values[0]
    if isinstance(first, dict):
        return {
            name: _half_width([value[name] for value in values])
            for name, one in first.items()
            if not isinstance(one, str)
        }
    numbers = _numbers(values)
    return None if len(numbers) < 2 else round(half_width(numbers), DIGITS)


def half_width(numbers: Sequence[float]) -> float:
    """Of the 95 % interval of their mean, two at least (Student)."""
    count = len(numbers)
    mean = sum(numbers) / count
    spread = sum((number - mean) ** 2 for number in numbers) / (count - 1)
    point = _STUDENT_95[count - 2] if count - 2 < len(_STUDENT_95) else _NORMAL_95
    return point * sqrt(spread / count)


def _numbers(values: Sequence[Any]) -> list[float]:
    return [value for value in values if isinstance(value, (int, float))]


def _pairs(results: Sequence[Figures]) -> list[Figures]:
    sums: dict[tuple[str, str], list[float]] = {}
    for one in results:
        for pair in one["pairs"]:
            found = sums.setdefault((pair["home"], pair["answering"]), [0.0, 0.0])
            found[0] += pair["calls"]
            found[1] += pair["minutes"]
    count = len(results)
    return [
        {
            "home": home,
            "answering": answering,
            "calls": round(calls / count, 2),
            "minutes": round(minutes / count, 2),
        }
        for (home, answering), (calls, minutes) in sorted(sums.items())
    ]


def _courses(results: Sequence[Figures]) -> list[Figures]:
    order = {code: index for index, code in enumerate(results[0]["regions"])}
    rows: dict[tuple[int, int], list[Figures]] = {}
    for one in results:
        for row in one["course"]:
            rows.setdefault((row["at_minute"], order[row["region"]]), []).append(row)
    return [_moment(found, len(results)) for _, found in sorted(rows.items())]


def _moment(rows: Sequence[Figures], replications: int) -> Figures:
    """One part of the week; the mean wait is that of all their calls.

    A replication that had none of it, as it was over, had no calls then; its nurses do not count.
    """
    offered = [row["offered"] for row in rows]
    waits = [(row["mean_wait_ms"] or 0.0) * row["offered"] for row in rows]
    calls = {name: sum(row[name] for row in rows) for name in _COUNTED}
    return {
        **_mean(rows),
        "at_minute": rows[0]["at_minute"],
        **{name: _each(count, replications) for name, count in calls.items()},
        "mean_wait_ms": round(sum(waits) / sum(offered), 3) if sum(offered) else None,
    }


def _each(count: float, replications: int) -> float:
    return count if replications == 1 else round(count / replications, DIGITS)


_COUNTED: Final = ("offered", "answered", "abandoned", "unfinished", "answered_within_target")
"""Calls of a part of the week."""
