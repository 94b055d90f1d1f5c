"""Pieces of a JSON Schema, one for each accessor of `source`.

House rules: a schema speaks of YAML as an editor reads it, where `"08"` and `8` differ; the loader
forgives more. Patterns are those of the readers, written so that JavaScript reads them too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from queue_engine.config.region_file import REGION_CODE
from queue_engine.config.source import DURATION, IDENTIFIER

Schema = dict[str, Any]

_CLASSES: Final = {r"\d": "0-9", r"\w": "A-Za-z0-9_"}


def text(description: str, *, length_max: int = 200) -> Schema:
    """One line that is not empty."""
    pattern = re.compile(rf"[^\x00-\x1f\x7f]{{1,{length_max}}}")
    return {"type": "string", "pattern": portable(pattern), "description": description}


def matching(pattern: re.Pattern[str], description: str) -> Schema:
    """A text that the pattern matches in full."""
    return {"type": "string", "pattern": portable(pattern), "description": description}


def name(description: str) -> Schema:
    """A name such as `north`."""
    return matching(IDENTIFIER, description)


def region_code(description: str) -> Schema:
    """A county's two digits, in quotes."""
    return matching(REGION_CODE, description)


def time(description: str) -> Schema:
    """A time with its unit."""
    return {**matching(DURATION, description), "examples": ["30 s", "3 min", "2 h"]}


def whole(description: str, *, least: int = 0, most: int) -> Schema:
    """A whole number, without quotes."""
    return {"type": "integer", "minimum": least, "maximum": most, "description": description}


def flag(description: str) -> Schema:
    """`true` or `false`."""
    return {"type": "boolean", "description": description}


def choice(words: Iterable[str], description: str) -> Schema:
    """One of some words."""
    return {"enum": [str(word) for word in words], "description": description}


def list_of(entry: Schema, description: str, *, least: int = 0, most: int | None = None) -> Schema:
    """A list."""
    schema: Schema = {"type": "array", "items": entry, "description": description}
    if least:
        schema["minItems"] = least
    if most is not None:
        schema["maxItems"] = most
    return schema


def mapping(
    description: str,
    needs: Mapping[str, Schema],
    may: Mapping[str, Schema] | None = None,
    **more: Any,
) -> Schema:
    """Keys that must and keys that may be there, and no others."""
    schema: Schema = {
        "type": "object",
        "description": description,
        "properties": {**needs, **(may or {})},
        "additionalProperties": False,
    }
    if needs:
        schema["required"] = list(needs)
    return {**schema, **more}


def named(
    entry: Schema,
    description: str,
    *,
    keys: Schema | None = None,
    least: int = 0,
    most: int | None = None,
) -> Schema:
    """A mapping whose keys are names that somebody gives."""
    schema: Schema = {
        "type": "object",
        "description": description,
        "propertyNames": keys or {"pattern": portable(IDENTIFIER)},
        "additionalProperties": entry,
    }
    if least:
        schema["minProperties"] = least
    if most is not None:
        schema["maxProperties"] = most
    return schema


def either(description: str, *kinds: Schema) -> Schema:
    """One of several kinds of value."""
    return {"description": description, "anyOf": list(kinds)}


def portable(pattern: re.Pattern[str]) -> str:
    """The pattern, of the whole text, as ECMA 262 reads it: its `\\d` and `\\w` are ASCII alone."""
    is_in_set, found = False, ""
    for token in re.findall(r"\\.|.", pattern.pattern):
        is_in_set = (is_in_set or token == "[") and token != "]"
        members = _CLASSES.get(token)
        found += token if members is None else members if is_in_set else f"[{members}]"
    return f"^(?:{found})$"
