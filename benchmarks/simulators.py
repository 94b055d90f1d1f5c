"""Simulators side by side: the same queues in Samkö, whole core and all, in ciw and in simpy.

Each in a process of its own, in turns, so that a busy machine is as unkind to all. Calls a second
of processor time; ratios of one run are what counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import other_simulators as other
from benchmarks.figures import Goal, Section, quantile, table

if TYPE_CHECKING:
    from simulations.scenario.model import Scenario

_ROOT: Final = Path(__file__).resolve().parents[1]
ROUNDS: Final = 3
SAMKO: Final = "Samkö"
_OTHERS: Final = Path(sys.prefix) / "simulators" / "bin" / "python"
"""Has ciw and simpy; `make bench` sees to it."""
_SECONDS_MAX: Final = 600
CIW_SHARE_MIN: Final = 0.5
_YEAR_CALLS: Final = 4_900_000
MEMORY_CALLS: Final = 300_000
"""Three weeks of the nation: a quarter is longer than the four days for which who called is known.
"""
_MARKS: Final = (0.25, 0.5, 0.75)
"""From the last of these on the latest counts: a run tells of itself every 1,000 calls, and not of
its end, at which its whole state is written for its digest.
"""
_CALLS_MIN: Final = 4_000
_GROWTH_MAX: Final = 1.1
"""From half a run to its end."""
_YEAR_S_MAX: Final = 15 * 60


@dataclass(frozen=True, slots=True)
class Contest:
    """One queue, and who can say it."""

    name: str
    model: str
    calls: dict[str, int]
    """By engine; enough for some seconds of each."""


CONTESTS: Final = (
    Contest("M/M/100+M", "bare", {SAMKO: 20_000, "ciw": 20_000, "simpy": 40_000}),
    Contest("21 regions, 6 skills, 252 nurses", "country", {SAMKO: 20_000, "simpy": 12_000}),
    Contest("the nation, shipped rules", "nation", {SAMKO: 20_000}),
)


def measure(rounds: int = ROUNDS, scale: float = 1.0) -> Section:
    """All contests, engine by engine, round by round."""
    found: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds):
        for contest in CONTESTS:
            for engine, calls in contest.calls.items():
                rate = _rate(engine, contest.model, max(200, round(calls * scale)))
                found.setdefault((contest.model, engine), []).append(rate)
    rates = {key: quantile(values, 0.5) for key, values in found.items()}
    rows = [
        [
            contest.name,
            engine,
            f"{rates[contest.model, engine]:,.0f}",
            f"{min(found[contest.model, engine]):,.0f} to {max(found[contest.model, engine]):,.0f}",
            f"{rates[contest.model, SAMKO] / rates[contest.model, engine]:.2f}",
        ]
        for contest in CONTESTS
        for engine in contest.calls
    ]
    marks = _memory(max(_CALLS_MIN, round(MEMORY_CALLS * scale)))
    text = (
        f"Calls a second of processor time, one process, interpreted; medians of {rounds} rounds in"
        " turns. Samkö runs its whole core, with records, books and the course of the day; neither"
        " ciw nor simpy can say who of those who wait comes first, nor lending between regions.\n\n"
        + table(("queue", "engine", "calls/s", "range", "Samkö is times as fast"), rows)
        + f"\n\n{memory_text(marks)}"
    )
    goals = _goals(rates) if scale < 1 else [*_goals(rates), memory_goal(marks)]
    return Section("Simulators", text, tuple(goals))


@dataclass(frozen=True, slots=True)
class Mark:
    """How a run stands when a part of it is done."""

    calls: int
    mib: float
    """Resident, of the whole process."""
    seconds: float
    """Of processor time, since the run began."""


def memory_text(marks: Sequence[Mark]) -> str:
    """A table of one run."""
    names = ("a quarter", "half", "the last thousand calls")
    rows = [
        [name, f"{mark.calls:,}", f"{mark.mib:,.1f}", f"{mark.seconds:,.1f}"]
        for name, mark in zip(names, marks, strict=True)
    ]
    return (
        "Memory at a quarter, at half and before the end of one run of the nation under its shipped"
        " rules, after it has begun with nothing.\n\n"
        + table(("at", "calls", "resident MiB", "s of processor time"), rows)
    )


def memory_goal(marks: Sequence[Mark]) -> Goal:
    """That memory does not grow with the calls."""
    half, whole = marks[-2], marks[-1]
    times = whole.mib / half.mib
    promise = f"memory flat: at the end at most {_GROWTH_MAX:g} times as much as at half"
    return Goal(promise, f"{times:.2f} times", times <= _GROWTH_MAX)


def _goals(rates: dict[tuple[str, str], float]) -> list[Goal]:
    bare = rates["bare", SAMKO] / rates["bare", "ciw"]
    country = rates["country", SAMKO] / rates["country", "simpy"]
    year_s = _YEAR_CALLS / rates["nation", SAMKO]
    return [
        Goal("at least half of ciw on the bare queue", f"{bare:.2f} times", bare >= CIW_SHARE_MIN),
        Goal("faster than simpy on 21 regions", f"{country:.2f} times", country > 1),
        Goal(
            "a national year of 4.9 million calls in under 15 min",
            f"{year_s / 60:.1f} min by this rate",
            year_s < _YEAR_S_MAX,
        ),
    ]


def _rate(engine: str, model: str, calls: int) -> float:
    return float(_asked(engine, model, calls))


def _memory(calls: int) -> list[Mark]:
    return [Mark(*json.loads(line)) for line in _asked(SAMKO, "memory", calls).splitlines()]


def _asked(engine: str, model: str, calls: int) -> str:
    if engine == SAMKO:
        program = (sys.executable, "-m", "benchmarks.simulators")
    else:
        program = (str(_OTHERS), "-m", "benchmarks.other_simulators")
    command = [*program, engine, model, str(calls)]
    run = subprocess.run(
        command,
        cwd=_ROOT,
        env=os.environ | {"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS_MAX,
    )
    if run.returncode:
        raise RuntimeError(f"{engine} {model}: {run.stderr.strip()}")
    return run.stdout


# --- Samkö's side ---------------------------------------------------------------------------

_BARE: Final = f"""\
length: CALLS calls
callers:
  handling: {{exponential: 1 min}}
  patience: {{exponential: {other.BARE_PATIENCE_MIN * 60:.0f} s}}
regions:
  one: {{calls_per_hour: {other.BARE_NURSES * 60}, nurses: {other.BARE_NURSES}}}
"""
_KINDS: Final = "".join(
    f"    - {{name: skill_{skill}_{word}, weight: {weight}, priority: {word}, needs: [s{skill}]}}\n"
    for skill in range(other.SKILLS)
    for word, weight in (("urgent", 1), ("standard", 4), ("non_medical", 1))
)
_GROUPS: Final = ", ".join(
    f"{{nurses: {other.NURSES_EACH}, skills: [s{skill}, s{(skill + 1) % other.SKILLS}]}}"
    for skill in range(other.SKILLS)
)
_COUNTRY: Final = (
    f"length: CALLS calls\ncallers:\n  handling: {{exponential: {other.HANDLING_MIN:.0f} min}}\n"
    f"  patience: {{exponential: {other.PATIENCE_MIN:.0f} min}}\n  kinds:\n{_KINDS}regions:\n"
    + "".join(
        f"  r{region}: {{calls_per_hour: {other.CALLS_PER_MIN * 60 / other.REGIONS:.6f},"
        f" groups: [{_GROUPS}]}}\n"
        for region in range(other.REGIONS)
    )
    + f"policies:\n  shared: {{share: {{after: {other.SHARED_AFTER_MIN:.0f} min}}}}\n"
)


def _nation() -> str:
    path = _ROOT / "simulations" / "scenarios" / "nation.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(
        "length: CALLS calls" if line.startswith("length:") else line for line in lines
    )


def _scenario(model: str, calls: int) -> Scenario:
    import tempfile

    from simulations.scenario.file import load_scenario

    texts = {"bare": _BARE, "country": _COUNTRY, "nation": _nation()}
    with tempfile.TemporaryDirectory(dir=_ROOT / "simulations" / "scenarios") as folder:
        path = Path(folder) / "contest.yaml"
        text = texts[model].replace("CALLS", str(calls))
        path.write_text(text.replace("../../config", "../../../config"), encoding="utf-8")
        return load_scenario(path)


def run(model: str, calls: int) -> float:
    """Calls a second of processor time."""
    from simulations.scenario.replications import unhurried_collector
    from simulations.scenario.run import Run

    scenario = _scenario(model, calls)
    began = time.process_time()
    with unhurried_collector():
        Run(scenario, scenario.policies[0][0], seed=1).go()
    return calls / (time.process_time() - began)


def run_with_marks(calls: int) -> list[Mark]:
    """The nation, with what it holds in memory as it goes on."""
    from simulations.scenario.replications import unhurried_collector
    from simulations.scenario.run import Run

    scenario = _scenario("nation", calls)
    began = time.process_time()
    marks: list[Mark] = []

    def mark(part: float) -> None:
        seconds = round(time.process_time() - began, 1)
        now = Mark(round(part * calls), round(_resident_mib(), 1), seconds)
        if len(marks) < len(_MARKS) and part >= _MARKS[len(marks)]:
            marks.append(now)
        elif part > _MARKS[-1]:
            marks[-1] = now

    with unhurried_collector():
        Run(scenario, scenario.policies[0][0], seed=1, progress=mark).go()
    return marks


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


def main(arguments: Sequence[str]) -> None:
    """One model, as a process of its own; `memory` prints a line for each mark."""
    if arguments[1] == "memory":
        for mark in run_with_marks(int(arguments[2])):
            print(json.dumps([mark.calls, mark.mib, mark.seconds]))
        return
    print(run(arguments[1], int(arguments[2])))


if __name__ == "__main__":
    main(sys.argv[1:])
