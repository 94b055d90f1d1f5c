"""Calls one by one: read from a CSV file, and what became of each, written as one."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

from queue_engine.core.errors import BadInput
from routing.vocabulary import RegionCode
from simulations.scenario.arrivals import Call
from simulations.scenario.counts import Story
from simulations.scenario.model import CallerKind, Scenario

_COLUMNS: Final = ("arrival_ms", "region", "handling_ms")
_MAY: Final = ("kind", "patience_ms", "id")


def read_calls(scenario: Scenario) -> Iterator[Call]:
    """The calls of the scenario's file, one by one.

    Columns: `arrival_ms` (from the scenario's midnight, never falling), `region` (its code),
    `handling_ms`; and if they are there `kind` (its name), `patience_ms` (empty: never gives up).
    Others are left alone.

    Raises:
        BadInput: a line is not a call; names the file, the line and what was expected.
    """
    assert scenario.contacts is not None
    path = scenario.contacts
    regions = {region.code: region for region in scenario.regions}
    try:
        with open_text(path) as file:
            rows = csv.DictReader(file)
            missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise BadInput(
                    f"{path.name}: expected the columns {', '.join(_COLUMNS)}; no {missing[0]}"
                )
            last_ms = 0
            for line, row in enumerate(rows, 2):
                where = f"{path.name}:{line}"
                arrived_ms = _whole(row, "arrival_ms", where)
                if arrived_ms < last_ms:
                    raise BadInput(f"{where}: arrival_ms: earlier than the call before")
                last_ms = arrived_ms
                code = RegionCode(row["region"])
                if code not in regions:
                    raise BadInput(f"{where}: region: the scenario has no {code!r:.40}")
                kind = _kind(scenario.kinds_of(regions[code]), row.get("kind"), where)
                patience_ms = _whole(row, "patience_ms", where) if row.get("patience_ms") else None
                handling_ms = _whole(row, "handling_ms", where)
                yield Call(arrived_ms, code, kind, handling_ms, patience_ms, 0, None)
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise BadInput(f"{path}: cannot be read: {fault}") from None


def open_text(path: Path) -> TextIO:
    """A text file; packed, if its name ends in `.gz`."""
    if path.suffix == ".gz":
        import gzip

        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _whole(row: dict[str, str], name: str, where: str) -> int:
    text = row[name]
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 15:
        raise BadInput(f"{where}: {name}: expected whole milliseconds, found {text!r:.40}")
    return int(text)


def _kind(kinds: tuple[CallerKind, ...], name: str | None, where: str) -> CallerKind:
    if not name:
        return kinds[0]
    for kind in kinds:
        if kind.name == name:
            return kind
    raise BadInput(f"{where}: kind: the scenario has no {name!r:.40}")


class CallsWriter:
    """Writes what became of each call that is counted, as it ends."""

    def __init__(self, file: TextIO) -> None:
        self._out = csv.writer(file, lineterminator="\n")
        head = ("number", "arrival_ms", "region", "kind", "outcome", "wait_ms", "answered_in")
        self._out.writerow(head)

    def ended(self, story: Story) -> None:
        """One more."""
        call = story.call
        cells = (story.number, call.arrived_ms, call.region, call.kind.name, story.ended)
        self._out.writerow((*cells, story.wait_ms, story.answered_in or ""))
