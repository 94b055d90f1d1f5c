"""`samko simulate`: what would come of other nurses, rules or storms, in virtual time."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, Final

from queue_engine.cli.commands import Commands, Group

if TYPE_CHECKING:
    from simulations.scenario.model import Scenario
    from simulations.scenario.replications import Job

_MORE: Final = """\
SCENARIO is a YAML file, or the name of one that comes with Samkö (--list tells
them); docs/SCENARIOS.md says what may stand in it. The same callers ring under
every policy, and the same seed gives the same result, to the last byte.

  samko simulate three_regions --replications 10 --jobs 2 --out results
  samko simulate nation --policy alone shipped --out results

With --out: report.html with pictures (open it in any browser), result.json,
tables as CSV, and with --contacts also what became of each call, as
contacts-POLICY-SEED.csv. With two replications or more there are intervals of
95 %; policies are held against the first, on the same callers. Ctrl-C ends it
and tells what was finished.
"""
REPLICATIONS_MAX: Final = 10_000
JOBS_MAX: Final = 64
SEED_MAX: Final = 10**15
_SHOWN_MAX: Final = 10
"""Of the columns that are not read."""
EXIT_INTERRUPTED: Final = 130
"""As a shell says it of who was ended by Ctrl-C."""


def add(commands: Commands) -> None:
    """`samko simulate`."""
    summary = "try staffing, rules or storms before anybody is hurt by them"
    parser = commands.add("simulate", run, Group.AHEAD, summary, more=_MORE)
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help="a file or a name")
    parser.add_argument("--list", action="store_true", help="the scenarios that come with Samkö")
    parser.add_argument(
        *("-s", "--seed"),
        type=_whole(0, SEED_MAX),
        default=1,
        metavar="N",
        help="the first replication's seed (1)",
    )
    parser.add_argument(
        *("-p", "--policy"),
        action="append",
        nargs="+",
        default=[],
        metavar="NAME",
        help="one of the file's, or several beside each other (all of them)",
    )
    parser.add_argument(
        *("-r", "--replications"),
        type=_whole(1, REPLICATIONS_MAX),
        default=1,
        metavar="K",
        help="seeds to be run, one after the other (1)",
    )
    parser.add_argument(
        *("-j", "--jobs"),
        type=_whole(1, JOBS_MAX),
        default=1,
        metavar="J",
        help="processes that share the runs (1)",
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


def _whole(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number, and says what one looks like."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text[:20]) <= most:
            raise argparse.ArgumentTypeError(
                f"expected a whole number from {least} to {most}, found {text!r:.40}"
            )
        return int(text)

    return read


def run(chosen: argparse.Namespace) -> int:
    """Runs all replications of all policies, and tells what came of them."""
    from queue_engine.core.errors import BadInput
    from simulations.scenario.file import load_scenario
    from simulations.scenario.library import found, names
    from simulations.scenario.replications import jobs_of

    _take_scenario(chosen)
    if chosen.scenario is None and chosen.policy and not chosen.list:
        raise BadInput(
            f"--policy {chosen.policy[0]:.40}: of which SCENARIO? samko simulate --list tells"
            " those there are"
        )
    if chosen.list or chosen.scenario is None:
        for name, about in names():
            print(f"{name:<16}{about}")
        return 0
    if chosen.contacts and chosen.out is None:
        raise BadInput("--contacts needs --out DIR: where should the calls be written?")
    scenario = load_scenario(found(chosen.scenario))
    _check_calls(scenario)
    policies = _policies(scenario, chosen)
    if chosen.expected_waits:
        from queue_engine.cli.expected_waits import tell_expected_waits
        from queue_engine.cli.simulate_progress import progressing

        jobs = jobs_of(policies, chosen.seed, chosen.replications)
        with progressing(jobs) as tell:
            return tell_expected_waits(scenario, jobs, tell, is_json=chosen.json)
    if chosen.out is not None:
        _make_folder(chosen.out)
    contacts_in = chosen.out if chosen.contacts else None
    jobs = jobs_of(
        policies,
        chosen.seed,
        chosen.replications,
        checks=chosen.check,
        contacts_in=contacts_in,
    )
    finished, is_whole = _run_all(scenario, jobs, chosen.jobs)
    results = finished if is_whole else _paired(finished, len(policies))
    if not is_whole:
        _tell_interrupted(len(finished), len(jobs), len(results) // len(policies))
    if results:
        _tell(scenario, policies, results, chosen)
    return 0 if is_whole else EXIT_INTERRUPTED


def _take_scenario(chosen: argparse.Namespace) -> None:
    """Makes `policy` one list of names, without the scenario if that stands behind one of them.

    argparse takes the last word of `--policy alone NATION` for one more policy.
    """
    named: list[list[str]] = chosen.policy
    if chosen.scenario is None and not chosen.list:
        several = [names for names in named if len(names) > 1]
        if several:
            chosen.scenario = several[-1].pop()
    chosen.policy = [name for names in named for name in names]


def _check_calls(scenario: Scenario) -> None:
    """Before hours of work. Nobody should think that a column or a call counts that does not."""
    from simulations.scenario.calls_file import check_calls

    if scenario.contacts is None:
        return
    names, left_out = check_calls(scenario)
    if left_out:
        print(f"samko: {scenario.contacts.name}: {left_out}", file=sys.stderr)
    if names:
        more = f" and {len(names) - _SHOWN_MAX} more" if len(names) > _SHOWN_MAX else ""
        told = f"{', '.join(names[:_SHOWN_MAX])}{more}"
        print(f"samko: {scenario.contacts.name}: columns not read: {told}", file=sys.stderr)


def _policies(scenario: Scenario, chosen: argparse.Namespace) -> list[str]:
    """Those that were asked for, each once, else all."""
    from queue_engine.config.wording import did_you_mean
    from queue_engine.core.errors import BadInput

    known = [name for name, _ in scenario.policies]
    for name in chosen.policy:
        if name not in known:
            raise BadInput(
                f"there is no policy {name!r:.40} in {chosen.scenario}"
                f"{did_you_mean(name, known) or '.'} It has {', '.join(known)}."
            )
    return list(dict.fromkeys(chosen.policy)) or known


def _make_folder(folder: Path) -> None:
    """Before hours of work, not after."""
    from queue_engine.core.errors import BadInput

    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Nothing stays behind of a run that is ended before there is anything to tell.
        TemporaryFile(dir=folder).close()
    except OSError as fault:
        raise BadInput(
            f"--out {folder}: cannot be written to ({fault.strerror}); choose another folder"
        ) from None


def _run_all(
    scenario: Scenario, jobs: list[Job], processes: int
) -> tuple[list[dict[str, Any]], bool]:
    """The results of the runs that were finished, in order, and whether these are all."""
    from queue_engine.cli.simulate_progress import progressing
    from simulations.scenario.replications import as_finished

    found: dict[int, dict[str, Any]] = {}
    try:
        with (
            progressing(jobs) as tell,
            closing(as_finished(scenario, jobs, processes, tell)) as runs,
        ):
            for index, result in runs:
                found[index] = result
                tell(index, 1.0)
    except KeyboardInterrupt:
        return [found[index] for index in sorted(found)], False
    return [found[index] for index in range(len(jobs))], True


def _paired(results: list[dict[str, Any]], policies: int) -> list[dict[str, Any]]:
    """Of the seeds alone that every policy has run: others cannot be compared."""
    seeds = [result["seed"] for result in results]
    return [result for result in results if seeds.count(result["seed"]) == policies]


def _tell_interrupted(finished: int, runs: int, replications: int) -> None:
    what = (
        f"here is what {replications} whole replication{'s' if replications > 1 else ''} say"
        if replications
        else "no replication is whole, so there is nothing to compare"
    )
    print(f"samko: ended by you after {finished} of {runs} runs; {what}.", file=sys.stderr)


def _tell(
    scenario: Scenario,
    policies: list[str],
    results: list[dict[str, Any]],
    chosen: argparse.Namespace,
) -> None:
    from simulations.scenario.whole import whole

    told = whole(scenario, policies, results)
    # Files first: whoever pipes what is printed into `head` gets them all the same.
    if chosen.out is not None:
        _write(chosen.out, told)
    if chosen.json:
        print(_json(told))
        return
    from queue_engine.cli.simulate_tables import print_tables

    print_tables(told)
    if chosen.out is not None:
        print(f"Written to {chosen.out}; open {chosen.out / 'report.html'} in a browser.")


def _json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1)


def _write(folder: Path, told: dict[str, Any]) -> None:
    from simulations.scenario.tables import write_tables
    from simulations.scenario_report.page import report

    (folder / "result.json").write_text(_json(told) + "\n", encoding="utf-8")
    write_tables(folder, told)
    (folder / "report.html").write_text(report(told), encoding="utf-8")
