"""`python -m simulations.reference`: prints how far the simulator is from what is known."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from queue_engine.core.errors import BadInput, SamkoError
from simulations.reference.case_figures import measured
from simulations.reference.cases import read_case
from simulations.reference.day import (
    compare as compare_day,
    policies_of,
    staffing_of,
    write_scenario,
)
from simulations.reference.json_file import read_json, read_nation
from simulations.reference.nation import nation_scenario
from simulations.scenario.file import load_scenario
from simulations.scenario.replications import jobs_of, run_all, together


class Compared(NamedTuple):
    """One figure of a case."""

    case: str
    figure: str
    expected: float
    measured: float
    tolerance: float

    @property
    def is_kept(self) -> bool:
        """Whether it is within the tolerance."""
        return abs(self.measured - self.expected) <= self.tolerance


def compare(
    raw: Mapping[str, Any], seed: int = 1, scale: float = 1.0, hourly: tuple[float, ...] = ()
) -> list[Compared]:
    """Runs one case as the file that it becomes.

    Raises:
        BadInput: the case is not understood.
    """
    case = read_case(raw, scale, hourly)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.yaml"
        path.write_text(case.yaml, encoding="utf-8")
        scenario = load_scenario(path)
    policies = [name for name, _ in scenario.policies]
    runs = run_all(scenario, jobs_of(policies, seed, case.replications))
    results = {
        policy: together([one for one in runs if one["policy"] == policy]) for policy in policies
    }
    return [
        Compared(case.name, name, value, measured(case, results, name), case.tolerance[name])
        for name, value in case.expected.items()
    ]


def read_hourly(path: Path | None) -> tuple[float, ...]:
    """The nation's calls by the hour of the week, from the scenario of the reference."""
    if path is None:
        return ()
    return tuple(read_nation(path, ("calls_per_hour",))["calls_per_hour"])


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code is 1 if a figure is out of its tolerance."""
    parser = argparse.ArgumentParser(prog="simulations.reference", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    cases = kinds.add_parser("cases", help="queueing models whose results are known")
    cases.add_argument("file", type=Path)
    cases.add_argument("--only", action="append", default=[], metavar="NAME")
    cases.add_argument("--seed", type=int, default=1)
    cases.add_argument("--scale", type=float, default=1.0, help="of how many calls (1)")
    cases.add_argument("--jobs", type=int, default=1)
    cases.add_argument(
        "--hourly", type=Path, metavar="national.json", help="for arrivals by the hour; else beside"
    )
    day = kinds.add_parser("day", help="a day of calls, and what became of each")
    day.add_argument("file", type=Path)
    day.add_argument("--nation", type=Path, required=True, help="national.json: regions, staffing")
    day.add_argument("--staffing", help="else what the .json beside the day says, or prop100")
    day.add_argument("--starts", default="mon", metavar="DAY", help="mon to sun, or a date (mon)")
    day.add_argument("--policy", action="append", default=[], metavar="NAME")
    nation = kinds.add_parser("nation", help="the nation as a scenario, written to the terminal")
    nation.add_argument("file", type=Path, help="national.json")
    nation.add_argument("--staffing", default="prop100")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.kind == "nation":
            print(nation_scenario(chosen.file, chosen.staffing), end="")
            return 0
        return _cases(chosen) if chosen.kind == "cases" else _day(chosen)
    except SamkoError as fault:
        print(f"simulations.reference: {fault}", file=sys.stderr)
        return 1


def _cases(chosen: argparse.Namespace) -> int:
    if chosen.scale <= 0:
        raise BadInput(f"--scale: expected a number above 0, found {chosen.scale:g}")
    raws = read_json(chosen.file)
    if not isinstance(raws, list) or not all(isinstance(raw, dict) for raw in raws):
        raise BadInput(f"{chosen.file}: expected a list of cases")
    if chosen.only:
        raws = [raw for raw in raws if raw.get("name") in chosen.only]
        if not raws:
            raise BadInput(f"{chosen.file}: no case named {', '.join(chosen.only)}")
    beside = chosen.file.with_name("national.json")
    hourly = read_hourly(chosen.hourly or (beside if beside.is_file() else None))
    failed = refused = 0
    run = partial(_compared, seed=chosen.seed, scale=chosen.scale, hourly=hourly)
    for one in _all(raws, run, chosen.jobs):
        if isinstance(one, str):
            refused += 1
            print(f"simulations.reference: {one}", file=sys.stderr)
            continue
        for found in one:
            failed += not found.is_kept
            print(_line(found), flush=True)
    print(f"{failed} of the figures out of their tolerance" if failed else "all within tolerance")
    if refused:
        print(f"{refused} of {len(raws)} cases were not understood")
    return 1 if failed or refused else 0


def _compared(raw: Mapping[str, Any], **chosen: Any) -> list[Compared] | str:
    """One case; or why it is not understood, which is no reason to leave out the others."""
    try:
        return compare(raw, **chosen)
    except SamkoError as fault:
        return str(fault)


def _day(chosen: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder:
        staffing = chosen.staffing or staffing_of(chosen.file)
        path = write_scenario(chosen.file, chosen.nation, staffing, Path(folder), chosen.starts)
        is_kept = True
        for policy in chosen.policy or policies_of(chosen.file):
            found = compare_day(chosen.file, path, policy)
            is_kept = is_kept and found.is_kept
            ties = sum(one.is_tie for one in found.differing)
            follow = sum(bool(one.follows) for one in found.differing)
            others = len(found.differing) - ties - follow
            print(
                f"{policy}: {found.calls} calls, {ties} differ by a tie,"
                f" {follow} follow from those, {others} otherwise"
            )
            for one in found.differing:
                why = "a tie within a millisecond" if one.is_tie else "NO REASON FOUND"
                why = f"follows from call {one.follows}" if one.follows else why
                print(f"  call {one.call}: expected {one.expected}, found {one.found}: {why}")
    return 0 if is_kept else 1


def _all(raws: list[Any], run: Any, jobs: int) -> Iterator[list[Compared] | str]:
    if jobs <= 1:
        yield from map(run, raws)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(run, raws)


def _line(found: Compared) -> str:
    away = (found.measured - found.expected) / found.tolerance if found.tolerance else 0.0
    mark = "" if found.is_kept else "  OUT"
    return (
        f"{found.case:<30}{found.figure:<22}{found.expected:>12.5f}{found.measured:>12.5f}"
        f"{away:>8.2f} tolerances{mark}"
    )


if __name__ == "__main__":
    sys.exit(main())
