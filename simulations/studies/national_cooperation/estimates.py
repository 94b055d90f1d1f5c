"""What is measured of each run, its mean over the seeds, and how sure that is.

House rules: runs are compared seed by seed, with the same callers; intervals are Student's, of
95 %. An estimate is `{"mean": ..., "plus_minus": ...}`; of a single seed the second is None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from simulations.scenario.replications import half_width, jobs_of, run_all
from simulations.scenario.results import Figures
from simulations.studies.national_cooperation.scenes import Effort, Scene

DIGITS: Final = 3
Tell = Callable[[str], None]
Runs = Mapping[str, Sequence[Figures]]
"""By policy, the results in the order of the seeds."""


def run_scene(scene: Scene, effort: Effort) -> Runs:
    """All rules of a scene under all seeds."""
    policies = [name for name, _ in scene.scenario.policies]
    jobs = jobs_of(policies, effort.first_seed, effort.seeds)
    results = run_all(scene.scenario, jobs)
    return {
        policy: [result for job, result in zip(jobs, results, strict=True) if job.policy == policy]
        for policy in policies
    }


def run_scenes(scenes: Sequence[Scene], effort: Effort, tell: Tell) -> dict[str, Runs]:
    """All scenes by name, one after the other; says before each which it is."""
    found: dict[str, Runs] = {}
    for number, scene in enumerate(scenes, 1):
        tell(f"{number} of {len(scenes)}: {scene.name}")
        found[scene.name] = run_scene(scene, effort)
    return found


def estimate(values: Sequence[float]) -> Figures:
    """The mean of one value per seed."""
    mean = sum(values) / len(values)
    sure = round(half_width(values), DIGITS) if len(values) > 1 else None
    return {"mean": round(mean, DIGITS) + 0.0, "plus_minus": sure}


def ratio(parts: Sequence[float], wholes: Sequence[float]) -> Figures:
    """The ratio of two means in percent, by the jackknife (leave out one seed at a time)."""
    count = len(parts)
    mean = _percent(sum(parts), sum(wholes))
    if count < 2:
        return {"mean": round(mean, DIGITS), "plus_minus": None}
    whole_part, whole = sum(parts), sum(wholes)
    pseudo = [
        count * mean - (count - 1) * _percent(whole_part - part, whole - one)
        for part, one in zip(parts, wholes, strict=True)
    ]
    return {"mean": round(mean, DIGITS), "plus_minus": round(half_width(pseudo), DIGITS)}


def _percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole else 0.0


MEASURES: Final[Mapping[str, Callable[[Figures], float]]] = {
    "mean_wait_s": lambda figures: (figures["mean_wait_ms"] or 0.0) / 1000,
    "within_3_min": lambda figures: 100 * (figures["answered_within"]["3 min"] or 0.0),
    "within_8_min": lambda figures: 100 * (figures["answered_within"]["8 min"] or 0.0),
    "in_promise": lambda figures: 100 * (figures["service_level"] or 0.0),
    "gave_up": lambda figures: _percent(figures["abandoned"], figures["offered"]),
}
"""Waits in seconds from the arrival at the menu; shares in percent of all who called."""


def levels(seeds: Sequence[Figures]) -> Figures:
    """Each measure of some callers, over the seeds."""
    return {name: estimate([of(one) for one in seeds]) for name, of in MEASURES.items()}


def changes(base: Sequence[Figures], other: Sequence[Figures]) -> Figures:
    """How much larger each measure is in the other runs, seed by seed."""
    return {
        name: estimate([of(there) - of(here) for here, there in zip(base, other, strict=True)])
        for name, of in MEASURES.items()
    }


def region(runs: Sequence[Figures], code: str) -> list[Figures]:
    """One region's figures of each seed."""
    return [one["regions"][code] for one in runs]


def total(runs: Sequence[Figures]) -> list[Figures]:
    """All regions' figures of each seed."""
    return [one["total"] for one in runs]


def least(found: Figures) -> float:
    """The lower end of an estimate's interval."""
    return float(found["mean"]) - float(found["plus_minus"] or 0.0)


def most(found: Figures) -> float:
    """The upper end of an estimate's interval."""
    return float(found["mean"]) + float(found["plus_minus"] or 0.0)
