"""Puts tables and pictures of the kept results into the write-up.

House rules: between `<!-- table NAME -->` and `<!-- end -->` of `README.md` nothing is written by
hand, nor between `<!--=PART.PATH:DIGITS-->` and `<!--/-->`, a single figure without its sign; a
test holds both to `results/`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from simulations.scenario.results import Figures
from simulations.studies.national_cooperation import (
    availability,
    backlog,
    pressure,
    reinforcement,
    reserve,
    sensitivity,
    six_nurses,
)
from simulations.studies.national_cooperation.part import Part

FOLDER: Final = Path(__file__).parent
PARTS: Final[tuple[Part, ...]] = (
    availability.PART,
    reserve.PART,
    reinforcement.PART,
    backlog.PART,
    pressure.PART,
    sensitivity.PART,
    six_nurses.PART,
)
_TABLE: Final = re.compile(r"(<!-- table (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_FIGURE: Final = re.compile(r"(<!--=([\w.]+):(\d)-->)[^<]*(<!--/-->)")


def keep(folder: Path, part: Part, seeds: int, found: Figures) -> None:
    """Writes a part's results and its pictures."""
    whole = {"part": part.number, "seeds": seeds, "found": found}
    text = json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
    (folder / "results").mkdir(parents=True, exist_ok=True)
    (folder / "results" / f"{part.name}.json").write_text(text, encoding="utf-8")
    for name, picture in part.pictures(found).items():
        (folder / "pictures").mkdir(parents=True, exist_ok=True)
        (folder / "pictures" / f"{name}.svg").write_text(picture, encoding="utf-8")


def kept(folder: Path, part: Part) -> Figures | None:
    """A part's results as they were written; None: it has not been run there."""
    path = folder / "results" / f"{part.name}.json"
    if not path.is_file():
        return None
    found: Figures = json.loads(path.read_text(encoding="utf-8"))["found"]
    return found


def filled(text: str, folder: Path, parts: Iterable[Part] = PARTS) -> str:
    """The write-up with the figures of all results in the folder; others stay as they are.

    Raises:
        LookupError: the text asks for a figure that its part has not.
    """
    results: Figures = {}
    tables: dict[str, str] = {}
    for part in parts:
        found = kept(folder, part)
        if found is not None:
            results[part.name] = found
            tables |= part.tables(found)

    def fill_table(place: re.Match[str]) -> str:
        name = place[2]
        return f"{place[1]}{tables[name]}\n{place[3]}" if name in tables else place[0]

    def fill_figure(place: re.Match[str]) -> str:
        path = place[2].split(".")
        if path[0] not in results:
            return place[0]
        return f"{place[1]}{_figure(results, path, int(place[3]))}{place[4]}"

    return _FIGURE.sub(fill_figure, _TABLE.sub(fill_table, text))


def _figure(results: Figures, path: list[str], digits: int) -> str:
    """A mean without its sign, or how many a list has."""
    found: Any = results
    for step in path:
        found = found[int(step)] if isinstance(found, list) else found[step]
    return str(len(found)) if isinstance(found, list) else f"{abs(found['mean']):.{digits}f}"
