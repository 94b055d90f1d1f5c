"""How right what a scenario's callers are told of their waits would be.

Of those only who were not answered at once and did not give up: of the others nobody knows what
they would have waited.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from simulations.estimates import Estimates, accuracy, accuracy_by_wait
from simulations.scenario.model import Scenario
from simulations.scenario.replications import Job, Progress
from simulations.scenario.results import Figures
from simulations.scenario.run import Run


def expected_waits(
    scenario: Scenario, jobs: Sequence[Job], progress: Progress | None = None
) -> list[Figures]:
    """Of each policy, all its seeds together: by place alone, and by history, as is told."""
    found: dict[str, Estimates] = {}
    for index, job in enumerate(jobs):
        estimates = found.setdefault(job.policy, Estimates())
        tell = partial(progress, index) if progress is not None else None
        Run(scenario, job.policy, job.seed, watch=estimates.watch, progress=tell).go()
        estimates.forget()
        if tell is not None:
            tell(1.0)
    return [
        {
            "policy": policy,
            **{
                form: {**accuracy(told), "by_wait": accuracy_by_wait(told)}
                for form, told in (
                    ("by_place", estimates.by_place),
                    ("by_history", estimates.by_history),
                )
            },
        }
        for policy, estimates in found.items()
    ]
