"""Calls one by one: read from a CSV file, and what became of each, written as one."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from queue_engine.config.wording import key_shown, quoted
from queue_engine.core.errors import BadInput
from routing.vocabulary import Priority, RegionCode
from simulations.scenario.arrivals import Call
from simulations.scenario.counts import Story
from simulations.scenario.model import CallerKind, Scenario

_MUST: Final = ("arrival_ms", "region", "handling_ms")
_MAY: Final = ("patience_ms", "id")
_SAY_KIND: Final = ("kind", "priority", "class")
"""One of these says of which kind a caller is."""
_RANK_DIGITS_MAX: Final = 3
_STEM: Final = re.compile(r"[^a-z]")
"""What comes before it."""
_MEANT: Final = {
    **{name.partition("_")[0]: name for name in (*_MUST, *_MAY, *_SAY_KIND)},
    "arrived": "arrival_ms",
    "handle": "handling_ms",
    "prio": "priority",
}
"""By how an unknown column begins: what it is likely to be, and must not be passed over for."""


def read_calls(scenario: Scenario) -> Iterator[Call]:
    """The calls of the scenario's file, one by one.

    Columns: `arrival_ms` (from the scenario's midnight, never falling), `region` (its code),
    `handling_ms`; and if they are there `kind`, `priority` or `class` (a kind's name, or the
    priority or the rank that it alone has; empty: the first), `patience_ms` (empty: never gives up)
    and `id`.

    Raises:
        BadInput: a line is not a call; names the file, the line and what was expected.
    """
    assert scenario.contacts is not None
    path = scenario.contacts
    kinds = {region.code: _Kinds(scenario.kinds_of(region)) for region in scenario.regions}
    with _rows(path) as rows:
        columns = _columns(path.name, next(rows, (1, []))[1])
        last_ms = 0
        for line, row in rows:
            where = f"{path.name}:{line}"
            cells = columns.cells(row, where)
            arrived_ms = _whole(cells["arrival_ms"], "arrival_ms", where)
            if arrived_ms < last_ms:
                raise BadInput(f"{where}: arrival_ms: earlier than the call before")
            last_ms = arrived_ms
            code = RegionCode(cells["region"])
            if code not in kinds:
                raise BadInput(f"{where}: region: the scenario has no {code!r:.40}")
            kind = kinds[code].of(cells.get(columns.says_kind, ""), columns.says_kind, where)
            patience = cells.get("patience_ms")
            patience_ms = _whole(patience, "patience_ms", where) if patience else None
            handling_ms = _whole(cells["handling_ms"], "handling_ms", where)
            yield Call(
                *(arrived_ms, code, kind, handling_ms, patience_ms, 0, None),
                id_in_file=cells.get("id", ""),
            )


def columns_not_read(path: Path) -> tuple[str, ...]:
    """The columns of a file of calls that say nothing to a scenario, as they are to be shown.

    Raises:
        BadInput: its head is not that of a file of calls.
    """
    with _rows(path) as rows:
        return _columns(path.name, next(rows, (1, []))[1]).not_read


def open_text(path: Path) -> TextIO:
    """A text file; packed, if its name ends in `.gz`."""
    if path.suffix == ".gz":
        import gzip

        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


@contextmanager
def _rows(path: Path) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """Each row that is not empty, with the number of its line; whatever is wrong is `BadInput`."""
    try:
        with open_text(path) as file:
            reader = csv.reader(file)
            yield ((reader.line_num, row) for row in reader if any(row))
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise BadInput(f"{path}: cannot be read: {fault}") from None


# --- the head -------------------------------------------------------------------------------


class _Columns(NamedTuple):
    """Which cell is what."""

    places: tuple[tuple[str, int], ...]
    width: int
    says_kind: str
    """The column that does; empty: none."""
    not_read: tuple[str, ...]

    def cells(self, row: Sequence[str], where: str) -> dict[str, str]:
        """What stands in the columns that are read."""
        if len(row) < self.width or any(row[self.width :]):
            raise BadInput(f"{where}: expected {self.width} cells as in the head, found {len(row)}")
        return {name: row[index].strip() for name, index in self.places}


def _columns(file: str, row: Sequence[str]) -> _Columns:
    head = [name.strip() for name in row]
    known = [*_MUST, *_MAY, *_SAY_KIND]
    for name in known:
        if head.count(name) > 1:
            raise BadInput(f"{file}:1: the column {name} is there twice")
    saying = [name for name in _SAY_KIND if name in head]
    if len(saying) > 1:
        raise BadInput(
            f"{file}:1: {' and '.join(saying)} both say of which kind a caller is; keep one of them"
        )
    absent = [name for name in known if name not in (*head, *(_SAY_KIND if saying else ()))]
    for name in head:
        meant = _MEANT.get(_STEM.split(name.lower())[0])
        if name not in known and meant in absent:
            raise BadInput(
                f"{file}:1: unknown column {key_shown(name)}; did you mean {quoted(meant)}?"
            )
    missing = [name for name in _MUST if name not in head]
    if missing:
        raise BadInput(f"{file}: expected the columns {', '.join(_MUST)}; no {missing[0]}")
    others = tuple(
        key_shown(name) if name else f"the {index}th without a name"
        for index, name in enumerate(head, 1)
        if name not in known
    )
    places = tuple((name, head.index(name)) for name in known if name in head)
    return _Columns(places, len(head), saying[0] if saying else "", others)


# --- the cells ------------------------------------------------------------------------------


def _whole(text: str, name: str, where: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise BadInput(f"{where}: {name}: expected whole milliseconds, found {text!r:.40}")
    return int(text)


class _Kinds:
    """Which of a region's kinds of callers is meant by a word."""

    def __init__(self, kinds: tuple[CallerKind, ...]) -> None:
        self._kinds = kinds
        self._known: dict[str, CallerKind] = {"": kinds[0]}

    def of(self, text: str, column: str, where: str) -> CallerKind:
        """The kind of this name; else the only one of this priority or rank."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._find(text, f"{where}: {column}")
        return found

    def _find(self, text: str, where: str) -> CallerKind:
        named = [kind for kind in self._kinds if kind.name == text]
        fitting = named or [kind for kind in self._kinds if kind.priority == text]
        if not fitting and text.isascii() and text.isdigit() and len(text) <= _RANK_DIGITS_MAX:
            fitting = [kind for kind in self._kinds if kind.rank == int(text)]
        if len(fitting) == 1:
            return fitting[0]
        names = ", ".join(kind.name for kind in fitting or self._kinds)
        if fitting:
            raise BadInput(f"{where}: {text!r:.40} may be any of {names}; expected a kind's name")
        priorities = [priority for priority in Priority if self._has(priority)]
        ranks = sorted({kind.rank for kind in self._kinds})
        raise BadInput(
            f"{where}: the scenario has no {text!r:.40}; expected a kind ({names}), its priority"
            f" ({', '.join(priorities)}) or its rank ({', '.join(map(str, ranks))})"
        )

    def _has(self, priority: Priority) -> bool:
        return any(kind.priority is priority for kind in self._kinds)


# --- what became of them --------------------------------------------------------------------


class CallsWriter:
    """Writes what became of each call that is counted, as it ends."""

    def __init__(self, file: TextIO) -> None:
        self._out = csv.writer(file, lineterminator="\n")
        head = ("number", "id", "arrival_ms", "region", "kind", "outcome", "wait_ms", "answered_in")
        self._out.writerow(head)

    def ended(self, story: Story) -> None:
        """One more."""
        call = story.call
        cells = (story.number, call.id_in_file, call.arrived_ms, call.region, call.kind.name)
        self._out.writerow((*cells, story.ended, story.wait_ms, story.answered_in or ""))
