"""Calls one by one: read from a CSV file, and what became of each, written as one."""

from __future__ import annotations

import csv
import re
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice, takewhile
from operator import attrgetter
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from queue_engine.config.wording import did_you_mean, key_shown, quoted, time_shown
from queue_engine.core.errors import BadInput
from routing.vocabulary import Priority, RegionCode
from simulations.draws import Draws
from simulations.scenario.arrivals import Call, draw_call, draw_kind
from simulations.scenario.counts import Story
from simulations.scenario.model import DAY_MS, NOTHING, CallerKind, End, Scenario

_MUST: Final = ("arrival_ms", "region")
_MAY: Final = ("handling_ms", "patience_ms", "id")
_SAY_KIND: Final = ("kind", "priority", "class")
"""One of these says of which kind a caller is."""
_RANK_DIGITS_MAX: Final = 3
_REGIONS_SHOWN_MAX: Final = 25
ARRIVED_MS_MAX: Final = 366 * DAY_MS
_DRAWN: Final = -1
_ABSENT: Final = "absent"
_NO_COMMAS: Final = ";\t|"
_STEM: Final = re.compile(r"[^a-z]")
"""What comes before it."""
_MEANT: Final = {
    **{name.partition("_")[0]: name for name in (*_MUST, *_MAY, *_SAY_KIND)},
    "arrived": "arrival_ms",
    "handle": "handling_ms",
    "prio": "priority",
}
"""By how an unknown column begins: what it is likely to be, and must not be passed over for."""


def read_calls(scenario: Scenario, seed: int = 1) -> Iterator[Call]:
    """The calls of the scenario's file by arrival, those of one moment as they stand in it.

    Columns: `arrival_ms` (from the scenario's midnight), `region` (its code); and if they are there
    `handling_ms`, `patience_ms` (empty: never gives up), `kind`, `priority` or `class` (a kind's
    name, or the priority or the rank that it alone has; empty: the first) and `id`. What the file
    has no column for is drawn, as for callers who are not from a file.

    Args:
        seed: of what is drawn.

    Raises:
        BadInput: a line is not a call; names the file, the line and what was expected.
    """
    rows = _calls(scenario)
    if not _is_by_arrival(scenario):
        rows = iter(sorted(rows, key=attrgetter("arrived_ms")))
    length = scenario.length
    if length.end is End.CALLS:
        rows = islice(rows, length.amount)
    else:
        rows = takewhile(lambda row: row.arrived_ms < length.amount, rows)
    people = {region.code: Draws(seed, f"file/{region.code}") for region in scenario.regions}
    kinds = {region.code: scenario.kinds_of(region) for region in scenario.regions}
    for row in rows:
        draws = people[row.region]
        kind = row.kind or draw_kind(draws, kinds[row.region])
        call = draw_call(draws, row.arrived_ms, row.region, kind)
        yield call._replace(
            handling_ms=call.handling_ms if row.handling_ms is None else row.handling_ms,
            patience_ms=call.patience_ms if row.patience_ms == _DRAWN else row.patience_ms,
            id_in_file=row.id_in_file,
        )


class Checked(NamedTuple):
    """What should be known of a file before it is run."""

    not_read: tuple[str, ...]
    """The columns that nothing reads, as they are to be shown."""
    left_out: str
    """In words, which of its calls are not run, or that there are fewer than asked for; or empty.
    """


def check_calls(scenario: Scenario) -> Checked:
    """Reads the whole file once: its faults are better told before hours of work than after.

    Raises:
        BadInput: as for `read_calls`.
    """
    length, rows, taken = scenario.length, 0, 0
    for row in _calls(scenario):
        rows += 1
        taken += length.end is End.CALLS or row.arrived_ms < length.amount
    if length.end is End.CALLS:
        taken = min(rows, length.amount)
        wanted = f"the length of {length.amount} calls"
    else:
        wanted = f"the length of {time_shown(length.amount)}"
    left_out = ""
    if taken < rows:
        left_out = f"{rows - taken} of its {rows} calls come after {wanted}, and are left out"
    elif not rows or (length.end is End.CALLS and rows < length.amount):
        left_out = f"it has {rows or 'no'} calls, for {wanted}"
    with _rows(scenario) as (columns, _):
        return Checked(columns.not_read, left_out)


def open_text(path: Path, errors: str = "strict") -> TextIO:
    """A text file; packed, if its name ends in `.gz`. A mark of UTF-8 at its beginning is none.

    Args:
        errors: what becomes of what is not UTF-8, as for `open`.
    """
    if path.suffix == ".gz":
        import gzip

        return gzip.open(path, "rt", encoding="utf-8-sig", newline="", errors=errors)
    return path.open(encoding="utf-8-sig", newline="", errors=errors)


class _Row(NamedTuple):
    """What a file says of a call."""

    arrived_ms: int
    region: RegionCode
    kind: CallerKind | None
    """None: it does not say it."""
    handling_ms: int | None
    """None: it does not say it."""
    patience_ms: int | None
    """None: he never gives up; `_DRAWN`: it does not say it."""
    id_in_file: str


_Placed = tuple[str, dict[str, str]]
"""The file and line, and what stands there in the columns that are read."""


@contextmanager
def _rows(scenario: Scenario) -> Iterator[tuple[_Columns, Iterator[_Placed]]]:
    """The head, and each row that is not empty; whatever is wrong with the file is `BadInput`."""
    path = scenario.contacts
    assert path is not None
    line = 1
    try:
        with open_text(path) as file:
            reader = csv.reader(file, strict=True)
            columns = _columns(path.name, next(reader, []), scenario)

            def rows() -> Iterator[_Placed]:
                nonlocal line
                for row in reader:
                    line = reader.line_num + 1
                    if any(row):
                        where = f"{path.name}:{reader.line_num}"
                        yield where, columns.cells(row, where)

            line = reader.line_num + 1
            yield columns, rows()
    except UnicodeDecodeError:
        where = f"{path.name}:{_line_not_utf_8(path)}"
        raise BadInput(f"{where}: cannot be read: expected text in UTF-8") from None
    except csv.Error as fault:
        # Of cells in quotation marks, which may go on for lines: the line where the row begins.
        raise BadInput(
            f"{path.name}:{line}: cannot be read: {fault}; are there quotation marks that do not"
            " go together?"
        ) from None
    except (OSError, EOFError, zlib.error) as fault:
        raise BadInput(f"{path}: cannot be read: {fault}") from None


def _line_not_utf_8(path: Path) -> int:
    """The first line that is other text."""
    with open_text(path, errors="surrogateescape") as file:
        for number, line in enumerate(file, 1):
            if not line.isascii() and any("\ud800" <= sign <= "\udfff" for sign in line):
                return number
    return 1


def _is_by_arrival(scenario: Scenario) -> bool:
    last_ms = 0
    with _rows(scenario) as (_, rows):
        for where, cells in rows:
            arrived_ms = _arrived_ms(cells, where)
            if arrived_ms < last_ms:
                return False
            last_ms = arrived_ms
    return True


def _calls(scenario: Scenario) -> Iterator[_Row]:
    kinds = {region.code: _Kinds(scenario.kinds_of(region)) for region in scenario.regions}
    with _rows(scenario) as (columns, rows):
        says_kind = columns.says_kind
        for where, cells in rows:
            code = RegionCode(cells["region"])
            if code not in kinds:
                raise BadInput(f"{where}: region: {_no_region(code, list(kinds))}")
            handling, patience = cells.get("handling_ms"), cells.get("patience_ms", _ABSENT)
            if patience == _ABSENT:
                patience_ms: int | None = _DRAWN
            else:
                patience_ms = _whole(patience, "patience_ms", where) if patience else None
            yield _Row(
                _arrived_ms(cells, where),
                code,
                kinds[code].of(cells[says_kind], says_kind, where) if says_kind else None,
                None if handling is None else _whole(handling, "handling_ms", where),
                patience_ms,
                cells.get("id", ""),
            )


def _no_region(code: str, known: list[RegionCode]) -> str:
    """A spreadsheet makes 1 of 01."""
    shown = ", ".join(known[:_REGIONS_SHOWN_MAX])
    more = ", ..." if len(known) > _REGIONS_SHOWN_MAX else ""
    meant = next((each for each in known if each.lstrip("0") == code), None)
    close = f"; did you mean {quoted(meant)}?" if meant else did_you_mean(code, known) or "."
    return f"the scenario has no {code!r:.40}{close} It has {shown}{more}."


def _arrived_ms(cells: dict[str, str], where: str) -> int:
    arrived_ms = _whole(cells["arrival_ms"], "arrival_ms", where)
    if arrived_ms > ARRIVED_MS_MAX:
        raise BadInput(
            f"{where}: arrival_ms: {arrived_ms} is more than {ARRIVED_MS_MAX // DAY_MS} days after"
            " the scenario's first midnight, from which it counts"
        )
    return arrived_ms


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


def _columns(file: str, row: Sequence[str], scenario: Scenario) -> _Columns:
    head = [name.strip() for name in row]
    between = next((sign for sign in _NO_COMMAS if len(head) == 1 and sign in head[0]), None)
    if between is not None:
        raise BadInput(f"{file}:1: expected commas between the columns, found {between!r}")
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
    _need_handling(file, head, scenario)
    others = tuple(
        key_shown(name) if name else f"the {index}th without a name"
        for index, name in enumerate(head, 1)
        if name not in known
    )
    places = tuple((name, head.index(name)) for name in known if name in head)
    return _Columns(places, len(head), saying[0] if saying else "", others)


def _need_handling(file: str, head: Sequence[str], scenario: Scenario) -> None:
    """Calls that take no time at all are a column that was forgotten."""
    kinds = (kind for region in scenario.regions for kind in scenario.kinds_of(region))
    if "handling_ms" not in head and any(kind.handling == NOTHING for kind in kinds):
        raise BadInput(
            f"{file}: expected a column handling_ms, or handling under callers of the scenario"
        )


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
            f" ({', '.join(priorities)}) or its rank ({', '.join(map(str, ranks))}), of those that"
            " stand under kinds"
        )

    def _has(self, priority: Priority) -> bool:
        return any(kind.priority is priority for kind in self._kinds)


# --- what became of them --------------------------------------------------------------------


class CallsWriter:
    """Writes what became of each call, in the order in which they came.

    House rule: what is known of those behind one who still waits is kept until he does no more.
    """

    def __init__(self, file: TextIO) -> None:
        self._out = csv.writer(file, lineterminator="\n")
        self._coming: deque[int] = deque()
        self._known: dict[int, Story] = {}
        head = ("number", "id", "arrival_ms", "region", "kind", "outcome", "wait_ms", "answered_in")
        self._out.writerow((*head, "in_warm_up"))

    def came(self, number: int) -> None:
        """One more call."""
        self._coming.append(number)

    def ended(self, story: Story) -> None:
        """What became of one."""
        self._known[story.number] = story
        while self._coming and self._coming[0] in self._known:
            self._write(self._known.pop(self._coming.popleft()))

    def _write(self, story: Story) -> None:
        call = story.call
        cells = (story.number, call.id_in_file, call.arrived_ms, call.region, call.kind.name)
        end = (story.ended, story.wait_ms, story.answered_in or "", int(not story.is_counted))
        self._out.writerow((*cells, *end))
