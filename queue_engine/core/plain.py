"""Frozen data as plain JSON values and back, by their type hints.

For what is kept: commands, events, the policy, snapshots. Knows str, int, bool, None, enums,
tuples, dicts with string keys, unions with None, and dataclasses and named tuples of these; a
union of dataclasses is written with its class name. Anything else is a mistake found at first use.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from enum import Enum
from operator import attrgetter
from typing import Any, Final, NewType, Union, get_args, get_origin, get_type_hints

from queue_engine.core.errors import BadInput

Reader = Callable[[Any], Any]

_fields: dict[type, list[tuple[str, Any]]] = {}
_writers: dict[type, Callable[[Any], Any]] = {}
_readers: dict[type, Callable[[dict[str, Any]], Any]] = {}
_whole_readers: dict[Any, Reader] = {}
_SCALARS: Final = (str, int, bool, type(None))


def to_plain(value: Any) -> Any:
    """The value as JSON types; a dataclass becomes a dict of its fields."""
    kind = type(value)
    write = _writers.get(kind)
    if write is None:
        write = _writers[kind] = _writer(kind)
    return write(value)


def from_plain(kind: type[Any], value: Any) -> Any:
    """The value that `to_plain` wrote, as `kind` again.

    A field that is missing takes its default, so that older journals stay readable.

    Raises:
        BadInput: the value does not fit, with the field's name.
    """
    reader = _whole_readers.get(kind)
    if reader is None:
        reader = _whole_readers[kind] = _reader(kind)
    return reader(value)


def _writer(kind: type) -> Callable[[Any], Any]:
    if kind in _SCALARS:
        return lambda value: value
    if kind in (tuple, list):
        return lambda value: [to_plain(item) for item in value]
    if kind is dict:
        return lambda value: {key: to_plain(item) for key, item in value.items()}
    if issubclass(kind, Enum):
        return attrgetter("value")
    return _fields_writer(kind)


def _fields_writer(kind: type) -> Callable[[Any], Any]:
    """Written out, field by field: every record and every row of a snapshot goes through it."""
    fields = [
        f"{name!r}: value.{name}" if _is_scalar(hint) else f"{name!r}: to_plain(value.{name})"
        for name, hint in _fields_of(kind)
    ]
    known: dict[str, Any] = {"to_plain": to_plain}
    exec(f"def write(value):\n    return {{{', '.join(fields)}}}", known)
    write: Callable[[Any], Any] = known["write"]
    return write


def _is_scalar(hint: Any) -> bool:
    """Whether such a value is plain as it is."""
    return all(kind in _SCALARS for kind in _scalars_of(hint))


def _scalars_of(hint: Any) -> tuple[Any, ...]:
    """What such a value is, of new types and unions as well."""
    if isinstance(hint, NewType):
        return _scalars_of(hint.__supertype__)
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(kind for each in get_args(hint) for kind in _scalars_of(each))
    return (hint,)


def _fields_of(kind: type) -> list[tuple[str, Any]]:
    found = _fields.get(kind)
    if found is None:
        names, hints = _names_of(kind), get_type_hints(kind)
        found = _fields[kind] = [(name, hints[name]) for name in names]
    return found


def _names_of(kind: type[Any]) -> list[str]:
    if _is_named_tuple(kind):
        return list(kind._fields)
    if dataclasses.is_dataclass(kind):
        return [field.name for field in dataclasses.fields(kind) if field.init]
    raise TypeError(f"{kind.__name__} cannot be written as plain data")


def _is_named_tuple(kind: type) -> bool:
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


def _reader(hint: Any) -> Reader:
    if isinstance(hint, NewType):
        return _reader(hint.__supertype__)
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _optional_reader([arg for arg in get_args(hint) if arg is not type(None)])
    if origin is tuple and get_args(hint)[-1] is not Ellipsis:
        return _fixed_reader([_reader(arg) for arg in get_args(hint)])
    if origin in (tuple, list):
        return _sequence_reader(origin, _reader(get_args(hint)[0]))
    if origin is dict:
        return _dict_reader(_reader(get_args(hint)[0]), _reader(get_args(hint)[1]))
    if hint in (str, int, bool):
        return _scalar_reader(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enum_reader(hint)
    if isinstance(hint, type) and (dataclasses.is_dataclass(hint) or _is_named_tuple(hint)):
        return _dataclass_reader(hint)
    raise TypeError(f"{hint!r} cannot be read from plain data")


def _scalar_reader(kind: type) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise BadInput(f"expected {kind.__name__}, found {value!r:.80}")
        return value

    return read


def _enum_reader(kind: type[Enum]) -> Reader:
    members = {member.value: member for member in kind}

    def read(value: Any) -> Any:
        try:
            return members[value]
        except (KeyError, TypeError):
            raise BadInput(f"expected one of {sorted(members)}, found {value!r:.80}") from None

    return read


def _optional_reader(args: list[Any]) -> Reader:
    if len(args) != 1:
        raise TypeError(f"a union of {args!r} cannot be read from plain data")
    inner = _reader(args[0])
    return lambda value: None if value is None else inner(value)


def _sequence_reader(origin: type, inner: Reader) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, list):
            raise BadInput(f"expected a list, found {value!r:.80}")
        return origin(inner(item) for item in value)

    return read


def _fixed_reader(inner: list[Reader]) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, list) or len(value) != len(inner):
            raise BadInput(f"expected a list of {len(inner)}, found {value!r:.80}")
        return tuple(reader(item) for reader, item in zip(inner, value, strict=True))

    return read


def _dict_reader(key_reader: Reader, inner: Reader) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise BadInput(f"expected a mapping, found {value!r:.80}")
        return {key_reader(key): inner(item) for key, item in value.items()}

    return read


def _dataclass_reader(kind: type[Any]) -> Reader:
    # Looked up when called, so that a class may hold its own kind.
    def read(value: Any) -> Any:
        found = _readers.get(kind)
        if found is None:
            found = _readers[kind] = _make_dataclass_reader(kind)
        return found(value)

    return read


def _make_dataclass_reader(kind: type[Any]) -> Callable[[dict[str, Any]], Any]:
    """Written out, field by field, for what says all its fields and each as it should be."""
    fields = _fields_of(kind)
    known: dict[str, Any] = {"kind": kind, "patient": _patient_reader(kind), "BadInput": BadInput}
    # Of one without fields the length alone would let an empty list pass for it.
    gets, tests, gives = [], [f"len(value) == {len(fields)}" if fields else "value == {}"], []
    for place, (name, hint) in enumerate(fields):
        gets.append(f"v{place} = value[{name!r}]")
        if _is_scalar(hint):
            known[f"kinds{place}"] = _scalars_of(hint)
            tests.append(f"type(v{place}) in kinds{place}")
            gives.append(f"{name}=v{place}")
        else:
            known[f"read{place}"] = _reader(hint)
            gives.append(f"{name}=read{place}(v{place})")
    lines = [
        "def read(value):",
        "    try:",
        *(f"        {get}" for get in gets),
        f"        if {' and '.join(tests)}:",
        f"            return kind({', '.join(gives)})",
        "    except (BadInput, KeyError, TypeError):",
        "        pass",
        "    return patient(value)",
    ]
    exec("\n".join(lines), known)
    read: Callable[[dict[str, Any]], Any] = known["read"]
    return read


def _patient_reader(kind: type[Any]) -> Callable[[dict[str, Any]], Any]:
    """For what leaves fields out, and to say what is wrong, and where."""
    readers = {name: _reader(hint) for name, hint in _fields_of(kind)}

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise BadInput(f"{kind.__name__}: expected a mapping, found {value!r:.80}")
        given = {}
        for name, item in value.items():
            reader = readers.get(name)
            if reader is None:
                raise BadInput(f"{kind.__name__}: has no field {name!r}")
            try:
                given[name] = reader(item)
            except BadInput as fault:
                raise BadInput(f"{kind.__name__}.{name}: {fault}") from None
        try:
            return kind(**given)
        except TypeError as fault:
            raise BadInput(f"{kind.__name__}: {fault}") from None

    return read
