"""Types become schemas, and bodies are read by the same ones."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

import jsonschema
import pytest

from queue_engine.console_api.command_routes import schema_of
from queue_engine.console_api.json_schema import Keywords, Schemas
from queue_engine.console_api.json_text import to_json
from queue_engine.console_api.openapi import document
from queue_engine.console_api.reading import object_fault
from routing.vocabulary import Outcome


class Inner(TypedDict):
    """Within."""

    count: Annotated[int, Keywords(minimum=0)]


class Outer(TypedDict):
    """Around."""

    inner: list[Inner]
    outcome: NotRequired[Outcome]
    word: Literal["a", "b"] | None


class Body(TypedDict):
    """What a client sends."""

    word: Annotated[str, Keywords(pattern=r"^[a-z]{1,3}$")]
    choice: NotRequired[Literal["x", "y"]]
    number: NotRequired[Annotated[float, Keywords(minimum=1, maximum=60)]]


def test_a_type_becomes_a_schema_with_its_parts() -> None:
    schemas = Schemas()
    assert schemas.of(Outer) == {"$ref": "#/components/schemas/Outer"}
    outer = schemas.components["Outer"]
    assert outer["required"] == ["inner", "word"]
    assert outer["description"] == "Around."
    assert outer["additionalProperties"] is False
    assert outer["properties"]["outcome"]["enum"] == [outcome.value for outcome in Outcome]
    assert schemas.components["Inner"]["properties"]["count"] == {"type": "integer", "minimum": 0}


def test_a_type_that_has_no_schema_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="has no schema"):
        Schemas().of(dict[str, int])


def test_the_document_is_a_schema_of_schemas() -> None:
    told = document(frozenset({"reload", "speed"}))
    assert told["openapi"] == "3.1.0"
    for schema in told["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    names = [
        operation["operationId"] for item in told["paths"].values() for operation in item.values()
    ]
    assert len(names) == len(set(names))


BODIES: list[Any] = [
    {"word": "ab"},
    {"word": "ab", "choice": "x", "number": 1},
    {"word": "ab", "number": 60.0},
    {},
    {"word": ""},
    {"word": "abcd"},
    {"word": "ab\n"},
    {"word": 1},
    {"word": "ab", "choice": "z"},
    {"word": "ab", "choice": None},
    {"word": "ab", "number": 0.9},
    {"word": "ab", "number": 61},
    {"word": "ab", "number": True},
    {"word": "ab", "number": "1"},
    {"word": "ab", "more": 1},
    [],
    "ab",
    None,
]


@pytest.mark.parametrize("body", BODIES, ids=str)
def test_a_body_is_read_as_its_schema_says(body: Any) -> None:
    schema = schema_of(Body)
    # `$` ends the text in JSON Schema, and a line in Python's `re`.
    is_line_end = isinstance(body, dict) and str(body.get("word")).endswith("\n")
    is_good = jsonschema.Draft202012Validator(schema).is_valid(body) and not is_line_end
    assert (object_fault(schema, body) is None) is is_good


def test_half_a_character_is_sent_as_a_question_mark() -> None:
    assert to_json({"å": "\ud800"}) == '{"å":"?"}'.encode()
