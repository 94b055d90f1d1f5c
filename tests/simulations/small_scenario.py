"""A scenario of two regions that is over in a moment, and what it came to."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from simulations.scenario.file import load_scenario
from simulations.scenario.replications import jobs_of, run_all
from simulations.scenario.whole import whole

SMALL: Final = """\
# Two regions for two hours, one of them short of nurses in a storm.
name: small <b>storm</b>
length: 2 h
callers:
  handling: {exponential: 5 min}
  patience: {exponential: 5 min}
  kinds:
    - {name: pressing, weight: 1, priority: urgent}
    - {name: advice, weight: 9}
shocks:
  - {from: 30 min, to: 1 h, times: 2, regions: [north]}
regions:
  north: {name: Norr & Öst, calls_per_hour: 36, nurses: 3}
  south: {name: Syd, calls_per_hour: 60, nurses: 7}
policies:
  alone: {share: never}
  together: {share: at_once, home_first: never}
"""


def write_small(folder: Path) -> Path:
    """Its file."""
    path = folder / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@cache
def small_whole(replications: int) -> dict[str, Any]:
    """What result.json says of it."""
    with TemporaryDirectory() as folder:
        scenario = load_scenario(write_small(Path(folder)))
    policies = [name for name, _ in scenario.policies]
    results = run_all(scenario, jobs_of(policies, 1, replications))
    return whole(scenario, policies, results)
