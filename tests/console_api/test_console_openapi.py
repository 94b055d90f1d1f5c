"""The document is true to the code: whatever it allows is served so, and nothing breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from tests.console_api.live_server import live_server

SHORT: Final = 4
"""Cases of each kind for each route."""
SOAK: Final = 10_000
"""Cases in all."""
DEADLINE_S: Final = 10.0
IDS: Final = ("n22-1", "n22-2", "n23-1", "n23-9", "c1", "c2", "c3")

Server = tuple[str, dict[str, str]]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with live_server() as found:
        yield found


def _operations(server: Server) -> list[Any]:
    url, headers = server
    answer = requests.get(f"{url}/api/v1/openapi.json", headers=headers, timeout=DEADLINE_S)
    document = answer.json()
    # What needs the token is tested by itself: here every request shows it, whatever it says else.
    del document["security"]
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=url)
    found: Any = schema.get_all_operations()
    return [one.ok() for one in found]


def _run(server: Server, operations: list[Any], cases_each: int) -> int:
    """Calls every route with requests, good and bad; how many there were."""
    _, headers = server
    number = count(1)

    def call(case: Any) -> None:
        mine = next(number)
        if case.meta.generation.mode is GenerationMode.POSITIVE:
            # Made-up keys repeat themselves, with other bodies: that is for a test of its own.
            if "Idempotency-Key" in case.headers:
                case.headers["Idempotency-Key"] = f"case-{mine}"
            # That a period ends after it begins is beyond a schema's words.
            if {"from", "to"} <= set(case.query):
                case.query["from"], case.query["to"] = sorted(
                    (case.query["from"], case.query["to"])
                )
            # A made-up id is nobody's: half of them are somebody's, to see more than 404.
            for name in case.path_parameters if mine % 2 else ():
                case.path_parameters[name] = IDS[mine // 2 % len(IDS)]
        case.call_and_validate(headers=headers, timeout=DEADLINE_S)

    for operation in operations:
        said = operation.definition.raw
        takes_something = "parameters" in said or "requestBody" in said
        for mode in GenerationMode if takes_something else (GenerationMode.POSITIVE,):
            run: Any = settings(
                max_examples=cases_each,
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            )
            strategy = operation.as_strategy(generation_mode=mode)
            made_up: Any = given(strategy)
            run(made_up(call))()
    return next(number) - 1


def test_every_route_keeps_to_the_document(server: Server) -> None:
    operations = _operations(server)
    assert len(operations) == 22
    assert _run(server, operations, SHORT) > 100


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_ten_thousand_requests_break_nothing(server: Server) -> None:
    operations = _operations(server)
    assert _run(server, operations, SOAK // len(operations)) >= SOAK
