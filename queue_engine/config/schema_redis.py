"""The JSON Schema of the section `redis` of `samko.yaml`."""

from __future__ import annotations

from typing import Any, Final

from queue_engine.config.addresses import HOST, HOST_AND_PORT, NAME, PORT_MAX
from queue_engine.config.redis_file import ADDRESSES_MAX, DATABASES_MAX, REPLICAS_MAX
from queue_engine.config.schema_parts import Schema, list_of, mapping, matching, text, whole
from queue_engine.config.secret import ENVIRONMENT_VARIABLE

_SECRET: Final = {
    "secret_file": text("The file with the password", length_max=1_000),
    "secret_env": matching(ENVIRONMENT_VARIABLE, "The variable with it"),
}
_ONE_SECRET: Final[Schema] = {"not": {"required": ["secret_file", "secret_env"]}}


def redis_schema() -> Schema:
    """Where the journal is, and who tells where."""
    both: list[Any] = [
        ("secret_file", "secret_env"),
        ("sentinels", "cluster"),
        *((many, one) for many in ("sentinels", "cluster") for one in ("host", "port")),
    ]
    return mapping(
        "The Redis that keeps the journal, instead of a file",
        {},
        {
            "host": matching(HOST, "Where it is"),
            "port": whole("Its port", least=1, most=PORT_MAX),
            "sentinels": _sentinels(),
            "cluster": _addresses("Instead of host and port: some nodes of a cluster"),
            "replicas": whole("That must have a record before it counts", most=REPLICAS_MAX),
            "database": whole("Its number", most=DATABASES_MAX),
            "name": matching(NAME, "Of the journal there"),
            "user": matching(NAME, "One of its users"),
            **_SECRET,
            "ca_file": text("Whose certificates are trusted: TLS", length_max=1_000),
        },
        allOf=[{"not": {"required": list(two)}} for two in both],
    )


def _sentinels() -> Schema:
    return mapping(
        "Instead of host and port: who tells which Redis is the primary",
        {
            "addresses": _addresses("Their own"),
            "service": matching(NAME, "What they call it"),
        },
        {"user": matching(NAME, "One of the sentinels' own users"), **_SECRET},
        **_ONE_SECRET,
    )


def _addresses(description: str) -> Schema:
    each = matching(HOST_AND_PORT, "Such as redis1.example:6379")
    return list_of(each, description, least=1, most=ADDRESSES_MAX)
