"""The OpenAPI 3.1 document: the routes as a table, their shapes from the types that are sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from queue_engine.console_api import explain_shapes, gateway_shapes, shapes
from queue_engine.console_api.idempotency import KEY_PATTERN
from queue_engine.console_api.json_schema import Schema, Schemas
from queue_engine.console_api.problems import PROBLEM_TYPE
from queue_engine.core.contact import ContactState

VERSION: Final = "1.0.0"

_REGION: Final[Schema] = {
    "name": "region",
    "in": "query",
    "description": "Only this region: a county's two digits, or `unknown`.",
    "schema": {"type": "string", "pattern": shapes.REGION_PATTERN},
}
_FROM_DAY: Final[Schema] = {
    "name": "from",
    "in": "query",
    "description": "The first day, as in 2026-11-01; left out: the first that is kept.",
    "schema": {"type": "string", "format": "date"},
}
_TO_DAY: Final[Schema] = {
    "name": "to",
    "in": "query",
    "description": "The last day; left out: today.",
    "schema": {"type": "string", "format": "date"},
}
_LIMIT: Final[Schema] = {
    "name": "limit",
    "in": "query",
    "schema": {
        "type": "integer",
        "minimum": 1,
        "maximum": shapes.QUEUE_LIMIT_MAX,
        "default": shapes.QUEUE_LIMIT,
    },
}
_OFFSET: Final[Schema] = {
    "name": "offset",
    "in": "query",
    "schema": {
        "type": "integer",
        "minimum": 0,
        "maximum": shapes.QUEUE_OFFSET_MAX,
        "default": 0,
    },
}
_STATE: Final[Schema] = {
    "name": "state",
    "in": "query",
    "description": "Left out: those who wait or ring.",
    "schema": {"type": "string", "enum": [state.value for state in ContactState]},
}
_KEY: Final[Schema] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same body is carried out once and answered alike.",
    "schema": {"type": "string", "pattern": KEY_PATTERN},
}


def _path(name: str) -> Schema:
    schema = {"type": "string", "pattern": shapes.ID_PATTERN}
    return {"name": name, "in": "path", "required": True, "schema": schema}


@dataclass(frozen=True, slots=True)
class Operation:
    """One route, as the document tells of it.

    Args:
        handler: the name by which the API finds what serves it.
        problems: HTTP statuses that it may answer with besides those of every route.
    """

    method: str
    path: str
    handler: str
    summary: str
    answer: Any
    body: Any = None
    is_body_needed: bool = False
    parameters: tuple[Schema, ...] = ()
    problems: tuple[int, ...] = ()
    is_open: bool = False
    needs: str = ""
    """There only when the API was given this port."""


_AGENT: Final = "/api/v1/agents/{agent_id}"
_OF_AGENT: Final = (_path("agent_id"), _KEY)
_REFUSALS: Final = (404, 409, 415, 413, 422, 503)

OPERATIONS: Final = (
    Operation(
        "GET",
        "/api/v1/regions",
        "regions",
        "The nation and its regions",
        shapes.Regions,
        problems=(503,),
    ),
    Operation(
        "GET",
        "/api/v1/queue",
        "queue",
        "Contacts in the national order",
        shapes.Queue,
        parameters=(_LIMIT, _OFFSET, _REGION, _STATE),
        problems=(503,),
    ),
    Operation(
        "GET",
        "/api/v1/texts",
        "texts",
        "Text messages that are not sent yet, or were given up",
        shapes.Texts,
        problems=(503,),
    ),
    Operation(
        "GET",
        "/api/v1/agents",
        "agents",
        "The agents at work",
        shapes.Agents,
        parameters=(_REGION,),
        problems=(503,),
    ),
    Operation(
        "GET",
        "/api/v1/seats",
        "seats",
        "The places at which somebody may sign on from a page",
        shapes.Seats,
        parameters=(_REGION,),
        problems=(503,),
    ),
    Operation(
        "GET",
        "/api/v1/contacts/{contact_id}",
        "contact",
        "One contact with its timeline; ended ones for some time",
        shapes.Contact,
        parameters=(_path("contact_id"),),
        problems=(404, 503),
    ),
    Operation(
        "GET",
        "/api/v1/contacts/{contact_id}/explain",
        "explain",
        "One contact's story, each offer with why it was made and what kept the others",
        explain_shapes.Explanation,
        parameters=(_path("contact_id"),),
        problems=(404, 410, 503),
    ),
    Operation(
        "GET",
        "/api/v1/ledger",
        "ledger",
        "What regions have done for each other, of the last two months",
        shapes.Ledger,
        parameters=(_FROM_DAY, _TO_DAY, _REGION),
        needs="past",
    ),
    Operation(
        "POST",
        f"{_AGENT}/sign-on",
        "sign_on",
        "She is at work, not ready yet",
        shapes.AgentAnswer,
        shapes.SignOn,
        parameters=_OF_AGENT,
        problems=_REFUSALS,
    ),
    Operation(
        "POST",
        f"{_AGENT}/sign-off",
        "sign_off",
        "She goes home, now or when what she has is over",
        shapes.AgentAnswer,
        shapes.Nothing,
        parameters=_OF_AGENT,
        problems=_REFUSALS,
    ),
    Operation(
        "POST",
        f"{_AGENT}/ready",
        "set_ready",
        "She can be offered contacts; a wrap-up that she has is over",
        shapes.AgentAnswer,
        shapes.Nothing,
        parameters=_OF_AGENT,
        problems=_REFUSALS,
    ),
    Operation(
        "POST",
        f"{_AGENT}/not-ready",
        "set_not_ready",
        "She is not to be offered contacts, from now or after the one she has",
        shapes.AgentAnswer,
        shapes.NotReady,
        is_body_needed=True,
        parameters=_OF_AGENT,
        problems=_REFUSALS,
    ),
    Operation(
        "POST",
        f"{_AGENT}/wrap-up/end",
        "end_wrap_up",
        "She is done with the work after a contact",
        shapes.AgentAnswer,
        shapes.EndWrapUp,
        parameters=_OF_AGENT,
        problems=_REFUSALS,
    ),
    Operation(
        "PUT",
        "/api/v1/regions/{region}/lending",
        "set_lending",
        "Cuts a region's lending to tiers 0 and 1, or gives it back",
        shapes.LendingAnswer,
        shapes.LendingSetting,
        is_body_needed=True,
        parameters=(_path("region"), _KEY),
        problems=_REFUSALS,
    ),
    Operation(
        "PUT",
        "/api/v1/gateways/{gateway_id}/seats",
        "set_gateway_seats",
        "Says how many callers a contact centre elsewhere takes at once",
        gateway_shapes.GatewaySeatsAnswer,
        gateway_shapes.GatewaySeatsSetting,
        is_body_needed=True,
        parameters=(_path("gateway_id"), _KEY),
        problems=_REFUSALS,
    ),
    Operation(
        "POST",
        "/api/v1/configuration/reload",
        "reload",
        "Reads the configuration anew and puts it in force, or changes nothing",
        shapes.Reloaded,
        shapes.Nothing,
        parameters=(_KEY,),
        problems=(413, 415, 422, 503),
        needs="reload",
    ),
    Operation(
        "GET",
        "/api/v1/demo/speed",
        "get_speed",
        "How fast the demonstration's time goes",
        shapes.SpeedSetting,
        needs="speed",
    ),
    Operation(
        "PUT",
        "/api/v1/demo/speed",
        "put_speed",
        "Lets the demonstration's time go faster or slower",
        shapes.SpeedSetting,
        shapes.SpeedSetting,
        is_body_needed=True,
        problems=(413, 415, 422),
        needs="speed",
    ),
    Operation(
        "GET", "/readyz", "ready", "Whether callers are served", shapes.Readiness, problems=(503,)
    ),
    Operation(
        "GET", "/healthz", "health", "Whether the process answers", shapes.Health, is_open=True
    ),
    Operation("GET", "/metrics", "metrics", "Metrics in Prometheus's text format", None),
    Operation("GET", "/api/v1/openapi.json", "openapi", "This document", None),
)

_INTRODUCTION: Final = """\
What people and programs see of the national queue and may ask of it.

Everything but `/healthz` needs the token: `Authorization: Bearer TOKEN`. Errors are problem details
(RFC 9457) with a `code` for programs. Moments are milliseconds since 1970 in engine time.

`/api/v1/live` is a WebSocket (subprotocol `samko.v1`). Say `{"token": "..."}` first, then
`{"subscribe": ["regions", "queue", "queue:14", "agents", "agents:14", "contact:ID", "texts"]}`;
values come as `{"topic", "at_ms", "data"}`, whole, in the shape of the route of the same name, at
most twice a second. `/api/v1/phone/caller` and `/api/v1/phone/agent/{phone_id}` are WebSockets as
well, where there is an embedded telephone network.
"""


def document(ports: frozenset[str]) -> Schema:
    """The document of an API that was given these optional ports."""
    schemas = Schemas()
    problem = schemas.of(shapes.Problem)
    paths: dict[str, Schema] = {}
    for operation in OPERATIONS:
        if operation.needs and operation.needs not in ports:
            continue
        item = paths.setdefault(operation.path, {})
        item[operation.method.lower()] = _operation(operation, schemas, problem)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Samkö", "version": VERSION, "description": _INTRODUCTION},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.components.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operation(operation: Operation, schemas: Schemas, problem: Schema) -> Schema:
    statuses = [400, *operation.problems] if operation.is_open else [400, 401, *operation.problems]
    told: Schema = {
        "operationId": operation.handler,
        "summary": operation.summary,
        "responses": {
            "200": _success(operation, schemas),
            **{str(status): _problem(status, problem) for status in sorted(statuses)},
        },
    }
    if operation.is_open:
        told["security"] = []
    if operation.parameters:
        told["parameters"] = list(operation.parameters)
    if operation.body is not None:
        told["requestBody"] = {
            "required": operation.is_body_needed,
            "content": {"application/json": {"schema": schemas.of(operation.body)}},
        }
    return told


def _problem(status: int, problem: Schema) -> Schema:
    content: Schema = {PROBLEM_TYPE: {"schema": problem}}
    if status != 400:
        return {"description": "A problem.", "content": content}
    content["text/plain"] = {"schema": {"type": "string"}}
    said = "A problem; in plain text if it is no HTTP, or has a line of over 8,190 bytes."
    return {"description": said, "content": content}


def _success(operation: Operation, schemas: Schemas) -> Schema:
    if operation.handler == "metrics":
        content: Schema = {"text/plain": {"schema": {"type": "string"}}}
    elif operation.handler == "openapi":
        content = {"application/json": {"schema": {"type": "object"}}}
    else:
        content = {"application/json": {"schema": schemas.of(operation.answer)}}
    return {"description": operation.summary + ".", "content": content}
