"""Where a Redis is, how it is reached, and what its errors mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import NoPermissionError, RedisError
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from queue_engine.core.errors import JournalError
from queue_engine.journal.redis_finding import (
    ASK_S,
    Address,
    Find,
    by_cluster,
    by_sentinels,
    finding,
)

CONNECT_S: Final = 2.0
REPLY_S: Final = 2.0
_PLAIN: Final[dict[str, Any]] = {
    "retry": Retry(NoBackoff(), 0),
    # Each would be a round trip more before anything is asked.
    "driver_info": None,
    "maint_notifications_config": MaintNotificationsConfig(enabled=False),
}


@dataclass(frozen=True, slots=True)
class Sentinels:
    """Who tells which Redis is the primary."""

    addresses: tuple[Address, ...]
    service: str
    """What they call it."""
    user: str = ""
    """Of the sentinels themselves."""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RedisPlace:
    """One Redis, or a Valkey, and the journal's name there.

    With `sentinels` or `cluster` it is whichever has the journal now, and `host` and `port` are not
    looked at.
    """

    host: str = ""
    port: int = 0
    database: int = 0
    name: str = "samko"
    """Begins each key, in braces: a cluster keeps keys of one name on one node."""
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    """By which the server's certificate is checked, and those of sentinels; None: no TLS."""
    sentinels: Sentinels | None = None
    cluster: tuple[Address, ...] = ()
    """Some nodes of a cluster, which tell of the others."""
    replicas: int = 0
    """So many must have what is appended before it counts."""

    def key(self, what: str) -> str:
        """A key of the journal's own."""
        return f"{{{self.name}}}:{what}"

    def __str__(self) -> str:
        return f"{self.name} in Redis {self._where()}"

    def _where(self) -> str:
        if self.sentinels is not None:
            return f"{self.sentinels.service} of sentinels {_told(self.sentinels.addresses)}"
        if self.cluster:
            return f"cluster {_told(self.cluster)}"
        return f"{self.host}:{self.port}"


def _told(addresses: tuple[Address, ...]) -> str:
    return ", ".join(f"{host}:{port}" for host, port in addresses)


def open_redis(place: RedisPlace) -> Redis:
    """A client, not connected yet. What it sends it sends once: nothing is tried again unasked."""
    settings: dict[str, Any] = {
        "db": place.database,
        "username": place.user or None,
        "password": place.password or None,
        "socket_connect_timeout": CONNECT_S,
        "socket_timeout": REPLY_S,
        **_PLAIN,
    }
    find = _find(place)
    if find is None:
        return Redis(host=place.host, port=place.port, **settings, **_tls(place, "ssl"))
    kind = finding(has_tls=place.ca_file is not None)
    return Redis.from_pool(
        ConnectionPool(connection_class=kind, find=find, **settings, **_tls(place))
    )


def _find(place: RedisPlace) -> Find | None:
    """How the Redis is found; None: it is where the place says."""

    def asking(address: Address, user: str, password: str) -> Redis:
        return Redis(
            host=address[0],
            port=address[1],
            username=user or None,
            password=password or None,
            socket_connect_timeout=ASK_S,
            socket_timeout=ASK_S,
            **_PLAIN,
            **_tls(place, "ssl"),
        )

    if (told := place.sentinels) is not None:
        ask = partial(asking, user=told.user, password=told.password)
        return by_sentinels(told.addresses, told.service, ask)
    if place.cluster:
        ask = partial(asking, user=place.user, password=place.password)
        return by_cluster(place.cluster, place.key("journal"), ask)
    return None


def _tls(place: RedisPlace, switch: str = "") -> dict[str, Any]:
    if place.ca_file is None:
        return {}
    return {"ssl_ca_certs": str(place.ca_file), **({switch: True} if switch else {})}


@contextmanager
def translated(place: RedisPlace, doing: str) -> Iterator[None]:
    """Turns what Redis and the network raise into the journal's errors.

    Args:
        doing: what is being tried, for the message: `journal P cannot {doing}: ...`.
    """
    try:
        yield
    except (RedisError, OSError) as exc:
        raise JournalError(f"journal {place} cannot {doing}: {exc}") from exc


def kept_on_disk(place: RedisPlace) -> str:
    """When it has what it was told on disk: `always` (before it answers), `everysec`, `no` (when
    its system thinks fit), `not at all` (it keeps no append-only file), or that this user may not
    ask.

    Raises:
        JournalError: it cannot be reached.
    """
    with translated(place, "say what it keeps on disk"), open_redis(place) as client:
        try:
            said: Any = client.config_get("appendonly", "appendfsync")
        except NoPermissionError:
            # Its own business: the engine's user need not know.
            return "its user may not ask (`CONFIG GET append*` there tells)"
        return str(said["appendfsync"]) if said["appendonly"] == "yes" else "not at all"
