"""Simulates a scenario and prints its results as JSON; runs on any Python from 3.11.

    python3.13 -m tests.simulations.simulated_elsewhere SCENARIO SEED

Another Python has none of our packages, and may be lent those that are Python from beginning to
end. argon2 is not: a scenario reads no PIN, so that nothing stands for it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from unittest.mock import MagicMock

REPLICATIONS = 2


def simulated(path: Path, seed: int) -> str:
    """What `samko simulate` finds for all policies of a scenario, as JSON."""
    from simulations.scenario.file import load_scenario
    from simulations.scenario.replications import jobs_of, run_all
    from simulations.scenario.whole import whole

    scenario = load_scenario(path)
    policies = [name for name, _ in scenario.policies]
    results = run_all(scenario, jobs_of(policies, seed, REPLICATIONS))
    return json.dumps(whole(scenario, policies, results), ensure_ascii=True)


if __name__ == "__main__":
    sys.modules.update({"argon2": MagicMock(), "argon2.exceptions": MagicMock()})
    print(simulated(Path(sys.argv[1]), int(sys.argv[2])))
