"""Scenarios for tests, from YAML text."""

from __future__ import annotations

from pathlib import Path

from simulations.scenario.file import load_scenario
from simulations.scenario.model import Scenario
from simulations.scenario.results import Figures, result
from simulations.scenario.run import Run

SMALL = """\
length: 300 calls
callers:
  handling: {exponential: 6 min}
  patience: {exponential: 10 min}
regions:
  north: {calls_per_hour: 24, nurses: 3}
  south: {calls_per_hour: 40, nurses: 4}
policies:
  alone: {share: never}
  shared: {share: {after: 2 min}}
"""


def scenario_of(text: str, folder: Path) -> Scenario:
    """The scenario that the text is."""
    path = folder / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path)


def result_of(text: str, folder: Path, policy: str = "", seed: int = 1) -> Figures:
    """What comes of it, all invariants checked after every command."""
    scenario = scenario_of(text, folder)
    name = policy or scenario.policies[0][0]
    return result(scenario, Run(scenario, name, seed, checks=True).go())
