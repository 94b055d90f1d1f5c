"""Bytes to a tree of YAML values that know their lines; nothing is interpreted.

House rules: this is the part of YAML that a configuration needs. One document of mappings, lists
and scalars; no anchors, aliases or tags, so that nothing can be bigger than it looks and no value
has two places. A scalar stays the text it was: `08`, `no` and `7:30` mean what the reader of the
value says. Size, depth and count are bounded, so hostile input costs a second or two at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import yaml

from queue_engine.config.wording import quoted

BYTES_MAX: Final = 1024 * 1024
DEPTH_MAX: Final = 20
VALUES_MAX: Final = 50_000

_NULLS: Final = ("null", "~")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class YamlFault(Exception):
    """The text is not YAML that can be used; nothing after `line` was read."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(slots=True)
class Scalar:
    """A text, number or word; `is_plain` tells whether it stood without quotes."""

    line: int
    text: str
    is_plain: bool

    @property
    def is_null(self) -> bool:
        """Whether it says in so many words that there is no value."""
        return self.is_plain and self.text in _NULLS

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands where a value should."""
        return self.is_plain and not self.text


@dataclass(slots=True)
class Sequence:
    """A list."""

    line: int
    entries: list[Value] = field(default_factory=list)


@dataclass(slots=True)
class Pair:
    """A key with its value; a key given again is kept aside in `again`."""

    line: int
    value: Value
    again: list[int] = field(default_factory=list)
    """The lines on which the key is given once more; the first value counts."""


@dataclass(slots=True)
class Mapping:
    """Keys and values in the order of the file."""

    line: int
    pairs: dict[str, Pair] = field(default_factory=dict)


Value = Scalar | Sequence | Mapping


def read_tree(data: bytes) -> Value:
    """Reads one YAML document.

    Raises:
        YamlFault: it is not YAML, or not the part of it that is used here.
    """
    if len(data) > BYTES_MAX:
        raise YamlFault(1, f"the file is larger than {BYTES_MAX // 1024} KiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        raise YamlFault(
            line, f"not UTF-8 text (byte 0x{data[exc.start]:02x}); save the file as UTF-8"
        ) from exc
    try:
        return _Composer(yaml.parse(text, Loader=yaml.SafeLoader)).compose()
    except yaml.reader.ReaderError as exc:
        line = text.count("\n", 0, exc.position) + 1
        raise YamlFault(
            line, f"not a text file (control character 0x{ord(text[exc.position]):02x})"
        ) from exc
    except yaml.MarkedYAMLError as exc:
        raise _fault_of(exc, text) from exc
    except (ValueError, OverflowError) as exc:
        # PyYAML's scanner lets these through for escapes such as "\UFFFFFFFF".
        raise YamlFault(1, "not valid YAML: an escape or number is out of range") from exc


def _fault_of(exc: yaml.MarkedYAMLError, text: str) -> YamlFault:
    """What a person has to mend, in our words where PyYAML's are hard to read."""
    problem = exc.problem or "cannot be understood"
    mark, opening = exc.problem_mark or exc.context_mark, exc.context_mark or exc.problem_mark
    index, line = (mark.index, mark.line + 1) if mark is not None else (0, 1)
    opened = opening.line + 1 if opening is not None else line
    context = exc.context or ""
    if "quoted scalar" in context and "unexpected" in problem:
        line, says = opened, "a quote is opened here and never closed"
    elif "flow sequence" in context:
        line, says = opened, f'"[" is opened here; expected "," or "]" by line {line}'
    elif "flow mapping" in context:
        line, says = opened, f'"{{" is opened here; expected "," or "}}" by line {line}'
    elif "flow node" in context and "stream end" in problem:
        says = 'the file ends before what was opened with "[" or "{" is closed'
    elif text[index : index + 1] == "\t" and "cannot start" in problem:
        says = "a tab stands where only spaces may; use spaces"
    elif "simple key" in context:
        line, says = opened, 'expected ":" after this key'
    elif "mapping values are not allowed" in problem:
        says = 'a ":" that does not fit here; check the indentation, or quote the text'
    elif "block" in context and "block end" in problem:
        says = "the indentation does not fit the lines above"
    else:
        says = problem
    return YamlFault(line, f"not valid YAML: {says}")


def _line_of(event: yaml.Event) -> int:
    assert event.start_mark is not None, "a parser's events have marks"
    return event.start_mark.line + 1


class _Composer:
    """Builds the tree from parser events, which are produced only as far as they are asked for."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._values = 0

    def compose(self) -> Value:
        """The document's value; an empty scalar for an empty file."""
        root: Value | None = None
        for event in self._events:
            if isinstance(event, yaml.NodeEvent):
                if root is not None:
                    raise YamlFault(
                        _line_of(event),
                        'expected one document, found another after "---"',
                    )
                root = self._value(event, 0)
        return root if root is not None else Scalar(1, "", is_plain=True)

    def _value(self, event: yaml.Event, depth: int) -> Value:
        line = _line_of(event)
        self._values += 1
        if self._values > VALUES_MAX:
            raise YamlFault(line, f"more than {VALUES_MAX} values in one file")
        if depth > DEPTH_MAX:
            raise YamlFault(line, f"nested more than {DEPTH_MAX} deep")
        assert isinstance(event, yaml.NodeEvent), "the parser promises a value here"
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise YamlFault(line, 'anchors and aliases ("&", "*") are not used; write the value')
        assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        if event.tag not in (None, "!"):
            raise YamlFault(line, f'tags ("!") are not used, found {quoted(str(event.tag))}')
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, line)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(line, depth)
        return self._mapping(line, depth)

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> Scalar:
        if _SURROGATE.search(event.value):
            raise YamlFault(line, "half of a character pair is not text; write the character")
        return Scalar(line, event.value, is_plain=event.style is None)

    def _sequence(self, line: int, depth: int) -> Sequence:
        sequence = Sequence(line)
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            sequence.entries.append(self._value(event, depth + 1))
        return sequence

    def _mapping(self, line: int, depth: int) -> Mapping:
        mapping = Mapping(line)
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._value(event, depth + 1)
            if not isinstance(key, Scalar):
                raise YamlFault(key.line, "a key must be a word or number, not a list or mapping")
            value = self._value(next(self._events), depth + 1)
            if key.text in mapping.pairs:
                mapping.pairs[key.text].again.append(key.line)
            else:
                mapping.pairs[key.text] = Pair(key.line, value)
        return mapping
