"""Reads configuration files into values with typed accessors that collect every fault.

House rules: reading never raises. An accessor that finds a fault notes it with file and line and
returns a harmless value of the right type, so that the reader goes on to the next fault; what was
read may be used only after `Faults.raise_if_any()` has let it pass. A key that nobody asked for is
a fault as well. Units are in the names: times become integer milliseconds, shares permille.

    faults = Faults()
    region = faults.read(Path("config/regions/14.yaml"))
    name = region.need("name").text()
    for rule in region.may("share_rules").sections():
        condition = rule.need("condition").choice(ShareCondition)
        after_ms = rule.may("after").duration_ms()
    faults.raise_if_any()

prints, when things are wrong:

    config/regions/14.yaml:12: share_rules[0].after: expected a time such as "3 min", found "soon"
    config/regions/14.yaml:15: share_rules[1]: unknown key "condtion"; did you mean "condition"?
"""

from __future__ import annotations

import re
import stat
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from queue_engine.config.problems import ConfigError, Findings, Problem
from queue_engine.config.wording import (
    UNITS_MS,
    did_you_mean,
    key_shown,
    placed,
    quoted,
    time_shown,
)
from queue_engine.config.yaml_tree import (
    BYTES_MAX,
    Mapping,
    Pair,
    Scalar,
    Sequence,
    Value,
    YamlFault,
    read_tree,
)

__all__ = ["ConfigError", "Faults", "Item", "Problem", "Section"]

DURATION_MS_MAX: Final = 7 * 24 * 60 * 60 * 1000

_Word = TypeVar("_Word", bound=StrEnum)

IDENTIFIER: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")
IDENTIFIER_SHOWN: Final = 'a name of lower-case letters, digits, "-" and "_"'
_WHOLE: Final = re.compile(r"-?\d{1,15}", re.ASCII)
DURATION: Final = re.compile(r"(\d{1,9}) ?(ms|s|min|h)", re.ASCII)
PERCENT: Final = re.compile(r"(\d{1,3})(?:\.(\d))? ?%", re.ASCII)
FRACTION: Final = re.compile(r"([01])(?:\.(\d{1,3}))?", re.ASCII)
_DECIMAL: Final = re.compile(r"\d{1,15}(?:\.\d{1,18})?", re.ASCII)


class Faults(Findings):
    """All that is wrong with the files of one load, and the way to read them."""

    def __init__(self) -> None:
        super().__init__()
        self._roots: list[Item] = []

    def read(self, path: Path) -> Section:
        """Reads a file whose value is a mapping. It is named in problems as `path` is given."""
        shown = path.as_posix()
        try:
            value = read_tree(_bytes_of(path))
        except OSError as exc:
            self.add(shown, 1, f"cannot be read: {exc.strerror or exc}")
            return Section(self, shown, None)
        except YamlFault as exc:
            self.add(shown, exc.line, exc.message)
            return Section(self, shown, None)
        root = Item(self, shown, "", 1, value)
        self._roots.append(root)
        return root.section()

    def problems(self) -> list[Problem]:
        """All faults, unknown keys included, by file and line. Ends the reading."""
        for root in self._roots:
            root.note_unknown_keys()
        self._roots.clear()
        return self.told()

    def raise_if_any(self) -> None:
        """Ends the reading.

        Raises:
            ConfigError: there is at least one fault; carries all of them.
        """
        if problems := self.problems():
            raise ConfigError(problems)


def _bytes_of(path: Path) -> bytes:
    """At most one byte more than may be read, and never from a pipe or device."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError("not a regular file")
    with path.open("rb") as file:
        return file.read(BYTES_MAX + 1)


class Item:
    """A value and its place, or the place where one could stand.

    Each accessor returns its default for a value that is not given, and notes a fault and returns
    its default for one that is not of the kind.
    """

    def __init__(
        self, faults: Faults, path: str, where: str, line: int, value: Value | None
    ) -> None:
        self._faults = faults
        self._value = None if isinstance(value, Scalar) and value.is_null else value
        self._section: Section | None = None
        self._items: tuple[Item, ...] | None = None
        self.path: Final = path
        self.where: Final = where
        """Its place in the file: `share_rules[0].after`; empty for the whole file."""
        is_own_line = isinstance(value, Scalar) and not value.is_empty
        self.line: Final = value.line if value is not None and is_own_line else line
        """From 1; of the key for a mapping or list."""

    @property
    def is_given(self) -> bool:
        """Whether there is a value; `null` and `~` say that there is none."""
        return self._value is not None

    @property
    def is_whole(self) -> bool:
        """Whether it is a whole number, for values that may be of two kinds."""
        return isinstance(self._value, Scalar) and bool(_WHOLE.fullmatch(self._value.text))

    @property
    def is_list(self) -> bool:
        """Whether it is a list, for values that may be of two kinds."""
        return isinstance(self._value, Sequence)

    @property
    def is_mapping(self) -> bool:
        """Whether it is a mapping, for values that may be of two kinds."""
        return isinstance(self._value, Mapping)

    @property
    def plain_text(self) -> str:
        """The value as it stands, for values that may be of several kinds; empty: it is no text."""
        return self._value.text if isinstance(self._value, Scalar) else ""

    def is_word(self, word: str) -> bool:
        """Whether it is this word, for values that may be a word or something else."""
        return self.is_given and self.plain_text == word

    def fault(self, message: str) -> None:
        """Notes a fault of this value."""
        self._faults.add(self.path, self.line, placed(self.where, message))

    def warn(self, message: str) -> None:
        """Notes what should be thought over."""
        self._faults.warn(self.path, self.line, placed(self.where, message))

    def expected(self, what: str, *, hint: str = "", is_private: bool = False) -> None:
        """Notes the fault `expected {what}, found ...{hint}`; a private value is not quoted."""
        match self._value:
            case Mapping():
                found = "a mapping"
            case Sequence():
                found = "a list"
            case Scalar() as scalar if not scalar.is_empty:
                found = "something else" if is_private else quoted(scalar.text)
            case _:
                found = "nothing"
        self.fault(f"expected {what}, found {found}{hint}")

    def must_be_given(self) -> None:
        """Notes a fault when the file says in so many words that there is no value."""
        if not self.is_given:
            self.expected("a value")

    def text(self, default: str = "", *, length_max: int = 200) -> str:
        """A text of one line that is not empty."""
        what = f"a text of at most {length_max} characters on one line"
        return self._matching(re.compile(rf"[^\x00-\x1f\x7f]{{1,{length_max}}}"), what, default)

    def identifier(self, default: str = "") -> str:
        """A name such as `north` or `health-centre_1`."""
        return self._matching(IDENTIFIER, IDENTIFIER_SHOWN, default)

    def matching(
        self, pattern: re.Pattern[str], what: str, default: str = "", *, is_private: bool = False
    ) -> str:
        """A text that `pattern` matches in full; `what` completes `expected ...`."""
        return self._matching(pattern, what, default, is_private=is_private)

    def whole(self, default: int = 0, *, least: int = 0, most: int = 10**9) -> int:
        """A whole number from `least` to `most`."""
        what = f"a whole number from {least} to {most}"
        digits = self._matching(_WHOLE, what, "")
        if not digits:
            return default
        if not least <= int(digits) <= most:
            self.expected(what)
            return default
        return int(digits)

    def decimal(self, default: float = 0.0, *, least: float = 0.0, most: float = 1e15) -> float:
        """A number such as `12` or `0.25`, for what is not time or a share of an agreement."""
        what = f"a number from {least:g} to {most:g}"
        digits = self._matching(_DECIMAL, what, "")
        if digits and not least <= float(digits) <= most:
            self.expected(what)
            return default
        return float(digits or default)

    def flag(self, default: bool = False) -> bool:
        """`true` or `false`."""
        word = self._matching(re.compile("true|false"), "true or false", "")
        return word == "true" if word else default

    def duration_ms(
        self,
        default: int = 0,
        *,
        least_ms: int = 0,
        most_ms: int = DURATION_MS_MAX,
        what: str = 'a time such as "3 min"',
    ) -> int:
        """A time with its unit (`500 ms`, `30 s`, `3 min`, `2 h`) in milliseconds."""
        found = self._parsed(DURATION, what)
        if found is None:
            return default
        duration_ms = int(found[1]) * UNITS_MS[found[2]]
        if not least_ms <= duration_ms <= most_ms:
            self.expected(f"a time from {time_shown(least_ms)} to {time_shown(most_ms)}")
            return default
        return duration_ms

    def share_permille(self, default: int = 0, *, what: str = 'a share such as "20 %"') -> int:
        """A share (`20 %`, `12.5 %`, `0.2`) in permille."""
        pattern = PERCENT if "%" in self.plain_text else FRACTION
        found = self._parsed(pattern, what)
        if found is None:
            return default
        digits = 1 if pattern is PERCENT else 3
        permille = int(f"{found[1]}{(found[2] or '').ljust(digits, '0')}")
        if permille > 1000:
            self.expected('a share of at most "100 %"')
            return default
        return permille

    def choice(self, words: type[_Word], default: _Word | None = None) -> _Word:
        """One of the words of `words`. Without a default, its first stands in for a fault."""
        stand_in = default if default is not None else next(iter(words))
        if not self.is_given:
            return stand_in
        text = self.plain_text
        if text in list(words):
            return words(text)
        self.expected(f"one of {', '.join(words)}", hint=did_you_mean(text, words))
        return stand_in

    def items(self) -> tuple[Item, ...]:
        """The values of a list."""
        if self._items is None:
            self._items = ()
            if isinstance(self._value, Sequence):
                self._items = tuple(
                    Item(self._faults, self.path, f"{self.where}[{index}]", entry.line, entry)
                    for index, entry in enumerate(self._value.entries)
                )
                for item in self._items:
                    item.must_be_given()
            elif self.is_given:
                self.expected("a list")
        return self._items

    def sections(self) -> tuple[Section, ...]:
        """The mappings of a list of mappings."""
        return tuple(item.section() for item in self.items())

    def section(self) -> Section:
        """A mapping; one that asks for nothing when there is none."""
        if self._section is None:
            if self.is_given and not isinstance(self._value, Mapping):
                self.expected("keys and values" if not self.where else "a mapping")
            value = self._value if isinstance(self._value, Mapping) else None
            self._section = Section(self._faults, self.path, value, self.where, self.line)
        return self._section

    def note_unknown_keys(self) -> None:
        """Notes, for every mapping that was read in here, the keys that nobody asked for."""
        if self._section is not None:
            self._section.note_unknown_keys()
        for item in self._items or ():
            item.note_unknown_keys()

    def _parsed(self, pattern: re.Pattern[str], what: str) -> re.Match[str] | None:
        if not self.is_given:
            return None
        found = pattern.fullmatch(self.plain_text)
        if found is None:
            self.expected(what)
        return found

    def _matching(
        self, pattern: re.Pattern[str], what: str, default: str, *, is_private: bool = False
    ) -> str:
        if not self.is_given:
            return default
        text = self.plain_text
        if isinstance(self._value, Scalar) and pattern.fullmatch(text):
            return text
        self.expected(what, is_private=is_private)
        return default


class Section:
    """A mapping: its keys are asked for by name, and those never asked for are unknown."""

    def __init__(
        self, faults: Faults, path: str, mapping: Mapping | None, where: str = "", line: int = 1
    ) -> None:
        self._faults = faults
        self._is_given = mapping is not None
        self._asked: dict[str, None] = {}
        self._is_open = False
        self.path: Final = path
        self.where: Final = where
        self.line: Final = line
        pairs = mapping.pairs if mapping is not None else {}
        self._items: dict[str, Item] = {key: self._item(key, pair) for key, pair in pairs.items()}
        self._lines = {key: pair.line for key, pair in pairs.items()}
        for key, pair in pairs.items():
            for again in pair.again:
                message = f"{self._inside(key)}: the key is given on line {pair.line} already"
                faults.add(path, again, message)

    def need(self, key: str) -> Item:
        """The value of a key that must be there."""
        if self._is_given and key not in self._asked:
            if key in self._items:
                self._items[key].must_be_given()
            else:
                self.fault(f"the key {quoted(key)} is missing")
        return self.may(key)

    def has(self, key: str) -> bool:
        """Whether the key is there; that is all that is asked."""
        return key in self._items

    def may(self, key: str) -> Item:
        """The value of a key that may be left out."""
        self._asked[key] = None
        if key not in self._items:
            return Item(self._faults, self.path, self._inside(key), self.line, None)
        return self._items[key]

    def entries(self) -> tuple[tuple[str, Item], ...]:
        """All keys and values, for a mapping whose keys are names; none of them is unknown."""
        if not self._is_open:
            self._is_open = True
            for item in self._items.values():
                item.must_be_given()
        return tuple(self._items.items())

    def named_entries(self) -> tuple[tuple[str, Item], ...]:
        """All keys and values, for a mapping whose keys are names such as `north`."""
        for key, item in self._items.items():
            if not IDENTIFIER.fullmatch(key):
                item.fault(f"the key is not {IDENTIFIER_SHOWN}")
        return self.entries()

    def fault(self, message: str) -> None:
        """Notes a fault of the mapping as a whole."""
        self._faults.add(self.path, self.line, placed(self.where, message))

    def note_unknown_keys(self) -> None:
        """Notes, here and in all that was read in here, the keys that nobody asked for."""
        for key, item in self._items.items():
            if key in self._asked or self._is_open:
                item.note_unknown_keys()
                continue
            is_told = not self._faults.is_full(self.path)
            hint = did_you_mean(key, self._asked) if is_told else ""
            message = placed(self.where, f"unknown key {quoted(key)}{hint}")
            self._faults.add(self.path, self._lines[key], message)

    def _item(self, key: str, pair: Pair) -> Item:
        return Item(self._faults, self.path, self._inside(key), pair.line, pair.value)

    def _inside(self, key: str) -> str:
        return f"{self.where}.{key_shown(key)}" if self.where else key_shown(key)
