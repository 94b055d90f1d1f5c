"""result.json as tables for a spreadsheet or a program of statistics.

House rules: CSV as RFC 4180 has it, UTF-8, a point in numbers, an empty cell where there is
nothing to count. `total`, `regions`, `kinds` and `priorities` are long: a row for each figure, with
the half width of its 95 % interval; `docs/SCENARIOS.md` tells what each figure is.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from simulations.scenario.results import Figures

_Row = tuple[Any, ...]
_LONG: Final = ("figure", "value", "interval95")
HEADS: Final[dict[str, tuple[str, ...]]] = {
    "total": ("policy", *_LONG),
    "regions": ("policy", "region", "name", *_LONG),
    "kinds": ("policy", "kind", *_LONG),
    "priorities": ("policy", "priority", *_LONG),
    "channels": ("policy", "channel", *_LONG),
    "pairs": ("policy", "home", "answering", "calls", "minutes"),
    "course": (
        *("policy", "at_minute", "region", "offered", "answered", "abandoned"),
        *("unfinished", "answered_within_target", "mean_wait_ms", "nurses", "busy", "waiting"),
    ),
}
"""Each table's columns, by the name of its file."""


def write_tables(folder: Path, whole: Figures) -> None:
    """Writes `total.csv`, `regions.csv` and the others into a folder.

    What there is not, is not there then: not even if another scenario has left it.
    """
    for name, head in HEADS.items():
        if name not in whole["policies"][0]:
            (folder / f"{name}.csv").unlink(missing_ok=True)
            continue
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(head)
            out.writerows(rows(name, whole))


def rows(name: str, whole: Figures) -> Iterator[_Row]:
    """The rows of a table, in the order of its columns."""
    for policy in whole["policies"]:
        widths = policy.get("interval95", {})
        match name:
            case "total":
                yield from _long((policy["policy"],), policy["total"], widths.get("total", {}))
            case "regions" | "kinds" | "priorities" | "channels":
                for key, part in policy[name].items():
                    named = (part["name"],) if name == "regions" else ()
                    of = widths.get(name, {}).get(key, {})
                    yield from _long((policy["policy"], key, *named), part, of)
            case _:
                columns = HEADS[name][1:]
                for row in policy[name]:
                    yield (policy["policy"], *(row[column] for column in columns))


def _long(key: _Row, part: Figures, widths: Figures) -> Iterator[_Row]:
    for figure, value, width in _flat(part, widths):
        yield (*key, figure, value, width)


def _flat(part: Figures, widths: Figures) -> Iterable[tuple[str, Any, Any]]:
    for name, value in part.items():
        if isinstance(value, dict):
            inside = widths.get(name, {})
            for target, share in value.items():
                yield f"{name} {target}", share, inside.get(target)
        elif not isinstance(value, str):
            yield name, value, widths.get(name)
