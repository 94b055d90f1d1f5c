"""Whatever nurses and reports do, every caller ends once and no request of theirs is refused."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.simulations.scenario_files import result_of


def drawn(seed: int) -> str:
    """A scenario in which staffing jumps by the hour and everybody has her own ways."""
    draws = random.Random(seed)

    def one_of(*values: str | int) -> str:
        return str(draws.choice(values))

    def nurses(most: int) -> list[int]:
        return [draws.randint(0, most) for _ in range(24)]

    faults = one_of(
        "{}",
        "{crash_every: 20 min}",
        "{reports: {late: 30 %, late_by: {exponential: 2 s}, twice: 20 %}}",
    )
    return f"""\
length: 10 h
callers:
  menu: {one_of("0 s", "15 s")}
  handling: {{lognormal: {one_of(3, 6, 30)} min, cv: 0.8}}
  patience: {{exponential: {one_of(1, 8)} min}}
  redials: 50 %
  redial_after: {{exponential: 2 min}}
staff:
  answer: {one_of("0 s", "{lognormal: 5 s, cv: 0.5}", "{exponential: 20 s}")}
  misses: {one_of(0, 5, 30)} %
  wrap_up: {one_of("0 s", "{exponential: 2 min}", "{exponential: 12 min}", "20 min")}
  lateness: {one_of("0 s", "{exponential: 10 min}")}
  breaks: {{after: {one_of(15, 40, 60)} min, length: {one_of(5, 30)} min}}
regions:
  north: {{calls_per_hour: {one_of(5, 24)}, nurses: {nurses(5)}}}
  south: {{calls_per_hour: {one_of(20, 60)}, nurses: {nurses(9)}}}
faults: {faults}
policies:
  shared: {{share: {{after: {one_of(0, 2)} min}}, reserve: {one_of(0, 1)}}}
"""


SHORT = (0, 6, 20)


@pytest.mark.parametrize(
    "seed",
    [seed if seed in SHORT else pytest.param(seed, marks=pytest.mark.soak) for seed in range(100)],
)
def test_every_caller_ends_once_and_nobody_asks_what_is_refused(seed: int, tmp_path: Path) -> None:
    total = result_of(drawn(seed), tmp_path, seed=seed)["total"]
    assert total["offered"] == total["answered"] + total["abandoned"] + total["rejected"]
    assert total["answered"] > 0
