"""`samko staff`: how many nurses a target needs, each region alone and all sharing."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, Final

from queue_engine.cli.commands import Commands, Group

if TYPE_CHECKING:
    from simulations.scenario.model import Scenario
    from simulations.staffing.search import Judged, Staffed, Tell

_MORE: Final = """\
SCENARIO as for `samko simulate`: its callers and their demand are kept, its
nurses are what is asked for. Erlang A guesses, half-hour by half-hour; runs of
the scenario judge each region, and nurses come or go until the target holds
with the fewest. First every region is alone, then it shares by a policy. The
proportions of a region's groups of nurses stay. --out writes the scenario with
the nurses that were found, for `samko simulate`. Ctrl-C ends it, and tells what
was found.

  samko staff nation --target "80 % in 3 min" --out staffing.yaml

docs/STAFFING.md says how, and what it does not know.

Exit codes: 0 well, 1 something is wrong, 4 the target is missed somewhere,
130 ended by Ctrl-C.
"""
EXIT_MISSED: Final = 4
EXIT_INTERRUPTED: Final = 130
"""As a shell says it of who was ended by Ctrl-C."""
REPLICATIONS_MAX: Final = 100
JOBS_MAX: Final = 64


def add(commands: Commands) -> None:
    """`samko staff`."""
    summary = "how many nurses a target needs, by the half-hour, alone and shared"
    parser = commands.add("staff", run, Group.AHEAD, summary, more=_MORE)
    parser.add_argument("scenario", metavar="SCENARIO", help="a file or a name")
    parser.add_argument(
        "--target",
        default="80 % in 3 min",
        metavar="WORDS",
        help='what each region\'s callers are to have ("80 %% in 3 min")',
    )
    parser.add_argument(
        "--occupancy-max", metavar="SHARE", help='how busy nurses may be, as in "85 %%"'
    )
    parser.add_argument(
        "--step",
        choices=("half-hour", "hour"),
        default="half-hour",
        help="for how long a number of nurses holds (half-hour)",
    )
    parser.add_argument(
        *("-p", "--policy"),
        metavar="NAME",
        help="the policy to share by (the first of the file under which a region takes part)",
    )
    parser.add_argument("--seed", type=int, default=1, help="the first replication's seed (1)")
    parser.add_argument(
        *("-r", "--replications"), type=int, default=2, metavar="K", help="seeds that judge (2)"
    )
    parser.add_argument(
        *("-j", "--jobs"), type=int, default=1, metavar="J", help="processes that share it (1)"
    )
    parser.add_argument(
        *("-o", "--out"), type=Path, metavar="FILE", help="the scenario with this staffing"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(chosen: argparse.Namespace) -> int:
    """Searches, and tells what it found."""
    from queue_engine.core.errors import BadInput
    from simulations.scenario.file import load_scenario
    from simulations.scenario.library import found
    from simulations.staffing.load import Step
    from simulations.staffing.search import Runs, Search
    from simulations.staffing.target import read_target
    from simulations.staffing.written import scenario_with

    target = read_target(chosen.target, chosen.occupancy_max)
    if not 1 <= chosen.replications <= REPLICATIONS_MAX or not 1 <= chosen.jobs <= JOBS_MAX:
        raise BadInput(
            f"--replications is from 1 to {REPLICATIONS_MAX}, --jobs from 1 to {JOBS_MAX}"
        )
    path = found(chosen.scenario)
    scenario = load_scenario(path)
    if chosen.out is not None:
        _try_to_write(chosen.out)
    policy = _policy(scenario, chosen.policy)
    runs = Runs(chosen.seed, chosen.replications, chosen.jobs)
    results: list[Staffed] = []
    is_ended = False
    try:
        with _progress() as tell:
            search = Search(scenario, target, runs, Step(chosen.step), tell)
            results.append(search.alone(policy or scenario.policies[0][0]))
            if policy is not None:
                results.append(search.shared(policy, results[0]))
    except KeyboardInterrupt:
        is_ended = True
        what = "here is each region alone" if results else "nothing was found yet"
        print(f"samko: ended by you; {what}.", file=sys.stderr)
    if results:
        _tell(_whole(scenario, chosen, results), is_json=chosen.json)
        if chosen.out is not None:
            text = scenario_with(path, chosen.out, results, target)
            chosen.out.write_text(text, encoding="utf-8")
    if is_ended:
        return EXIT_INTERRUPTED
    return EXIT_MISSED if any(one.missed for one in results) else 0


def _tell(whole: dict[str, Any], *, is_json: bool) -> None:
    if is_json:
        print(json.dumps(whole, ensure_ascii=False, indent=1))
        return
    from queue_engine.cli.staff_tables import print_staffing

    print_staffing(whole)


def _policy(scenario: Scenario, name: str | None) -> str | None:
    """What is shared by; None: nothing is."""
    from queue_engine.core.errors import BadInput
    from simulations.staffing.search import shares

    known = [name for name, _ in scenario.policies]
    if name is not None and name not in known:
        raise BadInput(f"no policy {name!r} in the scenario; it has {', '.join(known)}")
    sharing = [known_name for known_name, policy in scenario.policies if shares(policy)]
    if name is not None and name not in sharing:
        raise BadInput(f"under policy {name!r} no region takes part: there is nothing to share by")
    return name or next(iter(sharing), None)


def _whole(
    scenario: Scenario, chosen: argparse.Namespace, results: list[Staffed]
) -> dict[str, Any]:
    """Everything that is told, in plain values."""
    from simulations.staffing.ladder import hours_a_week, nurse_hours

    return {
        "scenario": scenario.name,
        "target": chosen.target,
        "occupancy_max": chosen.occupancy_max,
        "step": chosen.step,
        "seed": chosen.seed,
        "replications": chosen.replications,
        "regions": {
            region.code: {
                "name": region.name,
                "calls_per_week": round(hours_a_week(region.calls_per_hour), 1),
            }
            for region in scenario.regions
        },
        "staffings": [
            {
                "policy": one.policy,
                "hours_per_week": one.hours_per_week,
                "rounds": one.rounds,
                "missed": one.missed,
                "regions": {
                    code: {
                        "nurses": [round(sum(groups)) for groups in zip(*rung, strict=True)],
                        "groups": [[round(nurses) for nurses in group] for group in rung],
                        "hours_per_week": nurse_hours(rung),
                        "answered_within": one.judged[code].answered_within,
                        "answered_within_other_seeds": one.confirmed[code].answered_within,
                        "worst_hour": _hour(one.judged[code]),
                        "occupancy": one.judged[code].occupancy,
                    }
                    for code, rung in one.nurses.items()
                },
            }
            for one in results
        ],
    }


def _hour(judged: Judged) -> dict[str, Any] | None:
    return asdict(judged.worst_hour) if judged.worst_hour is not None else None


def _try_to_write(out: Path) -> None:
    """Before hours of work, not after."""
    from queue_engine.core.errors import BadInput

    try:
        TemporaryFile(dir=out.parent).close()
    except OSError as fault:
        raise BadInput(
            f"--out {out}: cannot be written ({fault.strerror}); choose another folder"
        ) from None


@contextmanager
def _progress() -> Iterator[Tell]:
    """How far each round is, on a terminal, and only there."""
    if not sys.stderr.isatty():
        yield lambda what, part: None
        return
    from queue_engine.cli.simulate_progress import bars

    with bars() as progress:
        task = progress.add_task("", total=1.0)
        now = ""

        def tell(what: str, part: float) -> None:
            nonlocal now
            if what != now:
                now = what
                progress.reset(task)
            progress.update(task, description=what, completed=part)

        yield tell
