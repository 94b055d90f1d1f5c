"""What a client sends, read strictly: what is not understood is refused with its place."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from queue_engine.console_api.json_schema import Schema
from queue_engine.console_api.problems import ProblemError
from queue_engine.console_api.shapes import ID_PATTERN

BODY_S_MAX: Final = 10.0
_INTEGER: Final = re.compile(r"-?\d{1,9}", re.ASCII)


def whole_number(query: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """A number of the query, or its default.

    Raises:
        ProblemError: not a number, or out of bounds.
    """
    text = query.get(name)
    if text is None:
        return default
    if not _INTEGER.fullmatch(text) or not least <= int(text) <= most:
        raise ProblemError("bad_request", f"{name}: expected a number from {least} to {most}")
    return int(text)


def matching(query: Mapping[str, str], name: str, pattern: str, shown: str) -> str | None:
    """A word of the query, or None.

    Raises:
        ProblemError: it is not as expected.
    """
    text = query.get(name)
    if text is not None and not re.fullmatch(pattern, text):
        raise ProblemError("bad_request", f"{name}: expected {shown}")
    return text


def require_known(request: web.Request, *names: str) -> Mapping[str, str]:
    """The query, which has no parameters but these, each once.

    Raises:
        ProblemError: it has.
    """
    found = [name for name, _ in request.query.items()]
    if len(found) != len(set(found)) or not set(found) <= set(names):
        expected = ", ".join(names) or "no parameters"
        raise ProblemError("bad_request", f"query: expected {expected}, each once at most")
    return request.query


def path_id(request: web.Request, name: str) -> str:
    """An id of the path.

    Raises:
        ProblemError: no id looks like that.
    """
    text = request.match_info[name]
    if not re.fullmatch(ID_PATTERN, text):
        raise ProblemError("not_found", f"{name}: letters, digits, `.`, `_` and `-`, 80 at most")
    return text


async def json_body(request: web.Request, schema: Schema) -> dict[str, Any]:
    """The body, which is a JSON object as the schema wants it; an empty body is an empty object.

    Raises:
        ProblemError: it is not, is too large, or does not come.
    """
    try:
        async with asyncio.timeout(BODY_S_MAX):
            data = await request.read()
    except TimeoutError:
        raise ProblemError("bad_request", f"the body has not come in {BODY_S_MAX:g} s") from None
    if data and request.content_type != "application/json":
        raise ProblemError("not_json", "send the header Content-Type: application/json")
    try:
        body = json.loads(data, parse_constant=_no_constant, parse_float=_number) if data else {}
    except (ValueError, RecursionError):
        raise ProblemError("bad_request", "the body is not JSON") from None
    fault = object_fault(schema, body)
    if fault is not None:
        raise ProblemError("bad_body", fault)
    found: dict[str, Any] = body
    return found


def _number(text: str) -> float:
    """As the schemas have it, 200.0 is an integer."""
    number = float(text)
    return int(number) if number.is_integer() else number


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def object_fault(schema: Schema, value: object) -> str | None:
    """What is wrong with a flat JSON object by its schema; None: nothing."""
    if not isinstance(value, dict):
        return "expected an object"
    fields = schema["properties"]
    for name in schema["required"]:
        if name not in value:
            return f"{name}: is missing"
    for name, item in value.items():
        if name not in fields:
            return f"expected no fields but {', '.join(fields) or 'none at all'}"
        fault = _field_fault(fields[name], item)
        if fault is not None:
            return f"{name}: expected {fault}"
    return None


def _field_fault(schema: Schema, value: object) -> str | None:
    if schema["type"] == "number":
        least, most = schema["minimum"], schema["maximum"]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return None if is_number and least <= value <= most else f"{least} to {most}"
    if schema["type"] == "integer":
        least, most = schema["minimum"], schema["maximum"]
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return None if is_whole and least <= value <= most else f"{least} to {most}"
    if schema["type"] == "boolean":
        return None if isinstance(value, bool) else "true or false"
    if not isinstance(value, str):
        return "text"
    if "enum" in schema and value not in schema["enum"]:
        return f"one of {', '.join(schema['enum'])}"
    if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        return f"what matches {schema['pattern']}"
    return None
