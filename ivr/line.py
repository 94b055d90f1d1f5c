"""Lines: what each called number means.

House rules: a line only says where a call belongs; what the caller hears is its menu. A number
that no line has is answered by the first line: nobody is turned away for our configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ivr.phone_number import called_number
from routing.vocabulary import LineId, RegionCode, Skill, UnitId

DEFAULT_SERVICE: Final = Skill("advice")


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the configuration's `lines`."""

    line_id: LineId
    numbers: tuple[str, ...]
    """As they are dialled: `1177`, `010-123 45 67`, `+46101234567`; all forms of one are equal."""
    menu: str
    """Name of a menu under `config/menus`."""
    region: RegionCode | None = None
    """The region whose calls the network routes to these numbers; None: any region's."""
    unit: UnitId | None = None
    """The health centre that the number belongs to, if any."""
    services: tuple[Skill, ...] = (DEFAULT_SERVICE,)
    """What can be asked for here; the first is what a caller who presses nothing gets."""
    region_variable: str | None = None
    """Channel variable or function in which the network tells the caller's region, as a county
    code of two digits, e.g. `PJSIP_HEADER(read,X-Region)`."""


class Lines:
    """All lines, by called number. The first line also answers numbers that no line has.

    Args:
        lines: at least one; without `problems`.
    """

    def __init__(self, lines: tuple[Line, ...]) -> None:
        assert lines, "at least one line"
        self._lines = {line.line_id: line for line in lines}
        self._by_number = {called_number(n): line for line in lines for n in line.numbers}
        self.default: Final = lines[0]

    def __iter__(self) -> Iterator[Line]:
        return iter(self._lines.values())

    def called(self, number: str) -> Line | None:
        """The line of a called number in any of its forms, or None."""
        return self._by_number.get(called_number(number))

    def named(self, line_id: str) -> Line:
        """The line of that id; the default line if there is none (any more)."""
        return self._lines.get(LineId(line_id), self.default)


def problems(lines: tuple[Line, ...]) -> Iterator[tuple[Line, str]]:
    """Yields each fault between or within `lines` as a sentence, with the line at fault."""
    owners: dict[str, LineId] = {}
    seen: set[LineId] = set()
    for line in lines:
        if line.line_id in seen:
            yield line, f"there is a line {line.line_id!r} already"
        seen.add(line.line_id)
        if not line.numbers:
            yield line, "a line has at least one called number"
        if not line.services:
            yield line, "a line has at least one service"
        for number in line.numbers:
            key = called_number(number)
            if not key:
                yield line, f"expected a called number, found {number!r}"
            elif owners.setdefault(key, line.line_id) != line.line_id:
                yield line, f"{number!r} is a number of line {owners[key]!r} already"
