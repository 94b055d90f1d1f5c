"""A plain weekday, or some hours of it: `python -m simulations.day --seed 1 --hours 4`.

The rota is made for the usual day (`load` 1); a load above that is a day on which more people
call than was planned for.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from queue_engine.config.load import load_all
from queue_engine.core.commands import SetWindow, TakeMeasures
from queue_engine.core.errors import SamkoError
from queue_engine.core.measures import MEASURE_MS
from queue_engine.core.record import RULES_VERSION
from queue_engine.core.snapshot import digest
from queue_engine.core.turn import Watch
from routing.policy import MINUTE_MS, Policy
from routing.vocabulary import RegionCode
from simulations.callers import CallerHabits, Callers
from simulations.nurses import NurseHabits, Nurses, Shift, rota
from simulations.report import Books, Counts, DayReport
from simulations.switch import Delays, Switch
from simulations.volumes import CallsPerHour, calls_per_hour
from simulations.world import HOUR_MS, MIDNIGHT_MS, Follower, World

N = TypeVar("N", int, float)

FROM_HOUR: Final = 8
DAY_MINUTES: Final = 24 * 60
CALLERS: Final = CallerHabits()
NURSES: Final = NurseHabits()
DELAYS: Final = Delays()


@dataclass(frozen=True, slots=True)
class DailyWindow:
    """A named time window that is on each day between two minutes, maybe over midnight."""

    name: str
    start_minute: int
    end_minute: int

    def is_on(self, minute: int) -> bool:
        """Whether it is on in this minute of the day."""
        length = (self.end_minute - self.start_minute - 1) % DAY_MINUTES + 1
        return (minute - self.start_minute) % DAY_MINUTES < length


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything about a day but chance."""

    policy: Policy
    demand: Mapping[RegionCode, CallsPerHour]
    shifts: tuple[Shift, ...]
    windows: tuple[DailyWindow, ...] = ()
    callers: CallerHabits = CALLERS
    nurses: NurseHabits = NURSES
    delays: Delays = DELAYS
    from_hour: int = FROM_HOUR
    """Of the first day. The queue is empty then; who is on the rota comes."""


def run_day(
    policy: Policy,
    populations: Mapping[RegionCode, int],
    seed: int,
    hours: int,
    load: float = 1.0,
    *,
    from_hour: int = FROM_HOUR,
    windows: tuple[DailyWindow, ...] = (),
    callers: CallerHabits = CALLERS,
    nurses: NurseHabits = NURSES,
    invariants: bool = False,
    watch: Watch | None = None,
    follow: Iterable[Follower] = (),
) -> DayReport:
    """Some hours of a plain weekday under this policy.

    Args:
        populations: inhabitants by region; nobody calls from, or works in, any other.
        load: calls in proportion to those that the rota is made for.
        invariants: check them all after every command, and the promise at each offer (slow).
        watch: sees each event before it is applied.
        follow: each sees every record.
    """
    usual = {code: calls_per_hour(people) for code, people in populations.items()}
    handle_ms = callers.talk.mean_ms + nurses.wrap_up.mean_ms
    plan = Plan(
        policy=policy,
        demand={code: calls_per_hour(people, load) for code, people in populations.items()},
        shifts=rota(usual, range(from_hour, from_hour + hours), handle_ms, nurses.break_ms),
        windows=windows,
        callers=callers,
        nurses=nurses,
        from_hour=from_hour,
    )
    return run(plan, seed, hours, invariants=invariants, watch=watch, follow=follow)


def run(
    plan: Plan,
    seed: int,
    hours: int,
    *,
    invariants: bool = False,
    watch: Watch | None = None,
    follow: Iterable[Follower] = (),
) -> DayReport:
    """As `run_day`, with everything given."""
    start_ms = MIDNIGHT_MS + plan.from_hour * HOUR_MS
    world = World(plan.policy, start_ms, invariants=invariants, watch=watch)
    books = Books(sorted(plan.demand))
    world.follow(books)
    for follower in follow:
        world.follow(follower)
    nurses = Nurses(world, plan.nurses, plan.shifts, seed)
    switch = Switch(world, nurses.picks_up, plan.delays)
    _tell_windows(world, plan.windows)
    _take_measures(world)
    Callers(world, switch, plan.callers, plan.demand, seed)
    world.run(start_ms + hours * HOUR_MS)
    return books.close(seed, plan.policy.version, world.records, digest(world.state))


def _tell_windows(world: World, windows: tuple[DailyWindow, ...]) -> None:
    """Levels, at the start and whenever one may change; what goes on before what goes off."""
    minute = (world.now_ms - MIDNIGHT_MS) // MINUTE_MS
    for window in sorted(windows, key=lambda window: (not window.is_on(minute), window.name)):
        world.do(SetWindow(window.name, window.is_on(minute)))
    edges = [edge for window in windows for edge in (window.start_minute, window.end_minute)]
    waits = [(edge - minute - 1) % DAY_MINUTES + 1 for edge in edges]
    if waits:
        world.after(min(waits) * MINUTE_MS, partial(_tell_windows, world, windows))


def _take_measures(world: World) -> None:
    world.do(TakeMeasures())
    world.after(MEASURE_MS, partial(_take_measures, world))


# --- as a command ---------------------------------------------------------------------------


def table(report: DayReport, names: Mapping[RegionCode, str]) -> str:
    """The report as plain text, a region a line, then a priority a line."""
    given, taken = dict(report.given), dict(report.taken)
    head = ("entered", "connected", "abandoned", "waiting", "mean wait", "95 %", "given", "taken")
    lines = [_line("", head)]
    for code, counts in report.by_region:
        lent = (str(given[code]), str(taken[code]))
        lines.append(_line(f"{code} {names[code]}", (*_cells(counts), *lent)))
    lines.append(_line("all", _cells(report.total)))
    lines.append("")
    lines += [_line(priority, _cells(counts)) for priority, counts in report.by_priority]
    return "\n".join(lines)


def _cells(counts: Counts) -> tuple[str, ...]:
    return (
        str(counts.contacts_entered),
        str(counts.connected),
        str(counts.abandoned),
        str(counts.still_waiting),
        _clock(counts.mean_wait_ms),
        _clock(counts.p95_wait_ms),
    )


def _clock(wait_ms: int | None) -> str:
    if wait_ms is None:
        return "-"
    minutes, seconds = divmod(round(wait_ms / 1000), 60)
    return f"{minutes}:{seconds:02}"


def _line(name: str, cells: Iterable[str]) -> str:
    return f"{name:<28}" + "".join(f"{cell:>10}" for cell in cells)


def main(arguments: list[str] | None = None) -> int:
    """Runs one day of the configured country and prints it; how long it took goes to stderr."""
    parser = argparse.ArgumentParser(prog="simulations.day", description=main.__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same day")
    parser.add_argument("--hours", type=_more_than_0(int), default=4)
    parser.add_argument("--from-hour", type=int, default=FROM_HOUR, choices=range(24))
    parser.add_argument(
        "--load", type=_more_than_0(float), default=1.0, help="1 is what the rota is made for"
    )
    parser.add_argument("--config", type=Path, default=Path("config"))
    parser.add_argument("--check", action="store_true", help="check all invariants (slow)")
    chosen = parser.parse_args(arguments)
    print(f"seed {chosen.seed}, commit {_commit()}, rules {RULES_VERSION}", flush=True)
    try:
        configuration = load_all(chosen.config)
    except SamkoError as fault:
        print(f"simulations.day: {fault}", file=sys.stderr)
        return 1
    began_s = time.perf_counter()
    report = run_day(
        configuration.policy,
        {region.code: region.population for region in configuration.regions},
        chosen.seed,
        chosen.hours,
        chosen.load,
        from_hour=chosen.from_hour,
        windows=tuple(
            DailyWindow(window.name, window.start_minute, window.end_minute)
            for window in configuration.windows
        ),
        invariants=chosen.check,
    )
    took_s = time.perf_counter() - began_s
    print(table(report, {region.code: region.name for region in configuration.regions}))
    print(f"\n{report.records} records, state {report.digest}")
    calls = report.total.contacts_entered
    print(f"{calls} calls in {took_s:.1f} s: {calls / took_s:.0f} calls/s", file=sys.stderr)
    return 0


def _more_than_0(kind: type[N]) -> Callable[[str], N]:
    def read(text: str) -> N:
        if not 0 < (number := kind(text)) < float("inf"):
            raise argparse.ArgumentTypeError(f"must be more than 0, is {text}")
        return number

    return read


def _commit() -> str:
    """What this code is, if git can tell: a seed means a day of one commit."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
