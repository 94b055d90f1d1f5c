"""The section `redis` of `samko.yaml`: one Redis, or sentinels or a cluster that tell which."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from queue_engine.config.addresses import HOST, NAME, PORT_MAX, Address, addresses
from queue_engine.config.problems import Problem
from queue_engine.config.secret import SecretPlace, secret_place
from queue_engine.config.source import Section

DATABASES_MAX: Final = 1_000
REPLICAS_MAX: Final = 10
ADDRESSES_MAX: Final = 20
REDIS_VARIABLE: Final = "SAMKO_REDIS_SECRET"
SENTINEL_VARIABLE: Final = "SAMKO_SENTINEL_SECRET"
_ONE_PLACE: Final = ("host", "port")


@dataclass(frozen=True, slots=True)
class SentinelSettings:
    """Who tells which Redis is the primary."""

    addresses: tuple[Address, ...]
    service: str
    """What they call it."""
    user: str
    secret: SecretPlace | None
    """Of the sentinels' user; None: it has no password."""


@dataclass(frozen=True, slots=True)
class RedisSettings:
    """The Redis that keeps the journal."""

    host: str
    port: int
    database: int
    name: str
    """Of the journal there."""
    user: str
    secret: SecretPlace | None
    """Of the user's password; None: it has none."""
    ca_file: Path | None
    """By which its certificate is checked; None: no TLS."""
    sentinels: SentinelSettings | None = None
    """Instead of `host` and `port`."""
    cluster: tuple[Address, ...] = ()
    """The same: some of a cluster's nodes."""
    replicas: int = 0
    """That must have what is appended before it counts."""
    ca_said_at: Problem | None = field(default=None, compare=False)
    """The place of `ca_file` in the configuration; its message names the key."""


def redis_settings(section: Section) -> RedisSettings:
    """Reads the section."""
    sentinels, cluster = section.may("sentinels"), section.may("cluster")
    if sentinels.is_given and cluster.is_given:
        cluster.fault("expected either sentinels or cluster")
    for item in (sentinels, cluster):
        for key in _ONE_PLACE:
            if item.is_given and section.has(key):
                section.may(key).fault(f"expected either host and port, or {item.where}")
    database = section.may("database")
    number = database.whole(most=DATABASES_MAX)
    if cluster.is_given and number:
        database.fault("expected none: a cluster has but one")
    ca = section.may("ca_file")
    ca_file = ca.text(length_max=1_000)
    return RedisSettings(
        host=section.may("host").matching(HOST, "a host's name or address", "127.0.0.1"),
        port=section.may("port").whole(6379, least=1, most=PORT_MAX),
        database=number,
        name=section.may("name").matching(NAME, "a name such as samko", "samko"),
        user=section.may("user").matching(NAME, "a Redis user's name"),
        secret=_secret(section, REDIS_VARIABLE),
        ca_file=Path(section.path).parent / ca_file if ca_file else None,
        sentinels=_sentinels(sentinels.section()) if sentinels.is_given else None,
        cluster=addresses(cluster, 1, ADDRESSES_MAX) if cluster.is_given else (),
        replicas=section.may("replicas").whole(most=REPLICAS_MAX),
        ca_said_at=Problem(ca.path, ca.line, ca.where) if ca_file else None,
    )


def _sentinels(section: Section) -> SentinelSettings:
    return SentinelSettings(
        addresses=addresses(section.need("addresses"), 1, ADDRESSES_MAX),
        service=section.need("service").matching(NAME, "what the sentinels call the service"),
        user=section.may("user").matching(NAME, "a user's name"),
        secret=_secret(section, SENTINEL_VARIABLE),
    )


def _secret(section: Section, variable: str) -> SecretPlace | None:
    said = any(section.has(key) for key in ("secret_file", "secret_env", "secret"))
    return secret_place(section, variable) if said else None
