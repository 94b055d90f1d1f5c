"""`config/lines.yaml`: the called numbers, and where a call to each belongs.

House rules: what lines may not do among each other is said by `ivr.line.problems`; whether their
menus and regions exist can be said when all files are read (`load`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ivr.line import DEFAULT_SERVICE, Line, problems
from ivr.phone_number import e164
from queue_engine.config.region_file import REGION_CODE, REGION_CODE_SHOWN
from queue_engine.config.source import Faults, Item, Section
from queue_engine.config.window_file import read_window
from queue_engine.runtime.windows import TimeWindow
from routing.vocabulary import LineId, RegionCode, Skill, UnitId

LINES_MAX: Final = 1_000
NUMBERS_MAX: Final = 50
HOURS_MAX: Final = 20
SERVICES_MAX: Final = 30
SHARED_NUMBERS_MAX: Final = 10_000
CALLED_NUMBER: Final = re.compile(r"\+?[0-9][0-9 ()./-]{1,24}", re.ASCII)
CHANNEL_VARIABLE: Final = re.compile(r"[A-Za-z_]\w{0,39}(\([\w,-]{1,80}\))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class LinesFile:
    """All of the file, with the places that checks across files need."""

    lines: tuple[Line, ...]
    shared_numbers: frozenset[str]
    menu_items: tuple[tuple[str, Item], ...]
    region_items: tuple[tuple[RegionCode, Item], ...]
    service_items: tuple[tuple[Skill, Item], ...]
    unit_items: tuple[tuple[RegionCode | None, UnitId, Item], ...]
    """Each with the region that the line belongs to; None: any."""
    hours: dict[LineId, tuple[TimeWindow, ...]]
    """When a line is open, if it is not always."""


def read_lines(faults: Faults, config_dir: Path) -> LinesFile:
    """Reads the file; what is wrong with it goes to `faults`."""
    file = faults.read(config_dir / "lines.yaml")
    shared_numbers = _shared_numbers(file.may("shared_numbers"))
    item = file.need("lines")
    sections = item.sections()
    if item.is_given and not 1 <= len(sections) <= LINES_MAX:
        item.fault(f"expected 1 to {LINES_MAX} lines, found {len(sections)}")
    lines = tuple(_line(section) for section in sections[:LINES_MAX])
    sections_of = dict(zip(map(id, lines), sections, strict=False))
    if not faults.has_any_in(item.path):
        for line, message in problems(lines):
            sections_of[id(line)].fault(message)
    return LinesFile(
        lines=lines,
        shared_numbers=shared_numbers,
        menu_items=tuple((line.menu, sections_of[id(line)].need("menu")) for line in lines),
        region_items=tuple(
            (line.region, sections_of[id(line)].may("region")) for line in lines if line.region
        ),
        service_items=tuple(
            (service, sections_of[id(line)].may("services"))
            for line in lines
            for service in line.services
        ),
        unit_items=tuple(
            (line.region, line.unit, sections_of[id(line)].may("unit"))
            for line in lines
            if line.unit
        ),
        hours={
            line.line_id: _hours(hours)
            for line in lines
            if (hours := sections_of[id(line)].may("hours")).is_given
        },
    )


def _shared_numbers(item: Item) -> frozenset[str]:
    numbers = item.items()
    if len(numbers) > SHARED_NUMBERS_MAX:
        item.fault(f"expected at most {SHARED_NUMBERS_MAX} numbers, found {len(numbers)}")
    found = set()
    for number in numbers[:SHARED_NUMBERS_MAX]:
        written = number.matching(CALLED_NUMBER, 'a public number such as "020-600 650"')
        public = e164(written)
        if public is not None:
            found.add(public)
        elif written:
            number.expected("a public number: nobody calls from a short one")
    return frozenset(found)


def _hours(item: Item) -> tuple[TimeWindow, ...]:
    given = item.items()
    if item.is_given and not 1 <= len(given) <= HOURS_MAX:
        item.fault(f"expected 1 to {HOURS_MAX} parts of the day, found {len(given)}")
    return tuple(read_window("", part) for part in given[:HOURS_MAX])


def _line(section: Section) -> Line:
    numbers = section.need("numbers").items()
    if len(numbers) > NUMBERS_MAX:
        message = f"expected at most {NUMBERS_MAX} numbers, found {len(numbers)}"
        section.need("numbers").fault(message)
    services = section.may("services")
    if len(services.items()) > SERVICES_MAX:
        message = f"expected at most {SERVICES_MAX} services, found {len(services.items())}"
        services.fault(message)
    region = section.may("region").matching(REGION_CODE, REGION_CODE_SHOWN)
    unit = section.may("unit").identifier()
    variable = section.may("region_variable").matching(
        CHANNEL_VARIABLE, "a channel variable or function such as PJSIP_HEADER(read,X-Region)"
    )
    return Line(
        line_id=LineId(section.need("id").identifier()),
        numbers=tuple(
            number.matching(CALLED_NUMBER, 'a called number such as "1177" or "010-123 45 67"')
            for number in numbers[:NUMBERS_MAX]
        ),
        menu=section.need("menu").identifier(),
        region=RegionCode(region) if region else None,
        unit=UnitId(unit) if unit else None,
        services=tuple(Skill(service.identifier()) for service in services.items()[:SERVICES_MAX])
        or (DEFAULT_SERVICE,),
        region_variable=variable or None,
    )
