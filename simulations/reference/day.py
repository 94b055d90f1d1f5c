"""A day of calls that two other programs have worked out, against what the core makes of it.

The day's file has a line for each call (arrival, region, handling time, patience, class, all in
milliseconds) and for each of its policies where it was answered (-1: it was not) and its wait.
`national.json` has the regions, the nurses by the hour and the rules in words.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from queue_engine.core.errors import BadInput
from simulations.scenario.calls_file import open_text
from simulations.scenario.counts import Ended, Story
from simulations.scenario.file import load_scenario
from simulations.scenario.run import Run

_AS_RULES: Final = {
    "separate": "order: fifo, share: never",
    "separate_priority": "share: never",
    "national": "order: fifo, home_first: never, share: at_once",
    "national_priority": "home_first: never, share: at_once",
}
_OVERFLOW: Final = "order: fifo, home_first: {home}, share: {{after: {seconds} s}}"
NOT_ANSWERED: Final = "-1"
SAME_MOMENT_MS: Final = 1


class Differs(NamedTuple):
    """A call that fared otherwise."""

    call: str
    arrived_ms: int
    expected: tuple[str, int]
    """Where, and after which wait."""
    found: tuple[str, int]
    is_tie: bool
    """Something else happened within a millisecond of its arrival, or of either end of its wait."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One policy of a day."""

    policy: str
    calls: int
    differing: tuple[Differs, ...]

    @property
    def is_kept(self) -> bool:
        """Whether nothing differs but for ties."""
        return all(one.is_tie for one in self.differing)


def rules_of(policy: str) -> str:
    """What a policy of the reference is in a scenario's words.

    Raises:
        BadInput: it is not known here.
    """
    if policy in _AS_RULES:
        return f"{{{_AS_RULES[policy]}, choose: most_idle_region}}"
    parts = policy.split("_")
    if parts[0] == "overflow" and len(parts) > 1 and parts[1].isdigit():
        home = "never" if parts[2:] == ["oldest"] else "always"
        rules = _OVERFLOW.format(home=home, seconds=parts[1])
        return f"{{{rules}, choose: most_idle_region}}"
    raise BadInput(f"the policy {policy!r} is not known here")


def policies_of(day: Path) -> list[str]:
    """The policies whose outcome stands in the file."""
    with open_text(day) as file:
        head = csv.DictReader(file).fieldnames or ()
        return [name.removesuffix(":wait_ms") for name in head if name.endswith(":wait_ms")]


def write_scenario(day: Path, nation: Path, staffing: str, folder: Path) -> Path:
    """The day as a scenario: its file, beside the calls as a scenario reads them."""
    known = json.loads(nation.read_text(encoding="utf-8"))
    if staffing not in known["staffing"]:
        raise BadInput(
            f"{nation.name}: no staffing {staffing!r}; it has {', '.join(known['staffing'])}"
        )
    with open_text(day) as source, (folder / "calls.csv").open("w", encoding="utf-8") as file:
        calls = _copy_calls(source, file)
    path = folder / "day.yaml"
    path.write_text(_yaml(day, known, staffing, calls), encoding="utf-8")
    return path


def _copy_calls(source: TextIO, file: TextIO) -> int:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(("arrival_ms", "region", "kind", "handling_ms", "patience_ms"))
    calls = 0
    for row in csv.DictReader(source):
        calls += 1
        kind = f"class_{row['class']}"
        cells = (row["arrival_ms"], row["region"], kind, row["handling_ms"], row["patience_ms"])
        out.writerow(cells)
    return calls


def _yaml(day: Path, known: Mapping[str, Any], staffing: str, calls: int) -> str:
    capacity = known["staffing"][staffing]["capacity"]
    regions = "".join(
        f"  {region['index']}: {{name: {region['name']}, nurses: {capacity[region['index']]}}}\n"
        for region in known["regions"]
    )
    kinds = "".join(
        f"    - {{name: class_{kind['class']}, rank: {kind['class']}}}\n"
        for kind in known["classes"]
    )
    policies = "".join(f"  {name}: {rules_of(name)}\n" for name in policies_of(day))
    return (
        f"name: day\nlength: {calls} calls\ncontacts: calls.csv\n"
        f"callers:\n  handling: {{exponential: 8 min}}\n  kinds:\n{kinds}"
        f"regions:\n{regions}policies:\n{policies}"
    )


def compare(day: Path, scenario_file: Path, policy: str) -> Compared:
    """Runs the day under one policy, and holds every call to the file."""
    scenario = load_scenario(scenario_file)
    stories: dict[int, Story] = {}
    run = Run(scenario, policy, seed=1)
    run.tally.ended = lambda story: stories.__setitem__(story.number, story)
    run.go()
    with open_text(day) as file:
        rows = list(csv.DictReader(file))
    moments = _moments(rows, policy)
    differing = tuple(_differing(rows, stories, policy, moments))
    return Compared(policy, len(rows), differing)


def _moments(rows: list[dict[str, str]], policy: str) -> dict[int, int]:
    """How many things happen in each millisecond: arrivals, starts, and ends of calls."""
    count: dict[int, int] = {}
    for row in rows:
        arrived_ms, waited_ms = int(row["arrival_ms"]), int(row[f"{policy}:wait_ms"])
        moments = {arrived_ms, arrived_ms + waited_ms}
        if row[f"{policy}:where"] != NOT_ANSWERED:
            moments.add(arrived_ms + waited_ms + int(row["handling_ms"]))
        for at_ms in moments:
            count[at_ms] = count.get(at_ms, 0) + 1
    return count


def _differing(
    rows: list[dict[str, str]],
    stories: Mapping[int, Story],
    policy: str,
    moments: Mapping[int, int],
) -> Iterator[Differs]:
    for number, row in enumerate(rows):
        expected = row[f"{policy}:where"], int(row[f"{policy}:wait_ms"])
        story = stories[number]
        is_answered = story.ended is Ended.ANSWERED and story.answered_in is not None
        where = str(story.answered_in) if is_answered else NOT_ANSWERED
        found = where, story.wait_ms
        if found != expected:
            arrived_ms = int(row["arrival_ms"])
            ends = (arrived_ms, arrived_ms + expected[1], arrived_ms + found[1])
            near = (
                moments.get(end + by, 0)
                for end in ends
                for by in range(-SAME_MOMENT_MS, SAME_MOMENT_MS + 1)
            )
            yield Differs(row["id"], arrived_ms, expected, found, any(count > 1 for count in near))
