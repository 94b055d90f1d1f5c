"""Frozen data classes that are quick to make: commands, events, records.

A frozen dataclass looks up each of its fields by name, once more for every object that is made.
Here the initialiser calls the setters of the slots themselves, which takes less than half as
long; a call of the engine is made of dozens of such fields. In all else they are dataclasses.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar, dataclass_transform

_Made = TypeVar("_Made")


@dataclass_transform(frozen_default=True)
def message(kind: type[_Made]) -> type[_Made]:
    """`@dataclass(frozen=True, slots=True)`, for plain fields with plain defaults."""
    made: Any = dataclass(frozen=True, slots=True)(kind)
    names: dict[str, Any] = {}
    params, lines = ["self"], []
    for field in fields(made):
        assert field.default_factory is MISSING, f"{kind.__name__}.{field.name}"
        names[f"_set_{field.name}"] = made.__dict__[field.name].__set__
        names[f"_default_{field.name}"] = field.default
        has_default = field.default is not MISSING
        params.append(f"{field.name}=_default_{field.name}" if has_default else field.name)
        lines.append(f"    _set_{field.name}(self, {field.name})")
    source = f"def __init__({', '.join(params)}) -> None:\n" + "\n".join([*lines, "    return"])
    exec(source, names)
    initialise = names["__init__"]
    initialise.__qualname__ = f"{kind.__qualname__}.__init__"
    made.__init__ = initialise
    found: type[_Made] = made
    return found
