"""`samko simulate`: what would come of other nurses, rules or storms, in virtual time."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from queue_engine.cli.commands import Commands, Group

if TYPE_CHECKING:
    from simulations.scenario.model import Scenario
    from simulations.scenario.replications import Job, Progress

_MORE: Final = """\
SCENARIO is a YAML file, or the name of one that comes with Samkö (--list tells
them); docs/SCENARIOS.md says what may stand in it. The same callers ring under
every policy, and the same seed gives the same result, to the last byte.

  samko simulate erlang_a --replications 10
  samko simulate nation --policy alone --policy shipped --out /tmp/nation

With --out: result.json, tables as CSV, report.html with pictures, and with
--contacts also what became of each call, as contacts-POLICY-SEED.csv.
"""
REPLICATIONS_MAX: Final = 10_000
JOBS_MAX: Final = 64


def add(commands: Commands) -> None:
    """`samko simulate`."""
    summary = "try staffing, rules or storms before anybody is hurt by them"
    parser = commands.add("simulate", run, Group.AHEAD, summary, more=_MORE)
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help="a file or a name")
    parser.add_argument("--list", action="store_true", help="the scenarios that come with Samkö")
    parser.add_argument("--seed", type=int, default=1, help="the first replication's seed (1)")
    parser.add_argument(
        *("-p", "--policy"),
        action="append",
        default=[],
        metavar="NAME",
        help="one of the file's; again for another beside it (all of them)",
    )
    parser.add_argument(
        *("-r", "--replications"), type=int, default=1, metavar="K", help="seeds to be run (1)"
    )
    parser.add_argument(
        *("-j", "--jobs"), type=int, default=1, metavar="J", help="processes that share it (1)"
    )
    parser.add_argument("-o", "--out", type=Path, metavar="DIR", help="a folder for the results")
    parser.add_argument("--json", action="store_true", help="print result.json, and nothing else")
    parser.add_argument(
        "--check",
        action="store_true",
        help="hold all invariants after every command, and the promise at every offer (slow)",
    )
    parser.add_argument(
        "--expected-waits",
        action="store_true",
        help="instead: how right what callers are told of their waits would be",
    )
    parser.add_argument("--contacts", action="store_true", help="write each call, too; needs --out")


def run(chosen: argparse.Namespace) -> int:
    """Runs all replications of all policies, and tells what came of them."""
    from queue_engine.core.errors import BadInput
    from simulations.scenario.file import load_scenario
    from simulations.scenario.library import found, names
    from simulations.scenario.replications import jobs_of

    if chosen.list or chosen.scenario is None:
        for name, about in names():
            print(f"{name:<28}{about}")
        return 0
    if not 1 <= chosen.replications <= REPLICATIONS_MAX or not 1 <= chosen.jobs <= JOBS_MAX:
        raise BadInput(
            f"--replications is from 1 to {REPLICATIONS_MAX}, --jobs from 1 to {JOBS_MAX}"
        )
    if chosen.contacts and chosen.out is None:
        raise BadInput("--contacts needs --out DIR: where should the calls be written?")
    scenario = load_scenario(found(chosen.scenario))
    known = [name for name, _ in scenario.policies]
    for name in chosen.policy:
        if name not in known:
            raise BadInput(f"no policy {name!r} in {chosen.scenario}; it has {', '.join(known)}")
    policies = list(dict.fromkeys(chosen.policy)) or known
    jobs = jobs_of(policies, chosen.seed, chosen.replications, checks=chosen.check)
    if chosen.expected_waits:
        from queue_engine.cli.expected_waits import tell_expected_waits

        with _progress(len(jobs)) as tell:
            return tell_expected_waits(scenario, jobs, tell, is_json=chosen.json)
    if chosen.out is not None:
        chosen.out.mkdir(parents=True, exist_ok=True)
    with _progress(len(jobs)) as tell:
        results = _results(scenario, jobs, chosen, tell)
    whole = _whole(scenario, policies, results)
    if chosen.json:
        print(_json(whole))
    else:
        from queue_engine.cli.simulate_tables import print_tables

        print_tables(whole)
    if chosen.out is not None:
        _write(chosen.out, whole)
        if not chosen.json:
            print(f"written to {chosen.out}")
    return 0


def _results(
    scenario: Scenario, jobs: list[Job], chosen: argparse.Namespace, tell: Progress
) -> list[dict[str, Any]]:
    from simulations.scenario.replications import calls_to_file, run_all

    if not chosen.contacts:
        return run_all(scenario, jobs, chosen.jobs, tell)
    return [
        calls_to_file(scenario, job, chosen.out / f"contacts-{job.policy}-{job.seed}.csv", None)
        for job in jobs
    ]


def _whole(
    scenario: Scenario, policies: list[str], results: list[dict[str, Any]]
) -> dict[str, Any]:
    from simulations.scenario.replications import together
    from simulations.scenario.results import target_shown

    return {
        "scenario": scenario.name,
        "target": target_shown(scenario.main_target_ms),
        "replications": len(results) // len(policies),
        "policies": [
            together([one for one in results if one["policy"] == policy]) for policy in policies
        ],
    }


def _json(whole: dict[str, Any]) -> str:
    return json.dumps(whole, ensure_ascii=False, indent=1)


def _write(folder: Path, whole: dict[str, Any]) -> None:
    (folder / "result.json").write_text(_json(whole) + "\n", encoding="utf-8")


@contextmanager
def _progress(runs: int) -> Iterator[Progress]:
    """A bar on a terminal, and only there."""
    if not sys.stderr.isatty():
        yield lambda part: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress as Bar, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{runs} run{'s' if runs > 1 else ''}", total=1.0)
        yield lambda part: bar.update(task, completed=part)
