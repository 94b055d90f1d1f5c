"""All benchmarks, or some: `python -m benchmarks [NAME...] [--save] [--short]`.

Ends with 1 if something promised was not kept.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks import (
    core_calls,
    core_nation,
    dispatch,
    http,
    journal_redis,
    nodes,
    simulators,
    stages,
    takeover,
)
from benchmarks.figures import Goal, Section
from benchmarks.wire import NoCapture
from queue_engine.telephony.local_asterisk import LabFault, Tree, tree_folder

_ROOT: Final = Path(__file__).resolve().parents[1]
_JOURNAL_S_MAX: Final = 600.0
_RESULTS: Final = _ROOT / "benchmarks" / "RESULTS.md"


def main() -> int:
    """Runs what was asked for and prints it; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(_BENCHMARKS)}")
    parser.add_argument("--save", action="store_true", help=f"write {_RESULTS.name} too")
    parser.add_argument("--short", action="store_true", help="to see that it works, not how fast")
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.names if name not in _BENCHMARKS]:
        parser.error(f"no benchmark {unknown[0]!r}; there are {', '.join(_BENCHMARKS)}")
    parts = [f"# Benchmarks\n\n{_machine()}\n"]
    print(parts[0])
    goals: list[Goal] = []
    for name in chosen.names or _BENCHMARKS:
        began = time.monotonic()
        try:
            section = _BENCHMARKS[name](chosen.short)
        except (LabFault, NoCapture) as fault:
            print(f"{name} cannot be measured: {fault}", file=sys.stderr)
            return 1
        parts.append(str(section))
        goals += section.goals
        print(section)
        print(f"({name}: {time.monotonic() - began:.0f} s)\n", file=sys.stderr)
    if chosen.save:
        _RESULTS.write_text("\n".join(parts))
    return 0 if all(goal.is_kept for goal in goals) else 1


def _dispatch(short: bool) -> Section:
    plan = dispatch.Plan(rounds=1, single_s=3.0, held_s=4.0, held=(20,)) if short else None
    return asyncio.run(dispatch.measure(plan or dispatch.Plan()))


def _stages(short: bool) -> Section:
    return asyncio.run(stages.measure(20, 4.0) if short else stages.measure())


def _core(short: bool) -> Section:
    return core_calls.measure({100: 100} if short else None)


def _nation(short: bool) -> Section:
    return core_nation.measure({100: 100} if short else None)


def _journal(short: bool) -> Section:
    """In a process of its own, whose exit code says whether its promises were kept."""
    command = [sys.executable, "-m", "benchmarks.journal_sqlite"]
    run = subprocess.run(
        command, cwd=_ROOT, stdout=subprocess.PIPE, text=True, check=False, timeout=_JOURNAL_S_MAX
    )
    promise = "at least half of bare SQLite's records/s; restart after a million records under 2 s"
    goal = Goal(promise, "see the tables", run.returncode == 0)
    return Section("The SQLite journal", f"```\n{run.stdout.strip()}\n```", (goal,))


def _redis(short: bool) -> Section:
    return journal_redis.measure(1) if short else journal_redis.measure()


def _nodes(short: bool) -> Section:
    return nodes.measure(1, 0.5) if short else nodes.measure()


def _takeover(short: bool) -> Section:
    return takeover.measure(1) if short else takeover.measure()


def _http(short: bool) -> Section:
    return http.measure(http.Plan(requests=300, clients=20, watch_s=3.0) if short else None)


def _simulators(short: bool) -> Section:
    return simulators.measure(1, 0.02) if short else simulators.measure()


_BENCHMARKS: Final[dict[str, Callable[[bool], Section]]] = {
    "dispatch": _dispatch,
    "stages": _stages,
    "journal": _journal,
    "redis": _redis,
    "takeover": _takeover,
    "nodes": _nodes,
    "core": _core,
    "nation": _nation,
    "http": _http,
    "simulators": _simulators,
}


def _machine() -> str:
    """What this was measured on; no names of machines or people."""
    asterisk = "none"
    with contextlib.suppress(LabFault):
        asterisk = Tree(tree_folder()).version.removeprefix("Asterisk ")
    facts = {
        "command": " ".join(["python -m benchmarks", *sys.argv[1:]]),
        "day": time.strftime("%Y-%m-%d", time.gmtime()),
        "processors": f"{len(os.sched_getaffinity(0))} of {_cpu_model()}",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Asterisk": asterisk,
    }
    return "\n".join(f"- {name}: {value}" for name, value in facts.items())


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.machine()


if __name__ == "__main__":
    sys.exit(main())
