"""A day of calls that two other programs have worked out, against what the core makes of it.

The day's file has a line for each call (arrival, region, handling time, patience, class, all in
milliseconds) and for each of its policies where it was answered (-1: it was not) and its wait.
`national.json` has the regions, the nurses by the hour and the rules in words.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from queue_engine.core.errors import BadInput
from simulations.reference.day_ties import NOT_ANSWERED, Fate, Line, reasons
from simulations.reference.json_file import read_json, read_nation, staffing_of_nation
from simulations.scenario.calls_file import open_text
from simulations.scenario.counts import Ended, Story
from simulations.scenario.file import load_scenario
from simulations.scenario.model import Scenario
from simulations.scenario.run import Run

_AS_RULES: Final = {
    "separate": "order: fifo, share: never",
    "separate_priority": "share: never",
    "national": "order: fifo, home_first: never, share: at_once",
    "national_priority": "home_first: never, share: at_once",
}
_OVERFLOW: Final = "order: fifo, home_first: {home}, share: {{after: {seconds} s}}"
_COLUMNS: Final = ("id", "arrival_ms", "region", "handling_ms", "patience_ms", "class")
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS: Final = 24
USUAL_STAFFING: Final = "prop100"


class Differs(NamedTuple):
    """A call that fared otherwise."""

    call: str
    arrived_ms: int
    expected: tuple[str, int]
    """Where, and after which wait."""
    found: tuple[str, int]
    is_tie: bool
    """It is as expected if two things of one millisecond happen in the other order."""
    follows: str = ""
    """The call whose line is a tie, and brought this one with it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One policy of a day."""

    policy: str
    calls: int
    differing: tuple[Differs, ...]

    @property
    def is_kept(self) -> bool:
        """Whether nothing differs but for ties, and what follows from them."""
        return all(one.is_tie or one.follows for one in self.differing)


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
    """The policies whose outcome stands in the file.

    Raises:
        BadInput: it cannot be read, or there is none.
    """
    head = _head_and_rows(day)[0]
    policies = [
        name.removesuffix(":wait_ms")
        for name in head
        if name.endswith(":wait_ms") and f"{name.removesuffix(':wait_ms')}:where" in head
    ]
    if not policies:
        raise BadInput(f"{day.name}: expected the columns POLICY:where and POLICY:wait_ms; none")
    return policies


def staffing_of(day: Path) -> str:
    """What is said beside the day, in a `.json` of its name; else the usual one."""
    beside = day.with_name(f"{day.name.partition('.')[0]}.json")
    if not beside.is_file():
        return USUAL_STAFFING
    said = read_json(beside)
    staffing = said.get("staffing", USUAL_STAFFING) if isinstance(said, dict) else USUAL_STAFFING
    return str(staffing)


def write_scenario(
    day: Path, nation: Path, staffing: str, folder: Path, starts: str = "mon"
) -> Path:
    """The day as a scenario: its file, beside the calls as a scenario reads them.

    Args:
        starts: the day of the week, or the date, that begins at 0 in the file.

    Raises:
        BadInput: the day, the nation, the staffing or the weekday is not known.
    """
    known = read_nation(nation, ("regions", "staffing", "classes"))
    capacity = staffing_of_nation(nation, known, staffing)["capacity"]
    first = _weekday(starts) * HOURS
    with (folder / "calls.csv").open("w", encoding="utf-8") as file:
        calls = _write_calls(((row, None) for row in _rows(day)), file)
    path = folder / "day.yaml"
    nurses = [[*by_hour[first:], *by_hour[:first]] for by_hour in capacity]
    path.write_text(_yaml(day, known, nurses, calls), encoding="utf-8")
    return path


def _weekday(starts: str) -> int:
    if starts.lower()[:3] in _WEEKDAYS:
        return _WEEKDAYS.index(starts.lower()[:3])
    try:
        return date.fromisoformat(starts).weekday()
    except ValueError:
        raise BadInput(
            f"starts: expected {', '.join(_WEEKDAYS)}, or a date such as 2026-12-21,"
            f" found {starts!r:.40}"
        ) from None


def _rows(day: Path) -> list[dict[str, str]]:
    return _head_and_rows(day)[1]


def _head_and_rows(day: Path) -> tuple[Sequence[str], list[dict[str, str]]]:
    try:
        with open_text(day) as file:
            read = csv.DictReader(file)
            head = read.fieldnames or ()
            missing = [name for name in _COLUMNS if name not in head]
            if missing:
                raise BadInput(
                    f"{day.name}: expected the columns {', '.join(_COLUMNS)}; no {missing[0]}"
                )
            return head, list(read)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as fault:
        raise BadInput(f"{day}: cannot be read: {fault}") from None


def _whole(row: Mapping[str, str], name: str) -> int:
    try:
        return int(row[name])
    except (KeyError, TypeError, ValueError):
        raise BadInput(
            f"call {row['id']}: {name}: expected whole milliseconds, found {row.get(name)!r:.40}"
        ) from None


def _patience_ms(row: Mapping[str, str]) -> int | None:
    return _whole(row, "patience_ms") if row["patience_ms"] else None


def _write_calls(calls: Iterable[tuple[Mapping[str, str], Line | None]], file: TextIO) -> int:
    """As a scenario reads them; how many.

    Args:
        calls: each with what has been moved of it.
    """
    out = csv.writer(file, lineterminator="\n")
    out.writerow(("arrival_ms", "region", "kind", "handling_ms", "patience_ms"))
    count = 0
    for row, line in calls:
        count += 1
        times = (row["arrival_ms"], row["handling_ms"], row["patience_ms"])
        if line is not None:
            patience_ms = "" if line.patience_ms is None else str(line.patience_ms)
            times = (str(line.arrived_ms), str(line.handling_ms), patience_ms)
        out.writerow((times[0], row["region"], f"class_{row['class']}", *times[1:]))
    return count


def _yaml(
    day: Path, known: Mapping[str, Any], capacity: Sequence[Sequence[int]], calls: int
) -> str:
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
    """Runs the day under one policy, and holds every call to the file.

    Raises:
        BadInput: the file does not say what became of its calls under this policy.
    """
    known = policies_of(day)
    if policy not in known:
        raise BadInput(f"{day.name}: no policy {policy!r:.40}; it has {', '.join(known)}")
    scenario = load_scenario(scenario_file)
    rows = _rows(day)
    columns = (f"{policy}:where", f"{policy}:wait_ms")
    lines = [
        Line(number, _whole(row, "arrival_ms"), _whole(row, "handling_ms"), _patience_ms(row))
        for number, row in enumerate(rows)
    ]
    expected = [(row[columns[0]], _whole(row, columns[1])) for row in rows]
    found = _fates(scenario, policy, lines)

    def run_again(moved: Sequence[Line]) -> dict[int, Fate]:
        path = scenario_file.with_name("moved.csv")
        with path.open("w", encoding="utf-8") as file:
            _write_calls(((rows[line.number], line) for line in moved), file)
        return _fates(replace(scenario, contacts=path), policy, moved)

    because = reasons(lines, expected, found, run_again, _shared_after_ms(policy))
    differing = tuple(
        Differs(
            rows[number]["id"],
            lines[number].arrived_ms,
            expected[number],
            found[number],
            reason.is_tie,
            "" if reason.follows is None else rows[reason.follows]["id"],
        )
        for number, reason in sorted(because.items())
    )
    return Compared(policy, len(rows), differing)


def _fates(scenario: Scenario, policy: str, lines: Sequence[Line]) -> dict[int, Fate]:
    """What becomes of each call, by its line's number."""
    fates: dict[int, Fate] = {}

    def ended(story: Story) -> None:
        is_answered = story.ended is Ended.ANSWERED and story.answered_in is not None
        where = str(story.answered_in) if is_answered else NOT_ANSWERED
        fates[lines[story.number].number] = where, story.wait_ms

    run = Run(scenario, policy, seed=1)
    run.tally.ended = ended
    run.go()
    return fates


def _shared_after_ms(policy: str) -> int | None:
    parts = policy.split("_")
    return int(parts[1]) * 1000 if parts[0] == "overflow" else None
