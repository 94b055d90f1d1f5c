"""What a case says of one queue: its numbers, and its durations in a few words.

House rules: whatever is not understood is a `BadInput` that says what was expected; nothing that
a case says is passed over.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from queue_engine.core.errors import BadInput

SHORTEST_MS: Final = 60_000
LONGEST_MS: Final = 6_000_000
USUAL_MS: Final = 600_000
"""A unit of time is ten minutes, and a call so long where it would otherwise be far from that:
whole milliseconds are fine enough, and no run becomes longer than the simulator's clock."""
_DIGITS_MAX: Final = 9
"""Of a duration in a scenario."""

_UNITS_S: Final = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_UNIT_NAMES: Final = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("s", "sec", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hour", "hours"), "h"),
}
_NUMBER: Final = r"(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?"
_PART: Final = re.compile(
    rf"(?:(?P<share>{_NUMBER}) ?% )?"
    r"(?P<shape>exponential|exp|lognormal|gamma|fixed|deterministic|constant|exactly|always)"
    rf"(?: with)?(?: mean)? (?P<mean>{_NUMBER})(?: ?(?P<unit>[a-z]+))??"
    rf"(?:,? cv ?=? ?(?P<cv>{_NUMBER}))?",
    re.ASCII,
)
_SHAPES: Final = {
    **dict.fromkeys(("exponential", "exp"), "exponential"),
    **dict.fromkeys(("fixed", "deterministic", "constant", "exactly", "always"), "fixed"),
    **{word: word for word in ("lognormal", "gamma")},
}
_REMARK: Final = re.compile(r"\s*\([^()]*\)")
SPREAD_SHOWN: Final = (
    '"exponential mean 5 min", "lognormal mean 5 cv .8", "gamma mean 5 cv .5", "exactly 5",'
    ' or shares of them such as "25 % exp mean 4, 75 % exp mean 18"'
)


class Part(NamedTuple):
    """A duration that is of this shape with so large a share."""

    shape: str
    mean: float
    """In the unit of the case."""
    cv: float | None
    percent: float


class Given:
    """The parameters of one case, each to be asked for once; `finish` tells those that nobody did.

    Args:
        where: the case, as faults name it.
    """

    def __init__(self, params: Mapping[str, Any], where: str) -> None:
        self._params = dict(params)
        self._where = where
        self._asked: set[str] = set()
        word = self._take("unit")
        self.unit = _unit_named(str(word)) if word else ""
        """Of the case's times: ms, s, min or h; empty: it does not say."""
        if word and not self.unit:
            raise self.fault("unit", "ms, s, min or h")

    @property
    def unit_ms(self) -> float:
        """How long the unit is, of a case that says so."""
        return _UNITS_S[self.unit] * 1000

    def fault(self, name: str, expected: str) -> BadInput:
        """That a parameter is not what was expected."""
        return BadInput(
            f"{self._where}: {name}: expected {expected}, found {self._params.get(name)!r:.80}"
        )

    def has(self, name: str) -> bool:
        """Whether it is there, and says something."""
        return self._params.get(name) is not None

    def finish(self) -> None:
        """All has been asked for.

        Raises:
            BadInput: there is a parameter that this model does not have.
        """
        for name in self._params:
            if name not in self._asked and self._params[name] is not None:
                raise BadInput(f"{self._where}: the parameter {name!r:.40} is not of this model")

    def need(self, *names: str) -> str:
        """The one of these that is there."""
        there = [name for name in names if self.has(name)]
        if not there:
            raise BadInput(f"{self._where}: '{names[0]}' is missing")
        if len(there) > 1:
            raise BadInput(f"{self._where}: either {there[0]} or {there[1]}, not both")
        return there[0]

    def number(self, name: str, *, least: float = 0.0, above: bool = False) -> float:
        """A finite number of at least, or above, `least`."""
        return self._number(name, self._take(name), least, above)

    def whole(self, name: str, least: int = 0) -> int:
        """A whole number."""
        return self._whole(name, self._take(name), least)

    def wholes(self, name: str, count: int | None = None) -> list[int]:
        """A list of whole numbers, so many if that is known."""
        return [self._whole(name, value, 0) for value in self._list(name, count)]

    def rates(self, name: str, count: int | None = None) -> list[float]:
        """Arrivals in a unit of time by class or region, of which one at least is above 0."""
        rates = [self._number(name, value, 0.0, False) for value in self._list(name, count)]
        if not any(rates):
            raise self.fault(name, "a rate above 0 at least")
        return rates

    def values(self, name: str) -> list[Any]:
        """A list, as it is."""
        return self._list(name, None)

    def mapping(self, name: str) -> dict[str, Any]:
        """Named values."""
        value = self._take(name)
        if not isinstance(value, dict) or not value:
            raise self.fault(name, "names with numbers")
        return value

    def text(self, name: str) -> str:
        """Words."""
        value = self._take(name)
        if not isinstance(value, str):
            raise self.fault(name, "words")
        return value

    def maybe(self, name: str) -> Any:
        """Whatever it is; None: it is not there."""
        return self._take(name)

    def each(self, name: str, count: int) -> list[Any]:
        """One value for each of so many: a list of them, or the same for all."""
        value = self._take(name)
        if not isinstance(value, list):
            return [value] * count
        if len(value) != count:
            raise self.fault(name, f"{count} values")
        return value

    def rate(self, name: str, value: Any) -> float:
        """One of `each`, as a number of 0 or more; None, as 0: never."""
        return 0.0 if value is None else self._number(name, value, 0.0, False)

    def spread(self, name: str, value: Any) -> list[Part]:
        """One of `each`, as a duration."""
        if not isinstance(value, str):
            raise self.fault(name, SPREAD_SHOWN)
        words = _REMARK.sub("", value).strip().lower()
        parts = []
        for text in re.split(r",\s*(?=[\d.]+ ?%)|\s+and\s+|\s*\+\s*", words):
            found = _PART.fullmatch(text)
            unit = _unit_named(found["unit"] or "") if found else ""
            if found is None or (found["unit"] and not unit):
                raise self.fault(name, SPREAD_SHOWN)
            times = _UNITS_S[unit] / _UNITS_S[self.unit] if unit and self.unit else 1.0
            parts.append(
                Part(
                    _SHAPES[found["shape"]],
                    float(found["mean"]) * times,
                    float(found["cv"]) if found["cv"] else None,
                    float(found["share"] or 100),
                )
            )
        if abs(sum(part.percent for part in parts) - 100) > 0.5:
            raise self.fault(name, "shares that are 100 % together")
        if any(part.shape == "lognormal" and part.cv is None for part in parts):
            raise self.fault(name, "a cv of what is lognormal")
        return parts

    def _take(self, name: str) -> Any:
        self._asked.add(name)
        return self._params.get(name)

    def _list(self, name: str, count: int | None) -> list[Any]:
        value = self._take(name)
        if not isinstance(value, list) or not value or (count is not None and len(value) != count):
            raise self.fault(name, f"a list of {count}" if count else "a list")
        return value

    def _number(self, name: str, value: Any, least: float, above: bool) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or value < least or (above and value <= least):
            raise self.fault(name, f"a number {'above' if above else 'from'} {least:g}")
        return float(value)

    def _whole(self, name: str, value: Any, least: int) -> int:
        number = self._number(name, value, least, False)
        if number != int(number):
            raise self.fault(name, "a whole number")
        return int(number)


def mean_of(parts: list[Part]) -> float:
    """The mean of a duration."""
    return sum(part.mean * part.percent for part in parts) / sum(part.percent for part in parts)


def unit_ms_for(handling: float) -> float:
    """How many milliseconds a case's unit is to be, where calls take so many units."""
    if SHORTEST_MS <= handling * USUAL_MS <= LONGEST_MS:
        return USUAL_MS
    return USUAL_MS / handling


def written(parts: list[Part], unit_ms: float) -> str:
    """As a scenario has it."""
    if len(parts) == 1:
        return f"{{{_written(parts[0], unit_ms)}}}"
    mixed = ", ".join(
        f"{{share: {part.percent:.1f} %, {_written(part, unit_ms)}}}" for part in parts
    )
    return f"{{mix: [{mixed}]}}"


def _written(part: Part, unit_ms: float) -> str:
    duration = f"{part.shape}: {duration_written(part.mean * unit_ms)}"
    return duration if part.cv is None else f"{duration}, cv: {part.cv:.12f}"


def duration_written(ms: float) -> str:
    """In whole milliseconds; in seconds, if it is so long that these are fine enough."""
    whole = round(ms)
    return f"{whole} ms" if len(str(whole)) <= _DIGITS_MAX else f"{round(ms / 1000)} s"


def number_written(value: float) -> str:
    """A rate, or a weight."""
    return f"{value:.12f}"


def _unit_named(word: str) -> str:
    return _UNIT_NAMES.get(word.lower(), "")
