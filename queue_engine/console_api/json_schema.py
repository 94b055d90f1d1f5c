"""JSON Schema (2020-12) of the types in `shapes`, so that the document cannot differ from the code.

Knows str, int, float, bool, None, literals, string enums, lists, unions, `Annotated` with
`Keywords`, and typed dictionaries of these, which become references. Anything else is a mistake.
"""

from __future__ import annotations

import types
from enum import Enum
from inspect import getdoc
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

Schema = dict[str, Any]

_PLAIN: Final[dict[object, Schema]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
}


class Keywords:
    """Says more of a type, in an annotation: `Annotated[int, Keywords(minimum=0)]`."""

    def __init__(self, **words: object) -> None:
        self.words = words


class Schemas:
    """Collects the schemas of all shapes that are asked for, and of those within them."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}

    def of(self, hint: Any) -> Schema:
        """The schema of a type; of a typed dictionary, a reference to its component."""
        origin, args = get_origin(hint), get_args(hint)
        if origin is NotRequired:
            return self.of(args[0])
        if origin is Annotated:
            return _with_keywords(self.of(args[0]), hint.__metadata__)
        if hint in _PLAIN:
            return dict(_PLAIN[hint])
        if is_typeddict(hint):
            return self._reference(hint)
        if origin is Literal:
            return _enumeration(list(args))
        if origin is list:
            return {"type": "array", "items": self.of(args[0])}
        if origin in (Union, types.UnionType):
            return {"anyOf": [self.of(arg) for arg in args]}
        if isinstance(hint, type) and issubclass(hint, Enum):
            return _enumeration([member.value for member in hint])
        raise TypeError(f"{hint!r} has no schema")

    def _reference(self, shape: Any) -> Schema:
        name = shape.__name__
        if name not in self.components:
            self.components[name] = {}  # holds the place, should a shape hold its own kind
            self.components[name] = self._object(shape)
        return {"$ref": f"#/components/schemas/{name}"}

    def _object(self, shape: Any) -> Schema:
        hints = get_type_hints(shape, include_extras=True)
        return {
            "type": "object",
            "description": getdoc(shape) or "",
            "properties": {name: self.of(hint) for name, hint in hints.items()},
            # Not from `__required_keys__`, which cannot see into annotations kept as text.
            "required": [name for name, hint in hints.items() if not _may_be_left_out(hint)],
            "additionalProperties": False,
        }


def _may_be_left_out(hint: Any) -> bool:
    return get_origin(hint) is NotRequired


def _with_keywords(schema: Schema, said: tuple[Keywords, ...]) -> Schema:
    for keywords in said:  # what stands outside is said last
        schema = {**schema, **keywords.words}
    return schema


def _enumeration(values: list[Any]) -> Schema:
    kinds = {type(value) for value in values}
    kind = "boolean" if kinds == {bool} else "string"
    return {"type": kind, "enum": values}
